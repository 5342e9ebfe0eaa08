"""`slipway config check` warns of secrets that are written into the catalog, and does not repeat them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.terminal.test_doctor import HEAD

ROOT = Path(__file__).parents[3]
EXAMPLES = [ROOT / "slipway.yml", ROOT / "examples" / "healthbridge" / "docker.yml"]
NAMED = "put it into the bot's environment and name it here: “secrets: { %s: NAME_OF_IT }”"


def warned(folder: Path, catalog: str) -> list[str]:
    """Check a catalog that is in order; return what was warned of."""
    (folder / "slipway.yml").write_text(catalog, encoding="utf-8")
    argv = [sys.executable, "-m", "bot.cli", "config", "check"]
    done = subprocess.run(argv, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def with_one(backend: str, *steps: str) -> str:
    lines = [f"        backend: {backend}", "        steps:", *(f"          - {step}" for step in (*steps, "apply"))]
    return HEAD + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("backend", "step", "place", "way"),
    [
        ("{ kind: docker, environment: { DB_PASSWORD: hunter22 } }", "build", "backend.environment.DB_PASSWORD", NAMED),
        (
            "{ kind: docker, environment: { DB: 'postgres://u:hunter22@h/d' } }",
            "build",
            "backend.environment.DB",
            NAMED,
        ),
        ("{ kind: docker }", "command: { run: [x, --password, hunter22] }", "steps[0].command.run", NAMED),
        ("{ kind: docker }", "command: { run: [x, ghp_hunter22hunter22hunter22] }", "steps[0].command.run[1]", NAMED),
        (
            "{ kind: process, port: 8001, run: [x], environment: { API_TOKEN: hunter22 } }",
            "build",
            "backend.environment.API_TOKEN",
            "put it where the program itself reads it",
        ),
    ],
)
def test_a_written_secret_is_warned_of_where_it_stands(
    tmp_path: Path, backend: str, step: str, place: str, way: str
) -> None:
    (said,) = warned(tmp_path, with_one(backend, step))

    variable = place.rpartition(".")[2] if "environment" in place else "TOKEN"
    assert re.match(r"warning: slipway\.yml:\d+:\d+: environments\.staging\.targets\.web\.", said)
    assert f"{place}: this looks like a secret, and plans and cards would show it; " in said
    assert said.endswith(way % variable if "%" in way else way)
    assert "hunter22" not in said


def test_names_of_secrets_and_plain_variables_are_none(tmp_path: Path) -> None:
    backend = "{ kind: docker, environment: { LOG_LEVEL: info }, secrets: { DB_PASSWORD: SHOP_PASSWORD } }"
    migrate = "migrate: { run: [npm, run, migrate], secrets: { A: B_KEY } }"
    backup = "backup: { database: DATABASE_URL, key: BACKUP_KEY }"

    assert warned(tmp_path, with_one(backend, backup, migrate)) == []


@pytest.mark.parametrize("catalog", EXAMPLES, ids=lambda path: path.parent.name)
def test_our_own_catalogs_hold_none(tmp_path: Path, catalog: Path) -> None:
    assert warned(tmp_path, catalog.read_text(encoding="utf-8")) == []
