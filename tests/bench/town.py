"""The whole bot in a town of its own: its catalog, its ledger, its data folder, releases that need no building."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.samples import REPOSITORY
from tests.bench.asking import NDAPEWA, SELMA, People
from tests.bench.serving import Load, Served, free_port, own_database, serving

RELEASE = """
INSERT INTO releases (service, version, commit, tree, branch, author, subject, committed_at, digest, created_at)
VALUES (%s, %s, %s, %s, 'develop', 'Somebody', 'Built before', now(), %s, now())
"""


@dataclass(frozen=True)
class Town:
    """A bot that runs, its people, and the commits of its services, newest first."""

    bot: Served
    people: People
    repository: Path

    @property
    def commits(self) -> list[str]:
        """The commits that a person may name, whatever the service."""
        return _git(self.repository, "rev-list", "develop", "--", "backend").split()

    def built(self, service: str, commit: str, digest: str) -> None:
        """Let the ledger know a commit's artefact, as a build would have left it."""
        tree = _git(self.repository, "rev-parse", f"{commit}:backend").strip()
        self.people.ledger.execute(RELEASE, (service, commit[:8], commit, tree, digest))

    def count(self, query: str) -> int:
        """Return the one number that a query gives."""
        row = self.people.ledger.execute(query).fetchone()
        assert row
        return int(row[0])


@contextmanager
def town(load: Load, environment: Mapping[str, str], data: Path, catalog: str) -> Iterator[Town]:
    """Run the whole bot for the block; what it started apart from itself goes on afterwards."""
    (data / "slipway.yml").write_text(catalog, encoding="utf-8")
    url, port = own_database(environment["DATABASE_URL"], data.name), free_port()
    where = {"SLIPWAY_CATALOG": str(data / "slipway.yml"), "SLIPWAY_DATA": str(data), "DATABASE_URL": url}
    words = ["-m", "bot.cli", "serve", "--port", str(port)]
    order = {"port": port, "secret": environment["SLACK_SIGNING_SECRET"]}
    with (
        serving(words, port, {**environment, **where}, data / "serve.log") as bot,
        psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as ledger,
    ):
        yield Town(bot, People(load, order, ledger), repository(environment))


def repository(environment: Mapping[str, str]) -> Path:
    """Return where the sample repository is."""
    return Path(environment["SLIPWAY_DATA"]) / REPOSITORY


def written(source: Path, backends: Mapping[str, Mapping[str, object]], steps: Sequence[object] = ("apply",)) -> str:
    """Return a catalog with one environment, `bench`, that wants one approval; `backends` are by service."""
    services = {name: {"source": {"kind": "git", "repository": str(source), "path": "backend"}} for name in backends}
    targets = {name: {"backend": backend, "steps": list(steps)} for name, backend in backends.items()}
    return json.dumps({
        "organisation": "HealthBridge",
        "teams": {"developers": {"people": [NDAPEWA]}, "production-team": {"people": [SELMA]}},
        "channels": {"deployments": "deployments", "approvals": "approvals"},
        "policies": {"one": {"approvals": 1, "from": ["production-team"], "expires": "4h"}},
        "services": services,
        "environments": {
            "bench": {"branch": "develop", "deployers": ["developers"], "approval": "one", "targets": targets}
        },
    })  # fmt: skip


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True).stdout
