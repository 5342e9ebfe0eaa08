"""`slipway doctor`: what the catalog needs and is not there is named, and the exit code says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """\
organisation: Example
teams: { all: { usergroup: all } }
channels: { deployments: d, approvals: a }
services:
  web: { source: { kind: git, repository: web.git }, build: { run: [make], output: dist } }
environments:
  staging:
    branch: main
    deployers: [all]
    targets:
      web:
"""
COMPOSE = "{ kind: compose, files: [compose.yaml], project: web, service: web, secrets: { A: WEB_KEY } }"
BACKUP = "{ database: WEB_DATABASE, key: BACKUP_KEY }"


def doctor(folder: Path, backend: str, *steps: str, head: str = HEAD, **variables: str) -> tuple[int, list[str]]:
    """Ask the doctor about one target; return the exit code and what was said of it."""
    lines = [f"        backend: {backend}", "        steps:", *(f"          - {step}" for step in (*steps, "apply"))]
    (folder / "slipway.yml").write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "doctor"],
        cwd=folder,
        env=os.environ | {"DOCKER_HOST": "unix:///nowhere.sock"} | variables,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stderr == "catalog slipway.yml, data folder .data\n"
    return done.returncode, done.stdout.splitlines()


def test_a_dead_engine_is_missing(tmp_path: Path) -> None:
    code, said = doctor(tmp_path, "{ kind: docker }")

    assert code == 1
    assert said[0].startswith("MISSING  web/staging: the Docker Engine (DOCKER_HOST, or the local socket) does not")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (None, "MISSING  web/staging: compose.yaml cannot be read: No such file or directory"),
        ("services: { api: { image: x } }", "MISSING  web/staging: compose.yaml has no service called web"),
        ("services: { web: { image: x } }", "ok       web/staging: compose.yaml: service web"),
    ],
)
def test_the_service_is_looked_for_in_the_compose_file(tmp_path: Path, written: str | None, words: str) -> None:
    if written is not None:
        (tmp_path / "compose.yaml").write_text(written, encoding="utf-8")
    _, said = doctor(tmp_path, COMPOSE)

    assert words in [line.replace(f"{tmp_path}/", "") for line in said]


def test_every_secret_that_is_named_is_looked_for(tmp_path: Path) -> None:
    steps = (f"backup: {BACKUP}", "command: { run: [ls], secrets: { TOKEN: HOOK_TOKEN } }")
    _, said = doctor(tmp_path, COMPOSE, *steps, BACKUP_KEY="AGE-SECRET-KEY-1", HOOK_TOKEN="hush-hush")

    assert [line.partition(":")[0] for line in said if "secret WEB_" in line] == [
        "MISSING  web/staging",
        "MISSING  web/staging, step backup",
    ]
    assert "ok       web/staging, step backup: the secret BACKUP_KEY is set" in said
    assert "ok       web/staging, step command: the secret HOOK_TOKEN is set" in said
    assert not any("hush" in line for line in said)


def test_programs_are_looked_for(tmp_path: Path) -> None:
    backend = "{ kind: command, apply: [no-such-program], observe: [ls] }"
    code, said = doctor(tmp_path, backend, "migrate: { run: [./migrate.sh] }")

    assert code == 1
    assert said == [
        "MISSING  web/staging: no-such-program is not found",
        "ok       web/staging: ls is there",
        "MISSING  web/staging, step migrate: ./migrate.sh is not found",
    ]


def test_a_program_of_the_target_is_the_targets(tmp_path: Path) -> None:
    _, said = doctor(tmp_path, "{ kind: docker }", "build", "migrate: { run: [./migrate.sh], where: target }")

    assert not any("migrate" in line for line in said)


def test_a_site_is_published_where_we_may_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    well = doctor(tmp_path, f"{{ kind: static_site, directory: {tmp_path}/www/site }}")
    badly = doctor(tmp_path, f"{{ kind: static_site, directory: {tmp_path}/file/site }}")

    assert well == (0, [f"ok       web/staging: {tmp_path}/www/site can be written to"])
    assert badly[0] == 1
    assert badly[1][0].startswith(f"MISSING  web/staging: {tmp_path}/file/site cannot be written to: {tmp_path}/file ")


def test_a_bucket_that_does_not_answer_is_missing(tmp_path: Path) -> None:
    bucket = "{ name: site, endpoint: 'http://127.0.0.1:9', access_key: SITE_ID, secret_key: SITE_KEY }"
    code, said = doctor(tmp_path, f"{{ kind: static_site, bucket: {bucket} }}", SITE_ID="id", SITE_KEY="hush-hush")

    assert code == 1
    assert said[0].startswith("MISSING  web/staging: ")
    assert said[1:] == [
        "ok       web/staging: the secret SITE_ID is set",
        "ok       web/staging: the secret SITE_KEY is set",
    ]


def test_what_a_rotation_is_imported_with_is_looked_for(tmp_path: Path) -> None:
    rotation = "{ zone: UTC, import: { pagerduty: { schedule: P1, token: PAGERDUTY_KEY } }, fallback: { team: all } }"
    duty = f"on_call: {{ kept_by: [all], rotations: {{ platform: {rotation} }} }}\n"
    _, said = doctor(tmp_path, "{ kind: process, port: 8391, run: [./web] }", head=duty + HEAD, PAGERDUTY_KEY="x")

    assert "ok       rotation platform, import: the secret PAGERDUTY_KEY is set" in said
