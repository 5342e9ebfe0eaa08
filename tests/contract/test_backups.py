"""Copies of a real PostgreSQL: made apart from the bot, encrypted, read back; and brought back whole or not at all."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import GaveUp
from bot.domain.observation import RunState
from integrations._backup import address, shelf
from integrations.postgres_backups import PostgresBackups
from tests.contract.copies import IDENTITY, OWNER, PROGRAMS, House, a_house, silent, stand_in, typed
from tests.contract.living import a_bot, heard, surroundings


@pytest.fixture
def house(empty_database_url: str, tmp_path: Path) -> House:
    return a_house(empty_database_url, tmp_path)


FACTS = shelf.Facts("", OWNER, "2026-01-01T00:00:00+00:00", "ab" * 32, 5, 5, "DB", "KEY", tables=1)


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
        "PGCONNECT_TIMEOUT": "10",
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


@pytest.mark.parametrize("written", ["", "?connect_timeout=0"])
def test_no_server_is_waited_for_without_end(written: str) -> None:
    assert address.variables(f"postgresql://h/x{written}", secret="DB")["PGCONNECT_TIMEOUT"] == "10"


AFTER = "has an “@” after a “/” or a “?”"
PORT = "has a port that is no number"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("postgresql://app:Slash/hidden@h:5432/x", AFTER),
        ("postgresql://app:hidden/Slash@h:5432/x", AFTER),
        ("postgresql://app:Quest?hidden@h:5432/x", AFTER),
        ("postgresql://app:hidden?Quest=@h/x", AFTER),
        ("postgresql://app:hidden%40h:5432/x", PORT),
        ("postgresql://app:hidden/x", PORT),
        ("postgresql://app@h:hidden/x", PORT),
        ("postgresql://app@h:65536/x", PORT),
        ("postgresql://app@h/x?port=hidden", PORT),
        ("postgresql://app@h:5432,g:hidden/x", PORT),
        ("postgresql://app:pw@[::1/hidden", "does not end with “]”"),
        ("postgresql://app:pw@[::1]hidden/x", "does not end with “]”"),
        ("postgresql://app@h/x?hidden=1", "has a parameter (number 1) that PostgreSQL's programs do not know"),
        (
            "postgresql://app@h/x?sslmode=require&pasword=hidden",
            "(number 2) that PostgreSQL's programs do not know; is “p",
        ),
        ("postgresql://app@h/x?connect_timeout=hidden", "a connect_timeout that is no number"),
        ("postgresql://app:hid%00den@h/x", "has a %00 in it"),
        ("postgresql://h/hidden?service=production", "names a service and, beside it, a place of its own"),
    ],
)
def test_an_address_that_is_written_wrongly_is_refused_and_no_part_of_it_is_said(written: str, words: str) -> None:
    with pytest.raises(GaveUp) as refused:
        address.variables(written, secret="DB")
    assert refused.value.reason.startswith("the secret DB ")
    assert words in refused.value.reason
    assert "hid" not in refused.value.reason


@pytest.mark.parametrize(
    ("secrets", "words"),
    [
        ({"DB": ""}, "the secret DB is not set"),
        ({"KEY": ""}, "the secret KEY is not set"),
        ({"DB": "mysql://u:hidden@h/x"}, "the secret DB is no address of a PostgreSQL"),
        ({"DB": "postgresql://u:hidden@h/x?sslmod=require"}, "a parameter (number 1) that PostgreSQL's programs"),
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

    shelf.sweep(house.shelf, OWNER, "DB", keep=timedelta(days=1), now=datetime(2026, 6, 1, tzinfo=UTC))

    assert sorted(path.name for path, _ in shelf.copies(house.shelf)) == ["b.dump.age", "c.dump.age"]
    assert len(list(house.shelf.iterdir())) == 4


async def test_the_only_copy_of_another_database_of_the_same_owner_is_never_removed(house: House) -> None:
    for name, database in (("a", "DB"), ("b", "OTHER")):
        copying = replace(house.copying(f"{name}.dump.age"), database=database)
        await house.copy(copying, key=name, OTHER=house.url)
        facts = house.shelf / f"{name}.dump.age.json"
        facts.write_text(json.dumps(json.loads(facts.read_text()) | {"at": "2026-01-01T00:00:00+00:00"}))

    await house.copy(house.copying("c.dump.age"), key="c")

    assert sorted(path.name for path, _ in shelf.copies(house.shelf)) == ["b.dump.age", "c.dump.age"]


async def test_a_copy_is_never_written_over_another(house: House) -> None:
    first, _ = looked_at((await house.copy()).result["path"])

    run = await house.copy(key="two")

    assert run.exit_code == 1
    assert run.result["error"].startswith(f"there is a copy {house.shelf / 'one.dump.age'} already")
    assert (house.shelf / "one.dump.age").read_bytes() == first


async def test_of_two_that_get_one_name_at_one_moment_the_first_keeps_it(house: House) -> None:
    """Both have looked, and found the name free."""
    facts = replace(FACTS, name="one.dump.age")
    first, second = shelf.making(house.shelf, facts.name), house.shelf / ".making-second"
    first.write_bytes(b"first")
    second.write_bytes(b"second")
    shelf.put(house.shelf, first, facts)

    with pytest.raises(GaveUp, match="none is ever written over"):
        shelf.put(house.shelf, second, replace(facts, size=6))
    assert (house.shelf / "one.dump.age").read_bytes() == b"first"
    assert shelf.known(house.shelf / "one.dump.age") == facts


async def test_a_copy_counts_its_tables_and_says_aloud_that_there_are_none(house: House) -> None:
    full = await house.copy()
    house.run("DROP SCHEMA audit CASCADE; DROP TABLE patients")
    empty = await house.copy(house.copying("two.dump.age"), key="two")

    assert (full.result["tables"], empty.result["tables"]) == ("2", "0")
    assert "read back and complete, 2 tables\n" in house.runner.log("one").read_text()
    assert "no tables: the database is empty, or another than was meant" in house.runner.log("two").read_text()
    assert "two.dump.age: backend@production" in typed(house, "restore", "two.dump.age", "--into", "DB")[1]
    assert "no tables: the database is empty" in typed(house, "restore", "two.dump.age", "--into", "DB")[1]


async def test_of_very_many_tables_the_list_is_read_while_the_copy_is(house: House) -> None:
    """More than a pipe holds; pg_restore stops reading what it is fed until somebody takes its list."""
    house.run("DO $$ BEGIN FOR n IN 1..1500 LOOP EXECUTE format('CREATE TABLE t%s (id int)', n); END LOOP; END $$")
    house.run("INSERT INTO patients SELECT n, md5(n::text) || md5((n * 7)::text) FROM generate_series(501, 20000) AS n")

    run = await house.copy()

    assert run.result["tables"] == "1502"


async def test_a_server_that_says_nothing_is_not_waited_for(house: House) -> None:
    with silent() as port:
        run = await house.copy(DB=f"postgresql://u:hidden@127.0.0.1:{port}/x?connect_timeout=2")

    said = run.result["error"]
    assert said.startswith("the database's server did not answer within 2 seconds: pg_dump: error: connection to ")
    assert f"port {port}" in said
    assert "hidden" not in run.result["error"]


async def test_a_new_copy_has_the_old_ones_go(house: House) -> None:
    await house.copy(house.copying("a.dump.age"), key="a")
    facts = house.shelf / "a.dump.age.json"
    facts.write_text(json.dumps(json.loads(facts.read_text()) | {"at": "2026-01-01T00:00:00+00:00"}))

    await house.copy(house.copying("b.dump.age"), key="b")

    assert [path.name for path, _ in shelf.copies(house.shelf)] == ["b.dump.age"]


def test_the_programs_that_came_with_us_are_used_unless_others_are_named(house: House) -> None:
    backups = PostgresBackups(surroundings(house.data, **house.secrets), programs=Path("/ours"))
    wish = replace(house.copying(), programs=None)

    assert "/ours" in backups.invocation(wish).argv
    assert "/ours" not in backups.invocation(house.copying()).argv


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
