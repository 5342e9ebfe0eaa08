"""Copies brought back: whole or not at all, into the database that was named and no other."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.domain.errors import GaveUp
from bot.ledger.queue import conninfo as libpq
from integrations._backup import address, restoring, sealing
from tests.contract.copies import IDENTITY, OWNER, PROGRAMS, House, a_house, silent, stand_in, typed
from tests.fakes.databases import Databases


@pytest.fixture
def house(empty_database_url: str, tmp_path: Path) -> House:
    return a_house(empty_database_url, tmp_path)


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


# --- into the database that was named, and no other ---------------------------------------------------------------


@pytest.fixture
def another(databases: Databases) -> Iterator[str]:
    """Give the address of a database that nobody named, with something to lose."""
    with databases.empty() as url:
        with psycopg.connect(libpq(url), autocommit=True) as connection:
            connection.execute("CREATE TABLE precious AS SELECT 1 AS it")
        yield url


def is_whole(url: str) -> bool:
    with psycopg.connect(libpq(url)) as connection:
        found = connection.execute("SELECT to_regclass('precious') IS NOT NULL, to_regclass('patients') IS NULL")
        return found.fetchone() == (True, True)


def shell_of(another: str, folder: Path) -> dict[str, str]:
    """Return a shell in which everything points to another database."""
    url = make_url(another)
    place = {"host": url.query["host"], "dbname": url.database, "user": url.username}
    service = folder / "pg_service.conf"
    service.write_text("[production]\n" + "".join(f"{name}={value}\n" for name, value in place.items() if value))
    return {
        "PGSERVICE": "production",
        "PGSERVICEFILE": str(service),
        "PGDATABASE": str(url.database),
        "PGOPTIONS": "-c search_path=elsewhere -c default_transaction_read_only=on",
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": "1",
        "PGUSER": "somebody",
    }


async def test_what_the_shell_says_of_a_database_counts_for_nothing(house: House, another: str, tmp_path: Path) -> None:
    await house.copy()
    damage(house)

    code, said = typed(house, "restore", "one.dump.age", "--into", "DB", "--yes", **shell_of(another, tmp_path))

    assert code == 0, said
    assert is_whole(another)
    assert house.ask("SELECT count(name) FROM patients") == [(500,)]


async def test_an_address_without_a_name_is_the_servers_own_database_whatever_the_shell_says(
    house: House, another: str
) -> None:
    await house.copy()
    nameless = house.url.replace(f"/{make_url(house.url).database}?", "/?")
    shell = {"PGDATABASE": str(make_url(another).database)}

    code, said = typed(house, "restore", "one.dump.age", "--into", "DB", say="no\n", DB=nameless, **shell)

    assert code == 1
    assert "Everything in the database postgres on " in said
    assert is_whole(another)


async def test_where_another_database_answers_than_the_address_names_nothing_is_dropped(
    house: House, another: str
) -> None:
    path = (await house.copy()).result["path"]
    named = address.variables(house.url, secret="DB")
    place = restoring.look(named, programs=PROGRAMS)
    moved = address.variables(another, secret="DB")
    key = sealing.identity(IDENTITY, secret="KEY")

    with pytest.raises(
        GaveUp, match=r"nothing was changed: .*another database answers than the one that was asked for"
    ):
        restoring.restore(Path(path), key, moved, place, programs=PROGRAMS)
    assert is_whole(another)


async def test_a_server_that_answers_for_another_database_is_found_out_before_anything_is_asked(
    house: House, another: str, tmp_path: Path
) -> None:
    """As a pooler does that gives its databases names of its own."""
    path = (await house.copy()).result["path"]
    name = make_url(another).database
    stand_in(
        tmp_path / "pg",
        "psql",
        f"import os; os.execvpe({PROGRAMS!r} + '/psql', os.sys.argv, os.environ | {{'PGDATABASE': {name!r}}})",
    )

    code, said = typed(house, "restore", path, "--into", "DB", "--yes", "--programs", str(tmp_path / "pg"))

    assert code == 1
    assert f"the address names the database {make_url(house.url).database}, and {name} answers" in said
    assert is_whole(another)


async def test_a_server_that_says_nothing_is_not_waited_for(house: House) -> None:
    await house.copy()

    with silent() as port:
        where = f"postgresql://u:hidden@127.0.0.1:{port}/x?connect_timeout=2"
        code, said = typed(house, "restore", "one.dump.age", "--into", "DB", "--yes", DB=where)

    assert code == 1
    assert "the database's server did not answer within 2 seconds: psql: error: connection to server at " in said
    assert f"port {port}" in said
    assert "hidden" not in said


# --- over itself, whatever is in it -------------------------------------------------------------------------------

ELSEWHERE = {  # what lies in no schema, by the catalog that it is in
    "pg_publication": "CREATE PUBLICATION p FOR ALL TABLES; CREATE PUBLICATION q FOR TABLE patients",
    "pg_foreign_data_wrapper": "CREATE FOREIGN DATA WRAPPER w",
    "pg_user_mapping": """
        CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
        CREATE USER MAPPING FOR PUBLIC SERVER s; CREATE FOREIGN TABLE far (id int) SERVER s""",
    "pg_event_trigger": """
        CREATE FUNCTION stops() RETURNS event_trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'nothing is dropped here'; END $$;
        CREATE EVENT TRIGGER t ON sql_drop EXECUTE FUNCTION stops()""",
    "pg_cast": "CREATE CAST (int AS point) WITH INOUT",
    "pg_language": """
        CREATE FUNCTION runs() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
        CREATE LANGUAGE ours HANDLER runs""",
    "pg_transform": """
        CREATE TRANSFORM FOR int LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal))""",
    "pg_am": "CREATE ACCESS METHOD heaps TYPE TABLE HANDLER heap_tableam_handler",
    "pg_extension": """
        CREATE EXTENSION vector; CREATE TABLE v (it vector(2)); CREATE INDEX ON v USING hnsw (it vector_l2_ops)""",
    "pg_default_acl": """
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES IN SCHEMA audit GRANT USAGE ON SEQUENCES TO PUBLIC""",
    "pg_largeobject_metadata": "SELECT lo_from_bytea(0, 'x')",
}


def counted(house: House, catalog: str) -> object:
    return house.ask(f"SELECT count(*) FROM {catalog}")[0][0]  # noqa: S608 - a catalog of the list above


@pytest.mark.parametrize("catalog", ELSEWHERE)
async def test_what_lies_in_no_schema_comes_back_too_and_is_not_in_the_way(house: House, catalog: str) -> None:
    before = counted(house, catalog)
    house.run(ELSEWHERE[catalog])
    there = counted(house, catalog)
    path = (await house.copy()).result["path"]

    house.restore(path)
    house.restore(path)

    assert there != before
    assert counted(house, catalog) == there
    assert house.ask("SELECT count(name) FROM patients") == [(500,)]


@pytest.mark.parametrize("catalog", ELSEWHERE)
async def test_what_lies_in_no_schema_and_came_after_the_copy_goes(house: House, catalog: str) -> None:
    before = counted(house, catalog)
    path = (await house.copy()).result["path"]
    house.run(ELSEWHERE[catalog])

    house.restore(path)

    assert counted(house, catalog) == before
    assert house.ask("SELECT relacl FROM pg_class WHERE relname = 'patients'") == [(None,)]


async def test_a_database_that_receives_from_another_is_left_alone_and_the_way_out_is_said(house: House) -> None:
    path = (await house.copy()).result["path"]
    house.run("CREATE SUBSCRIPTION incoming CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)")
    damage(house)
    try:
        with pytest.raises(GaveUp, match=r"nothing was changed: .*first DROP SUBSCRIPTION incoming"):
            house.restore(path)
        assert house.ask("SELECT to_regclass('newer') IS NOT NULL") == [(True,)]
    finally:
        house.run("ALTER SUBSCRIPTION incoming SET (slot_name = NONE)")
        house.run("DROP SUBSCRIPTION incoming")


async def test_what_a_database_received_from_another_is_in_its_copy_and_the_receiving_is_not(house: House) -> None:
    house.run("CREATE SUBSCRIPTION incoming CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)")
    try:
        path = (await house.copy()).result["path"]
    finally:
        house.run("ALTER SUBSCRIPTION incoming SET (slot_name = NONE)")
        house.run("DROP SUBSCRIPTION incoming")
    damage(house)

    house.restore(path)

    assert house.ask("SELECT count(name) FROM patients") == [(500,)]
    assert house.ask("SELECT count(*) FROM pg_subscription") == [(0,)]


async def test_a_server_that_is_older_than_the_programs_is_told_nothing_that_it_does_not_know(
    house: House, tmp_path: Path
) -> None:
    """pg_restore 18 sets what servers know since 17; to an older one that is an error, and the end of the restoring."""
    path = (await house.copy()).result["path"]
    seen = tmp_path / "seen"
    stand_in(
        tmp_path / "pg",
        "psql",
        f"""import subprocess, sys
piped = '--file=-' in sys.argv
said = sys.stdin.buffer.read() if piped else None
if piped: open({str(seen)!r}, 'wb').write(said)
sys.exit(subprocess.run([{PROGRAMS!r} + '/psql', *sys.argv[1:]], input=said).returncode)""",
    )

    code, said = typed(house, "restore", path, "--into", "DB", "--yes", "--programs", str(tmp_path / "pg"))

    assert code == 0, said
    assert b"SET statement_timeout = 0;\n" in seen.read_bytes()
    assert b"SET transaction_timeout" not in seen.read_bytes()
