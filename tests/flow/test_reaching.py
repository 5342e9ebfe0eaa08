"""A database that is not there, empty, of another version or of somebody else: one sentence, and nothing is made."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.domain.errors import Refused
from bot.ledger.migrate import downgrade, require, upgrade
from tests.fakes.databases import libpq


def tables(url: str) -> list[str]:
    with psycopg.connect(libpq(url)) as connection:
        query = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        return [row[0] for row in connection.execute(query)]


def does(url: str, statement: str) -> None:
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # the tests' own words


def variant(url: str, **parts: str) -> str:
    return make_url(url).set(**parts).render_as_string(hide_password=False)


def test_a_ledger_of_this_version_may_be_looked_at(database_url: str) -> None:
    require(database_url)


def test_an_empty_database_is_refused_and_stays_empty(empty_database_url: str) -> None:
    with pytest.raises(
        Refused, match=r"There is no ledger in the database “\w+” in .*; “slipway db upgrade” makes one"
    ):
        require(empty_database_url)

    assert tables(empty_database_url) == []


def test_an_older_ledger_is_refused_with_the_way_out(database_url: str) -> None:
    downgrade(database_url, "-1")
    with pytest.raises(Refused, match=r"is of version \d+, and this Slipway reads \d+; “slipway db upgrade”"):
        require(database_url)


def test_a_newer_ledger_is_refused(database_url: str) -> None:
    does(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match=r"The database is of version 9999, .*used by a newer Slipway"):
        require(database_url)


def test_a_ledger_that_lost_a_table_is_refused(database_url: str) -> None:
    does(database_url, "DROP TABLE pace")
    with pytest.raises(Refused, match=r"is not whole: its table “pace” is gone"):
        require(database_url)


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE events (id int)", "CREATE TABLE alembic_version AS SELECT 'abc' v"]
)
def test_a_database_of_something_else_is_refused_and_left_alone(empty_database_url: str, statement: str) -> None:
    does(empty_database_url, statement.replace(" v", " version_num"))
    before = tables(empty_database_url)
    for look in (upgrade, require):
        with pytest.raises(Refused, match=r"holds something else than a ledger; .* Nothing was changed"):
            look(empty_database_url)

    assert tables(empty_database_url) == before


def test_a_database_or_a_person_that_is_not_there_is_named(database_url: str) -> None:
    with pytest.raises(Refused, match=r"there is no database “ledgr”; make it with: createdb ledgr\.$"):
        require(variant(database_url, database="ledgr"))
    with pytest.raises(Refused, match=r"cannot be used: there is no user “nobody-here”\.$"):
        upgrade(variant(database_url, username="nobody-here"))


def test_who_may_not_read_is_told_so(database_url: str) -> None:
    role = f"guest_{os.getpid()}"
    does(database_url, f"CREATE ROLE {role} LOGIN")
    does(database_url, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM public")
    try:
        with pytest.raises(Refused, match=r"cannot be used: permission denied for table alembic_version"):
            require(variant(database_url, username=role))
    finally:
        does(database_url, f"DROP ROLE {role}")


def slipway(*argv: str, folder: Path, url: str = "") -> "subprocess.CompletedProcess[str]":
    """Type it as a person would, in an empty folder."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SLIPWAY_", "DATABASE_"))
    }
    tokens = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *argv],
        cwd=folder,
        env=kept | tokens | {"DATABASE_URL": url},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("word", ["ledger verify", "ledger show change:1", "ledger export"])
def test_looking_where_no_ledger_is_makes_none(tmp_path: Path, word: str) -> None:
    answer = slipway(*word.split(), folder=tmp_path)

    assert answer.stderr == (
        "There is no ledger in .data: no Slipway was started there. "
        "SLIPWAY_DATA names another folder, DATABASE_URL a PostgreSQL of yours.\n"
    )
    assert (answer.returncode, answer.stdout, list(tmp_path.iterdir())) == (1, "", [])


@pytest.mark.parametrize("word", ["serve", "db upgrade", "ledger verify", "ledger show change:1", "ledger export"])
def test_a_database_that_cannot_be_used_is_one_sentence_for_every_word(tmp_path: Path, word: str) -> None:
    kind = slipway(*word.split(), folder=tmp_path, url="mysql://u:hushhush@h/d")
    away = slipway(*word.split(), folder=tmp_path, url="postgres://u:hushhush@127.0.0.1:1/d")

    assert kind.stderr.startswith("DATABASE_URL is an address of “mysql”; Slipway needs PostgreSQL")
    assert away.stderr == "The database of DATABASE_URL, “d” at 127.0.0.1:1, cannot be used: nobody listens there.\n"
    assert [len(one.stderr.splitlines()) for one in (kind, away)] == [1, 1]
    assert (kind.returncode, away.returncode) == (1, 1)
    assert list(tmp_path.iterdir()) == []
