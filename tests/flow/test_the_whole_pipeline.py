"""The guide's pipeline with real parts: PostgreSQL, its programs, processes that outlive the bot, and Prometheus."""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from bot import embedded
from bot.cli.backup import app
from bot.domain.change import Change
from bot.domain.errors import Retry
from bot.domain.observation import LogChunk, Run
from bot.ledger.queue import conninfo as libpq
from bot.ports import Invocation, LoggedRunner
from integrations._backup import sealing
from integrations.detached import Detached
from integrations.environment_secrets import EnvironmentSecrets
from integrations.postgres_backups import PostgresBackups
from integrations.prometheus import Prometheus
from tests.contract.living import WallClock, surroundings, until
from tests.contract.scraped import Stack, prometheus
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.clock import FakeClock
from tests.fakes.databases import Databases
from tests.fakes.healthbridge import HealthBridge, healthbridge
from tests.fakes.shown import bare, card, in_thread

pytestmark = pytest.mark.slow

PROGRAMS = embedded.programs()
IDENTITY = sealing.fresh_identity()
STEPS = EXAMPLE.partition("  staging:")[2].partition("          - build\n")[2].partition("      frontend:")[0]
REAL = f"""          - backup: {{ database: DB, key: KEY, programs: {PROGRAMS} }}
          - migrate: {{ run: ["{sys.executable}", SCRIPT, FILE, URL] }}
          - apply
          - verify: {{ backend: true }}
          - bake:
              conditions: [{{ name: errors, query: 'errors{{service="{{service}}"}}', at_most: 0.01 }}]
              for: 6s
              blind: 2m
"""
MIGRATE = f"""import os, subprocess, sys
psql = ["{PROGRAMS}/psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file", *sys.argv[1:]]
no_way_back = "irreversible" in open(sys.argv[1]).read()
open(os.environ["SLIPWAY_RESULT"], "w").write(f"irreversible={{str(no_way_back).lower()}}\\n")
sys.exit(subprocess.run(psql).returncode)
"""
FIRST = "CREATE TABLE patients (id int PRIMARY KEY, name text); INSERT INTO patients VALUES (1, 'Selma'), (2, 'Tomas');"
SPLITS = """-- irreversible
ALTER TABLE patients ADD first text; UPDATE patients SET first = name; ALTER TABLE patients DROP name;
"""


class RealTime(FakeClock):
    """The real time, for what is waited for is real; the house only wants a clock of its own."""

    def now(self) -> datetime:
        return WallClock().now()

    async def sleep(self, duration: timedelta) -> None:
        await WallClock().sleep(duration)


@dataclass
class Runners:
    """Builds are scripted; whatever else is run is run."""

    builds: LoggedRunner
    real: LoggedRunner
    built: set[str] = field(default_factory=set)

    async def start(self, invocation: Invocation, *, key: str) -> None:
        if invocation.argv[0] == "build":
            self.built.add(key)
        await self._of(key).start(invocation, key=key)

    async def observe(self, *, key: str) -> Run:
        return await self._of(key).observe(key=key)

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        return await self._of(key).tail(key=key, offset=offset)

    def _of(self, key: str) -> LoggedRunner:
        return self.builds if key in self.built else self.real


@dataclass
class Clinic:
    """The house, the database of its backend, the file that migrates that, and what its backend measures."""

    house: HealthBridge
    url: str
    data: Path
    migration: Path
    metrics: Stack

    def ask(self, words: str) -> list[tuple[object, ...]]:
        with psycopg.connect(libpq(self.url), autocommit=True) as connection:
            cursor = connection.execute(words.encode())
            return cursor.fetchall() if cursor.description else []

    async def deploy(self, version: str, sql: str) -> Change:
        self.migration.write_text(sql)
        self.house.source.commit("backend", version)
        return await self.house.deployed("staging", "backend")

    async def measured(self, value: float) -> None:
        """Have the backend measure something, and wait until Prometheus knows it."""
        self.metrics.lines['errors{service="backend"}'] = value

        async def known() -> bool:
            try:
                found = await self.house.world.metrics["staging"].instant("errors")
            except Retry:  # it has not started yet
                return False
            return bool(found) and found[0].points[0][1] == value

        await until(known, 30)


@pytest.fixture
async def clinic(
    database_url: str, databases: Databases, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Clinic]:
    folder = tmp_path_factory.mktemp("prometheus")
    migration, script, clock = tmp_path / "migration.sql", tmp_path / "migrate.py", RealTime()
    script.write_text(MIGRATE)
    with databases.empty() as url, prometheus(folder) as metrics:
        steps = REAL.replace("SCRIPT", str(script)).replace("FILE", str(migration)).replace("URL", f'"{libpq(url)}"')
        head = f"organisation: HealthBridge\nprometheus: {{ url: '{metrics.url}' }}\n"
        catalog = read(EXAMPLE.replace(STEPS, steps).replace("organisation: HealthBridge\n", head))
        secrets = EnvironmentSecrets({}, lambda _: None)
        async with (
            healthbridge(database_url, catalog, clock=clock) as house,
            Prometheus(metrics.url, secrets) as client,
        ):
            house.world = replace(
                house.world,
                runner=Runners(house.runner, Detached(tmp_path, WallClock())),
                backups=PostgresBackups(surroundings(tmp_path, DB=url, KEY=IDENTITY)),
                metrics=dict.fromkeys(catalog.environments, client),
            )
            yield Clinic(house, url, tmp_path, migration, metrics)


async def test_a_release_goes_all_the_way_and_an_irreversible_one_comes_back_with_its_data(clinic: Clinic) -> None:
    await clinic.measured(0.001)
    house = clinic.house
    assert (await clinic.deploy("1.0.0", FIRST)).state == "succeeded"

    change = await clinic.deploy("2.0.0", SPLITS)

    assert change.state == "succeeded", await house.log_of(await house.op(change))
    assert clinic.ask("SELECT first FROM patients ORDER BY id") == [("Selma",), ("Tomas",)]
    (copy,) = [step.progress["path"] for step in await house.steps(await house.op(change)) if step.kind == "backup"]
    assert "backup · backend@staging-" in bare(await card(house, change))

    refused = await house.rollback("staging")
    assert refused.reply is not None
    assert "how it comes back is in the thread of 2.0.0's card" in refused.reply
    told = await in_thread(house, await house.op(change), "restore")
    assert f"slipway backup restore {copy} --into DB" in told.text
    environment = {"SLIPWAY_DATA": str(clinic.data), "DB": clinic.url, "KEY": IDENTITY}
    line = ["restore", str(copy), "--into", "DB", "--yes"]
    done = CliRunner().invoke(app, line, env=environment)
    assert done.exit_code == 0, done.output + str(done.exception)
    assert clinic.ask("SELECT name FROM patients ORDER BY id") == [("Selma",), ("Tomas",)]
    gone_back = await house.rollback("staging", across_migration=True)
    assert gone_back.change is not None
    assert (await house.change(gone_back.change)).state == "succeeded"
    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_migration_that_the_database_refuses_ends_before_anything_moves(clinic: Clinic) -> None:
    await clinic.measured(0.001)

    change = await clinic.deploy("1.0.0", "ALTER TABLE nowhere ADD x int;")

    op = await clinic.house.op(change)
    assert op.reason == "migrate: it ended with exit code 3"
    assert 'relation "nowhere" does not exist' in await clinic.house.log_of(op)
    assert clinic.house.effects() == []


async def test_a_database_that_is_away_ends_it_before_the_migration(clinic: Clinic) -> None:
    gone = surroundings(clinic.data, DB="postgresql://postgres@127.0.0.1:1/x", KEY=IDENTITY)
    clinic.house.world = replace(clinic.house.world, backups=PostgresBackups(gone))

    change = await clinic.deploy("1.0.0", FIRST)

    op = await clinic.house.op(change)
    assert op.reason.startswith("backup: pg_dump: error: connection to server at")
    assert clinic.ask("SELECT to_regclass('patients')") == [(None,)]


async def test_what_prometheus_measures_decides(clinic: Clinic) -> None:
    await clinic.measured(0.001)
    await clinic.deploy("1.0.0", FIRST)

    worse = asyncio.ensure_future(gets_worse(clinic, "1.1.0"))
    op = await clinic.house.op(await clinic.deploy("1.1.0", "SELECT 1;"))
    await worse

    assert op.state == "failed"
    assert op.reason.endswith("errors is 0.25, and should be at most 0.01")


async def gets_worse(clinic: Clinic, version: str) -> None:
    """From when a release serves on, its backend makes errors; Prometheus hears of that some scrapes later."""

    async def serves() -> bool:
        return version in clinic.house.effects()

    await until(serves, 60)
    clinic.metrics.lines['errors{service="backend"}'] = 0.25


async def test_what_was_so_before_does_not_count_and_alone_judges_nothing(clinic: Clinic) -> None:
    await clinic.measured(0.25)

    change = await clinic.deploy("1.0.0", FIRST)

    assert change.state == "unknown"
    assert "nothing was left to judge it by: already so before, and not counted: errors" in change.words
