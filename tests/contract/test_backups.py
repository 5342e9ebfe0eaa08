"""Copies of a real PostgreSQL: made apart from the bot, encrypted, read back; and brought back whole or not at all."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from bot import embedded
from bot.cli.backup import app
from bot.domain.errors import GaveUp
from bot.domain.observation import Run, RunState
from bot.ledger.queue import conninfo as libpq
from bot.ports import Copying
from integrations._backup import address, restoring, sealing, shelf
from integrations.detached import Detached
from integrations.postgres_backups import PostgresBackups
from tests.contract.living import ROOT, WallClock, a_bot, heard, surroundings, until

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
        restoring.restore(Path(copy), key, where, programs=PROGRAMS)


@pytest.fixture
def house(empty_database_url: str, tmp_path: Path) -> Iterator[House]:
    made = House(empty_database_url, tmp_path)
    made.run(TABLES)
    return made


def looked_at(path: str) -> tuple[bytes, int]:
    return Path(path).read_bytes(), Path(path).stat().st_mode & 0o777


async def test_a_copy_says_where_it_is_how_large_and_what_its_checksum_is(house: House) -> None:
    run = await house.copy()

    assert run.exit_code == 0
    assert run.result["path"] == str(house.shelf / "one.dump.age")
    content, mode = looked_at(run.result["path"])
    assert int(run.result["size"]) == len(content)
    assert run.result["sha256"] == hashlib.sha256(content).hexdigest()
    assert mode == 0o600
    assert house.shelf.stat().st_mode & 0o777 == 0o700


async def test_a_copy_is_encrypted_and_leaves_no_plain_trace_and_no_secret_on_the_disk(house: House) -> None:
    await house.copy(DB=house.url.replace("postgres@", "postgres:an-invented-one@"))

    files = [file for file in house.data.rglob("*") if file.is_file()]
    assert files
    assert not any(b"PGDMP" in file.read_bytes() for file in files)
    for secret in (IDENTITY, "an-invented-one"):
        assert not any(secret.encode() in file.read_bytes() for file in files)


def test_no_secret_is_an_argument(house: House) -> None:
    backups = PostgresBackups(
        surroundings(house.data, DB="postgresql://bridge:s%40fe@db.example:5433/health?sslmode=require", KEY=IDENTITY)
    )

    made = backups.invocation(house.copying())

    assert not any("s@fe" in word or IDENTITY in word or "db.example" in word for word in made.argv)
    assert {name: value for name, value in made.environment.items() if name.startswith("PG")} == {
        "PGUSER": "bridge",
        "PGPASSWORD": "s@fe",
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGDATABASE": "health",
        "PGSSLMODE": "require",
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("postgres://u@[::1]:5/x", {"PGUSER": "u", "PGHOST": "::1", "PGPORT": "5", "PGDATABASE": "x"}),
        ("postgresql://a:1,b:2/x?connect_timeout=3", {"PGHOST": "a,b", "PGPORT": "1,2", "PGCONNECT_TIMEOUT": "3"}),
        ("postgresql+psycopg:///x?host=%2Frun%2Fpg&application_name=us", {"PGHOST": "/run/pg", "PGAPPNAME": "us"}),
        ("postgresql://h/x?schema=public&connection_limit=5", {"PGHOST": "h", "PGDATABASE": "x"}),
    ],
)
def test_an_address_is_read_as_people_write_it(written: str, expected: dict[str, str]) -> None:
    assert expected.items() <= address.variables(written, secret="DB").items()


@pytest.mark.parametrize(
    ("secrets", "words"),
    [
        ({"DB": ""}, "the secret DB is not set"),
        ({"KEY": ""}, "the secret KEY is not set"),
        ({"DB": "mysql://u:hidden@h/x"}, "the secret DB is no address of a PostgreSQL"),
        ({"DB": "postgresql://u:hidden@h/x?sslmod=require"}, "DB has a parameter “sslmod” that PostgreSQL's programs"),
        ({"KEY": "hidden"}, "the secret KEY is no age identity"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_begins_and_names_no_secret(
    house: House, secrets: dict[str, str], words: str
) -> None:
    backups = PostgresBackups(surroundings(house.data, **(house.secrets | secrets)))

    with pytest.raises(GaveUp) as refused:
        backups.invocation(house.copying())
    assert words in refused.value.reason
    assert "hidden" not in refused.value.reason


async def test_a_database_that_cannot_be_reached_fails_in_pg_dumps_own_words(house: House) -> None:
    run = await house.copy(DB="postgresql://postgres@127.0.0.1:1/x")

    assert run.exit_code != 0
    assert "pg_dump: error: connection to server at" in run.result["error"]
    assert "Connection refused" in run.result["error"]
    assert list(house.shelf.iterdir()) == []


async def test_a_database_that_is_not_there_fails_and_leaves_nothing(house: House) -> None:
    run = await house.copy(DB=house.url.replace("slipway_test", "nowhere"))

    assert 'database "nowhere' in run.result["error"]
    assert list(house.shelf.iterdir()) == []


async def test_programs_that_are_not_there_are_named_with_the_way_out(house: House) -> None:
    run = await house.copy(replace(house.copying(), programs="/nowhere"))

    assert run.result["error"].startswith(
        "cannot run /nowhere/pg_dump: No such file or directory; install PostgreSQL's"
    )


def stand_in(folder: Path, name: str, code: str) -> None:
    """Put a program of one's own in the place of one of PostgreSQL's; the other is the real one."""
    folder.mkdir()
    for program in ("pg_dump", "pg_restore"):
        (folder / program).symlink_to(Path(PROGRAMS) / program)
    (folder / name).unlink()
    (folder / name).write_text(f"#!{sys.executable}\n{code}\n")
    (folder / name).chmod(0o755)


async def test_a_dump_that_breaks_off_is_no_copy(house: House, tmp_path: Path) -> None:
    stand_in(
        tmp_path / "pg", "pg_dump", "import os; os.write(1, b'PGDMP' * 9999); raise SystemExit('pg_dump: error: cut')"
    )

    run = await house.copy(replace(house.copying(), programs=str(tmp_path / "pg")))

    assert (run.exit_code, run.result["error"]) == (1, "pg_dump: error: cut")
    assert list(house.shelf.iterdir()) == []


async def test_a_dump_that_pg_restore_cannot_read_is_no_copy(house: House, tmp_path: Path) -> None:
    stand_in(tmp_path / "pg", "pg_dump", "print('this ended well, and is no dump')")

    run = await house.copy(replace(house.copying(), programs=str(tmp_path / "pg")))

    assert run.result["error"].startswith("the copy cannot be read back: pg_restore: error: input file")
    assert list(house.shelf.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="NOT TESTED: a full disk, for want of /dev/full")
async def test_a_full_disk_fails_and_says_so(house: House) -> None:
    house.shelf.mkdir()
    (house.shelf / ".making-one.dump.age").symlink_to("/dev/full")

    run = await house.copy()

    assert run.result["error"] == f"cannot write the copy to {house.shelf}: No space left on device"


async def test_the_bot_is_killed_and_the_next_one_finds_the_copy(house: House, tmp_path: Path) -> None:
    bot = (
        "import asyncio, pathlib, time\n"
        "from bot.ports import Copying\nfrom integrations.detached import Detached\n"
        "from integrations.postgres_backups import PostgresBackups\n"
        "from tests.contract.living import WallClock, surroundings\n"
        f"data = pathlib.Path({str(house.data)!r})\n"
        f"backups = PostgresBackups(surroundings(data, DB={house.url!r}, KEY={IDENTITY!r}))\n"
        f"copying = Copying('DB', 'KEY', {OWNER!r}, 'one.dump.age', programs={str(tmp_path / 'pg')!r})\n"
        "asyncio.run(Detached(data, WallClock()).start(backups.invocation(copying), key='one'))\n"
        "print('started', flush=True)\ntime.sleep(60)\n"
    )
    slow = (
        f"import os, time; time.sleep(1); os.execv({str(Path(PROGRAMS) / 'pg_dump')!r}, ['pg_dump', *os.sys.argv[1:]])"
    )
    stand_in(tmp_path / "pg", "pg_dump", slow)
    with a_bot(bot) as killed:
        assert heard(killed) == "started"
        os.killpg(killed.pid, signal.SIGKILL)

    assert (await house.runner.observe(key="one")).state is RunState.RUNNING
    run = await house.ended()
    assert run.exit_code == 0
    await house.copy(house.copying("again.dump.age"))
    assert [path.name for path, _ in shelf.copies(house.shelf)] == ["one.dump.age"]


async def test_old_copies_of_one_owner_are_removed_and_the_newest_never_is(house: House) -> None:
    for name, owner in (("a", OWNER), ("b", OWNER), ("c", "backend@staging")):
        await house.copy(replace(house.copying(f"{name}.dump.age"), owner=owner), key=name)
        facts = house.shelf / f"{name}.dump.age.json"
        facts.write_text(
            json.dumps(json.loads(facts.read_text()) | {"at": f"2026-01-0{ord(name) - 96}T00:00:00+00:00"})
        )

    shelf.sweep(house.shelf, OWNER, keep=timedelta(days=1), now=datetime(2026, 6, 1, tzinfo=UTC))

    assert sorted(path.name for path, _ in shelf.copies(house.shelf)) == ["b.dump.age", "c.dump.age"]
    assert len(list(house.shelf.iterdir())) == 4


async def test_a_new_copy_has_the_old_ones_go(house: House) -> None:
    await house.copy(house.copying("a.dump.age"), key="a")
    facts = house.shelf / "a.dump.age.json"
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"at": "2026-01-01T00:00:00+00:00"}))

    await house.copy(house.copying("b.dump.age"), key="b")

    assert [path.name for path, _ in shelf.copies(house.shelf)] == ["b.dump.age"]


def damage(house: House) -> None:
    """Do what an irreversible migration does, and lose data."""
    house.run("ALTER TABLE patients DROP COLUMN name; CREATE TABLE newer (id int); DROP SCHEMA audit CASCADE")


async def test_restoring_brings_back_what_was_there_and_nothing_else(house: House) -> None:
    run = await house.copy()
    grants = house.ask("SELECT nspowner, nspacl::text FROM pg_namespace WHERE nspname = 'public'")
    damage(house)

    house.restore(run.result["path"])

    assert house.ask("SELECT count(*), min(name) FROM patients") == [(500, "patient 1")]
    assert house.ask("SELECT count(*) FROM audit.seen") == [(500,)]
    assert house.ask("SELECT greeting()") == [("hello; \\. world",)]
    assert house.ask("SELECT to_regclass('newer')") == [(None,)]
    assert house.ask("SELECT nspowner, nspacl::text FROM pg_namespace WHERE nspname = 'public'") == grants
    house.restore(run.result["path"])  # and once more, over itself
    assert house.ask("SELECT count(*) FROM patients") == [(500,)]


@pytest.mark.parametrize("wrong", ["cut", "changed", "another key", "gone"])
async def test_a_copy_that_cannot_be_opened_changes_nothing(house: House, wrong: str) -> None:
    house.run("INSERT INTO patients SELECT n, md5(n::text) || md5((n * 7)::text) FROM generate_series(501, 40000) AS n")
    path = Path((await house.copy()).result["path"])
    damage(house)
    spoil(path, wrong)

    with pytest.raises(GaveUp, match="nothing was changed: "):
        house.restore(path)
    assert house.ask("SELECT to_regclass('newer') IS NOT NULL, to_regclass('audit.seen')") == [(True, None)]


def spoil(path: Path, wrong: str) -> None:
    content = path.read_bytes()
    match wrong:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "changed":
            path.write_bytes(content[:-100] + bytes([content[-100] ^ 1]) + content[-99:])
        case "another key":
            other = sealing.identity(sealing.fresh_identity(), secret="OTHER")
            with path.open("wb") as file, Path(os.devnull).open("rb") as nothing:
                sealing.seal(sealing.Measured(nothing), sealing.Measured(file), other)
        case _:
            path.unlink()


async def test_what_the_database_refuses_is_said_in_its_words_and_changes_nothing(house: House) -> None:
    house.run("DROP ROLE IF EXISTS other_owner; CREATE ROLE other_owner; ALTER TABLE patients OWNER TO other_owner")
    path = (await house.copy()).result["path"]
    house.run("ALTER TABLE patients OWNER TO postgres; DROP ROLE other_owner; CREATE TABLE newer (id int)")

    with pytest.raises(GaveUp, match=r'nothing was changed: .*role "other_owner" does not exist'):
        house.restore(path)
    assert house.ask("SELECT to_regclass('newer') IS NOT NULL") == [(True,)]


async def test_a_database_that_is_in_use_is_not_waited_for(house: House) -> None:
    path = (await house.copy()).result["path"]
    with psycopg.connect(libpq(house.url)) as connection:
        connection.execute("LOCK TABLE patients")

        with pytest.raises(GaveUp, match=r"nothing was changed: .*lock timeout"):
            await asyncio.to_thread(house.restore, path)


def test_the_programs_that_came_with_us_are_used_unless_others_are_named(house: House) -> None:
    backups = PostgresBackups(surroundings(house.data, **house.secrets), programs=Path("/ours"))
    wish = replace(house.copying(), programs=None)

    assert "/ours" in backups.invocation(wish).argv
    assert "/ours" not in backups.invocation(house.copying()).argv


def typed(house: House, *words: str, say: str = "", **secrets: str) -> tuple[int, str]:
    """Type `slipway backup …` in a terminal."""
    environment = {"SLIPWAY_DATA": str(house.data), "SLIPWAY_CATALOG": str(ROOT / "slipway.yml")}
    done = CliRunner().invoke(app, list(words), input=say, env=environment | house.secrets | secrets)
    return done.exit_code, done.output + str(done.exception or "")


async def test_the_terminal_lists_copies_and_brings_one_back_after_its_name_was_typed(house: House) -> None:
    await house.copy()
    damage(house)
    name = libpq(house.url).rpartition("/")[2].partition("?")[0]
    restore = ("restore", "one.dump.age", "--into", "DB")

    assert f"{OWNER}  " in typed(house, "list")[1]
    code, said = typed(house, *restore, say="another\n")
    assert (code, f"“another” is not {name}; nothing was done." in said) == (1, True)
    code, said = typed(house, *restore, say=f"{name}\n")
    assert code == 0, said
    assert f"Everything in the database {name} on " in said
    assert "Done: " in said
    assert house.ask("SELECT count(name) FROM patients") == [(500,)]


async def test_the_terminal_says_what_is_missing(house: House) -> None:
    assert "no copies yet" in typed(house, "list")[1]
    assert "There is no copy “x”" in typed(house, "restore", "x", "--into", "DB")[1]
    await house.copy()
    (house.shelf / "one.dump.age.json").unlink()
    assert "name the secret: --key NAME" in typed(house, "restore", "one.dump.age", "--into", "DB")[1]
    assert typed(house, "key")[1].startswith("AGE-SECRET-KEY-1")


async def test_a_large_dump_never_sits_in_memory(house: House, tmp_path: Path) -> None:
    big = "import os\nfor n in range(2048): os.write(1, os.urandom(65536))\n"
    stand_in(tmp_path / "pg", "pg_dump", big)
    (tmp_path / "pg" / "pg_restore").unlink()
    (tmp_path / "pg" / "pg_restore").write_text(f"#!{sys.executable}\nimport sys; sys.stdin.buffer.read(1000)\n")
    (tmp_path / "pg" / "pg_restore").chmod(0o755)
    backups = PostgresBackups(surroundings(house.data, **house.secrets))
    made = backups.invocation(replace(house.copying(), programs=str(tmp_path / "pg")))

    code = f"import resource, subprocess, sys; subprocess.run({list(made.argv)!r}, check=True); "
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code],
        env=os.environ | dict(made.environment),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "dumped 134217728 bytes" in done.stdout
    assert int(done.stdout.splitlines()[-1]) < 80_000  # kilobytes, most of them Python's
