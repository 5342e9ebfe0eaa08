"""Migrations: up from empty is what the models say, down and up again, a newer database is refused and untouched."""

import threading

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bot.domain import change, operation
from bot.domain.errors import Refused
from bot.ledger import schema
from bot.ledger.migrate import downgrade, upgrade
from bot.ledger.schema import metadata
from tests.fakes.databases import libpq


def looked_up(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(libpq(url)) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]  # the tests' own words


def differences(url: str) -> list[object]:
    """Return what the models say otherwise than the database."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        options = {
            "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
            "compare_server_default": True,
            "compare_type": True,
        }
        found: list[object] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    return found


def things(url: str) -> set[tuple[object, ...]]:
    """Return everything a database holds besides PostgreSQL's own: tables, indexes, functions, types, triggers."""
    query = """
        SELECT 'table', relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION SELECT 'function', proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION SELECT 'type', typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
        UNION SELECT 'trigger', tgname::text FROM pg_trigger WHERE NOT tgisinternal
    """
    return {one for one in looked_up(url, query) if "alembic_version" not in str(one)}


def test_up_from_empty_is_what_the_models_say(empty_database_url: str) -> None:
    upgrade(empty_database_url)

    assert differences(empty_database_url) == []


def test_up_twice_changes_nothing(database_url: str) -> None:
    before = things(database_url)

    upgrade(database_url)

    assert things(database_url) == before


def test_down_leaves_nothing_and_up_again_is_the_same(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    full = things(empty_database_url)

    downgrade(empty_database_url, "base")
    assert things(empty_database_url) == set()

    upgrade(empty_database_url)
    assert things(empty_database_url) == full
    assert differences(empty_database_url) == []


def test_every_single_step_down_can_be_taken_up_again(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    full = things(empty_database_url)
    for _ in range(1):
        downgrade(empty_database_url, "-1")
        upgrade(empty_database_url)

    assert things(empty_database_url) == full


def test_a_newer_database_is_refused_and_left_as_it_is(database_url: str) -> None:
    with psycopg.connect(libpq(database_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = things(database_url)

    with pytest.raises(Refused, match=r"The database is of version 9999, .* nothing was changed"):
        upgrade(database_url)

    assert looked_up(database_url, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert things(database_url) == before


def test_two_replicas_that_migrate_at_one_moment_migrate_once(empty_database_url: str) -> None:
    versions: list[str] = []
    threads = [threading.Thread(target=lambda: versions.append(upgrade(empty_database_url))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(versions) == 3
    assert len(set(versions)) == 1
    assert differences(empty_database_url) == []


def test_a_database_that_does_not_answer_is_one_clear_sentence() -> None:
    with pytest.raises(
        Refused, match=r"The database of DATABASE_URL, “nothing” at 127\.0\.0\.1:1, cannot be used: nobody"
    ):
        upgrade("postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2")


def test_the_models_know_which_states_are_open_and_which_hold_a_target() -> None:
    """The partial indexes repeat the states of the domain in SQL; here the two are held together."""
    ended = str(text(schema._ENDED))
    holds = schema._HOLDS
    assert {state.value for state in change.State if f"'{state}'" in ended} == {str(one) for one in change.ENDED}
    assert {state.value for state in operation.State if f"'{state}'" in holds} == {
        str(one) for one in operation.HOLDS_TARGET
    }
    assert {state.value for state in operation.State if f"'{state}'" in schema._OPEN} == {
        str(one) for one in set(operation.State) - operation.FINAL - {operation.State.UNKNOWN}
    }
