"""Wrong catalogs, each with every line that is shown: where, what was found, what was expected, what was meant.

The table is wrong_catalogs.txt.
"""

from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from bot.catalog import CatalogError, load
from bot.plugins import BackendKind, introduced
from bot.stepkind import StepKind
from integrations.git import SOURCE
from integrations.process import BACKEND

RIGHT = """\
organisation: HealthBridge
teams:
  developers: { usergroup: developers }
  on-call: { people: [U012AB3CD] }
channels: { deployments: deployments, approvals: approvals }
policies:
  two: { approvals: 2, from: [developers], expires: 4h }
services:
  api:
    source: { kind: git, repository: api.git, path: api }
    build: { run: [make], output: dist, timeout: 5m }
environments:
  staging:
    branch: develop
    deployers: [developers]
    on_failure: ask
    targets:
      api:
        backend: { kind: process, port: 8221, run: [./api], health: /, grace: 5s }
        steps:
          - build
          - apply: { within: 1m }
          - bake: { http: "http://localhost/", for: 10s, status: 200, tolerate: 1 }
          - command: { run: [ls], in_rollback: true }
  production:
    branch: main
    promotes: staging
    deployers: [developers]
    approval: two
    rollback: { by: [on-call] }
    targets:
      api: { backend: { kind: process, port: 8231, run: [./api] }, steps: [apply] }
"""


Row = tuple[str, str, list[str]]


def rows() -> list[Row]:
    """Return what is replaced in the right catalog, by what, and the lines that are then shown; ⏎ ends a line."""
    blocks = (Path(__file__).parent / "wrong_catalogs.txt").read_text(encoding="utf-8").strip().split("\n\n")
    return [_row(*block.splitlines()) for block in blocks]


def _row(right: str, wrong: str, *lines: str) -> Row:
    return right.replace("⏎", "\n"), wrong.removeprefix("→").removeprefix(" ").replace("⏎", "\n"), list(lines)


def said(folder: Path, text: str, **others: BackendKind) -> list[str]:
    """Load a wrong catalog with the real models; return the lines without the file's name."""
    path = folder / "slipway.yml"
    path.write_text(text, encoding="utf-8")
    steps = {kind.name: kind.options for kind in introduced("bot.steps", "STEP", StepKind)}
    chosen = {name: steps[name] for name in ("apply", "bake", "build", "command")}
    with pytest.raises(CatalogError) as caught:
        load(
            path,
            backends={"process": BACKEND, **others},
            sources={"git": SOURCE},
            step_kinds=chosen,
            variables={"PORTS": "82"},
        )
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(("right", "wrong", "lines"), rows())
def test_every_sentence_is_exact(tmp_path: Path, right: str, wrong: str, lines: list[str]) -> None:
    assert RIGHT.count(right) >= 1

    assert said(tmp_path, RIGHT.replace(right, wrong, 1)) == lines


def test_every_missing_key_has_a_line_of_its_own(tmp_path: Path) -> None:
    assert said(tmp_path, "policies: {}\n") == [
        "1:1: “organisation” is missing; expected whose catalog this is",
        "1:1: “teams” is missing; expected who is who",
        "1:1: “channels” is missing; expected where Slipway speaks",
        "1:1: “services” is missing; expected what is released",
        "1:1: “environments” is missing; expected where it runs",
    ]


def test_a_number_of_thousands_of_digits_is_no_crash(tmp_path: Path) -> None:
    assert said(tmp_path, RIGHT.replace("approvals: 2", f"approvals: {'9' * 5000}")) == [
        "7:21: policies.two.approvals: this number is too long"
    ]


def test_half_a_character_is_no_crash(tmp_path: Path) -> None:
    assert said(tmp_path, RIGHT.replace("expires: 4h", r'expires: "\ud800"')) == [
        "7:53: policies.two.expires: this holds half a character, which stands for nothing"
    ]


class Secretive(BaseModel, extra="forbid"):
    """A backend that takes a secret."""

    token: SecretStr


def test_what_was_written_for_a_secret_is_not_shown(tmp_path: Path) -> None:
    other = BackendKind("secretive", Secretive, BACKEND.open)
    wrong = RIGHT.replace("kind: process, port: 8231, run: [./api]", "kind: secretive, token: 12345678")

    assert said(tmp_path, wrong, secretive=other) == [
        "32:49: environments.production.targets.api.backend.token: expected text"
    ]
