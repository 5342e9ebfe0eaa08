"""A small HealthBridge whose backends and sources are scripted, as a catalog text to be varied and read."""

from contextlib import AbstractAsyncContextManager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel

from bot.catalog import Catalog, load
from bot.plugins import BackendKind, Source, SourceKind, Surroundings, introduced
from bot.ports import Backend
from bot.stepkind import StepKind

EXAMPLE = """
organisation: HealthBridge
teams:
  developers: { usergroup: developers }
  qa: { usergroup: qa }
  production-team: { usergroup: production-team }
  on-call: { usergroup: on-call }
channels: { deployments: deployments, approvals: approvals }
policies:
  two-of-production: { approvals: 2, from: [production-team], expires: 4h }
services:
  frontend:
    after: [backend]
    source: { kind: scripted }
    build: { run: [build], output: dist }
  backend:
    source: { kind: scripted }
    build: { run: [build], output: dist }
environments:
  development:
    branch: develop
    deployers: [developers]
    targets:
      backend: { backend: { kind: scripted }, steps: [build, apply] }
  staging:
    branch: develop
    deployers: [developers, qa]
    on_failure: ask
    targets:
      backend:
        backend: { kind: scripted }
        steps:
          - build
          - apply: { within: 10s }
          - verify: { http: "http://backend.staging/health", within: 5s }
          - bake: { http: "http://backend.staging/health", for: 3s }
      frontend:
        backend: { kind: scripted }
        steps: [build, apply: { within: 10s }, verify: { http: "http://frontend.staging/", within: 5s }]
  production:
    branch: main
    promotes: staging
    deployers: [developers, production-team]
    approval: two-of-production
    rollback: { by: [production-team, on-call] }
    on_failure: ask
    targets:
      backend:
        backend: { kind: scripted }
        steps:
          - apply: { within: 10s }
          - verify: { http: "http://backend.production/health", within: 5s }
          - bake: { http: "http://backend.production/health", for: 3s }
      frontend:
        backend: { kind: scripted }
        steps: [apply: { within: 10s }, verify: { http: "http://frontend.production/", within: 5s }]
"""


class Scripted(BaseModel, extra="forbid"):
    """What the scripted kinds take."""

    port: int = 80


def _no_backend(_: Surroundings) -> AbstractAsyncContextManager[Backend]:
    raise NotImplementedError


def _no_source(_: Surroundings, __: dict[str, BaseModel]) -> Source:
    raise NotImplementedError


@cache
def read(text: str = EXAMPLE) -> Catalog:
    """Load a catalog from its text, with the real kinds of steps."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "slipway.yml"
        path.write_text(text, encoding="utf-8")
        return _loaded(path)


def _loaded(path: Path) -> Catalog:
    return load(
        path,
        backends={"scripted": BackendKind("scripted", Scripted, _no_backend)},
        sources={"scripted": SourceKind("scripted", Scripted, _no_source)},
        step_kinds={kind.name: kind.options for kind in introduced("bot.steps", "STEP", StepKind)},
        variables={},
    )
