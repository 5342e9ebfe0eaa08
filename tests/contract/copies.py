"""What tests of copies share: a house with a database, the secrets that lead to it, and a folder for its copies."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from typer.testing import CliRunner

from bot import embedded
from bot.cli.backup import app
from bot.domain.observation import Run, RunState
from bot.ledger.queue import conninfo as libpq
from bot.ports import Copying
from integrations._backup import address, restoring, sealing
from integrations.detached import Detached
from integrations.postgres_backups import PostgresBackups
from tests.contract.living import ROOT, WallClock, surroundings, until

PROGRAMS = str(embedded.programs())
IDENTITY = sealing.fresh_identity()
OWNER = "backend@production"
TABLES = """
CREATE TABLE patients (id int PRIMARY KEY, name text NOT NULL);
INSERT INTO patients SELECT n, 'patient ' || n FROM generate_series(1, 500) AS n;
CREATE SCHEMA audit; CREATE TABLE audit.seen AS SELECT * FROM patients;
CREATE FUNCTION greeting() RETURNS text LANGUAGE sql AS $$ SELECT 'hello; \\. world' $$;
"""


@dataclass
class House:
    """A database, the secrets that lead to it, and where its copies go."""

    url: str
    data: Path

    @property
    def secrets(self) -> dict[str, str]:
        return {"DB": self.url, "KEY": IDENTITY}

    @property
    def shelf(self) -> Path:
        return self.data / "backups"

    def run(self, words: str) -> None:
        with psycopg.connect(libpq(self.url), autocommit=True) as connection:
            connection.execute(words.encode())

    def ask(self, words: str) -> list[tuple[object, ...]]:
        with psycopg.connect(libpq(self.url)) as connection:
            return connection.execute(words.encode()).fetchall()

    def copying(self, name: str = "one.dump.age") -> Copying:
        return Copying("DB", "KEY", OWNER, name, programs=PROGRAMS)

    async def copy(self, copying: Copying | None = None, *, key: str = "one", **secrets: str) -> Run:
        """Make a copy, and wait for its end."""
        backups = PostgresBackups(surroundings(self.data, **(self.secrets | secrets)))
        await self.runner.start(backups.invocation(copying or self.copying()), key=key)
        return await self.ended(key)

    @property
    def runner(self) -> Detached:
        return Detached(self.data, WallClock())

    async def ended(self, key: str = "one") -> Run:
        async def done() -> bool:
            return (await self.runner.observe(key=key)).state is not RunState.RUNNING

        await until(done, 60)
        return await self.runner.observe(key=key)

    def restore(self, copy: str | Path) -> None:
        where = address.variables(self.url, secret="DB")
        key = sealing.identity(IDENTITY, secret="KEY")
        place = restoring.look(where, programs=PROGRAMS)
        restoring.restore(Path(copy), key, where, place, programs=PROGRAMS)


@contextmanager
def silent() -> Iterator[int]:
    """Give a port of this machine that takes connections, and never says a word on them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def a_house(url: str, data: Path) -> House:
    """Return a house whose empty database has got some tables."""
    made = House(url, data)
    made.run(TABLES)
    return made


def stand_in(folder: Path, name: str, code: str) -> None:
    """Put a program of one's own in the place of one of PostgreSQL's; the other is the real one."""
    folder.mkdir()
    for program in ("pg_dump", "pg_restore", "psql"):
        (folder / program).symlink_to(Path(PROGRAMS) / program)
    (folder / name).unlink()
    (folder / name).write_text(f"#!{sys.executable}\n{code}\n")
    (folder / name).chmod(0o755)


def typed(house: House, *words: str, say: str = "", **secrets: str) -> tuple[int, str]:
    """Type `slipway backup …` in a terminal."""
    environment = {"SLIPWAY_DATA": str(house.data), "SLIPWAY_CATALOG": str(ROOT / "slipway.yml")}
    done = CliRunner().invoke(app, list(words), input=say, env=environment | house.secrets | secrets)
    return done.exit_code, done.output + str(done.exception or "")
