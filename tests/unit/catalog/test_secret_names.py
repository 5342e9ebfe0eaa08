"""Which secrets a catalog names: whatever names one is found, so that the bot masks it from its start on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.adapters import learn_secrets
from bot.catalog import load, secret_names
from bot.catalog.models import Prometheus
from bot.catalog.secret_names import marks
from bot.domain.masking import Mask
from bot.plugins import backend_kinds, introduced, source_kinds
from bot.reference._tables import inner
from bot.stepkind import StepKind
from integrations.environment_secrets import EnvironmentSecrets

STEPS = {kind.name: kind.options for kind in introduced("bot.steps", "STEP", StepKind)}
CATALOG = """\
organisation: HealthBridge
teams: { developers: { usergroup: developers } }
channels: { deployments: deployments, approvals: approvals }
prometheus: { url: "http://p", token: PROMETHEUS }
services:
  api: { source: { kind: github, repository: a/b }, build: { image: b } }
  web: { source: { kind: github, repository: a/b, app: 1, installation: 2, app_key: APP }, build: { image: b } }
  site: { source: { kind: github, repository: a/b, token: READER }, build: { run: [make], output: dist } }
  job: { source: { kind: github, repository: a/b }, build: { run: [make], output: dist } }
environments:
  staging:
    branch: develop
    deployers: [developers]
    prometheus: { url: "http://q", user: me, password: OTHER }
    targets:
      api:
        backend: { kind: docker, secrets: { A: DOCKER } }
        steps:
          - backup: { database: DATABASE, key: BACKUP }
          - migrate: { run: [migrate], secrets: { URL: MIGRATION } }
          - command: { run: [warm], secrets: { X: WARMING } }
          - apply
      web:
        backend: { kind: compose, files: [a.yml], project: shop, service: web, secrets: { B: COMPOSE } }
        steps: [apply]
      site:
        backend: { kind: static_site, bucket: { name: site, access_key: S3_ID, secret_key: S3_KEY, session_token: S3 } }
        steps: [apply]
      job:
        backend: { kind: command, apply: [a], observe: [b], secrets: { C: COMMAND } }
        steps: [apply]
"""
NAMED = {
    *("PROMETHEUS", "OTHER", "GITHUB_TOKEN", "GITHUB_APP_KEY", "APP", "READER", "DOCKER", "COMPOSE", "COMMAND"),
    *("DATABASE", "BACKUP", "MIGRATION", "WARMING", "S3_ID", "S3_KEY", "S3"),
}


def models() -> Iterator[tuple[str, type[BaseModel]]]:
    kinds = {
        **{name: kind.config for name, kind in backend_kinds().items()},
        **{name: kind.config for name, kind in source_kinds().items()},
        **STEPS,
        "prometheus": Prometheus,
    }
    for name, model in kinds.items():
        for part in (model, *inner(model)):
            yield name, part


def test_whatever_says_that_it_names_a_secret_is_marked() -> None:
    speaking = {
        f"{name}: {part.__name__}.{field}": bool(marks(known))
        for name, part in models()
        for field, known in part.model_fields.items()
        if re.search(r"\bsecrets?\b", known.description or "")
    }

    assert len(speaking) > 15
    assert [place for place, marked in speaking.items() if not marked] == []


@pytest.fixture
def mask(tmp_path: Path) -> Mask:
    """A mask as the bot has it at its start, where all secrets but one are set."""
    path = tmp_path / "slipway.yml"
    path.write_text(CATALOG, encoding="utf-8")
    catalog = load(path, backends=backend_kinds(), sources=source_kinds(), step_kinds=STEPS, variables={})
    assert set(secret_names(catalog)) == NAMED

    mask = Mask()
    values = {name: f"value of {name}" for name in NAMED - {"BACKUP"}}
    learn_secrets(catalog, EnvironmentSecrets(values, mask.learn))
    return mask


@pytest.mark.parametrize("name", sorted(NAMED - {"BACKUP"}))
def test_what_the_catalog_names_is_masked_before_anybody_asked_for_it(name: str, mask: Mask) -> None:
    assert mask(f"it prints the value of {name}") == "it prints the •••"
