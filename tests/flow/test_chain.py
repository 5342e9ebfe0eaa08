"""The chain of events: what happened cannot be rewritten, and whoever does it as the database's master is found."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg
import pytest
from psycopg import errors

from bot.domain.canonical import sha256
from bot.ledger import chain
from bot.ledger.chain import GENESIS, Verdict
from tests.fakes.databases import libpq
from tests.fakes.healthbridge import HealthBridge

EVENTS = 12
SECOND = timedelta(seconds=1)

Tamper = Callable[..., None]


@pytest.fixture
async def sealed(house: HealthBridge) -> HealthBridge:
    """Give a HealthBridge where a dozen things happened, one a second, all sealed."""
    for number in range(1, EVENTS + 1):
        await happen(house, number)
    assert await seal(house) == EVENTS
    assert (await verify(house)).bad is None
    return house


async def happen(house: HealthBridge, number: int) -> None:
    house.clock.move(SECOND)
    async with house.world.ledger.transaction() as tx:
        tx.record("test.happened", actor="U_SOMEBODY", subject=f"test:{number}", number=number)


async def seal(house: HealthBridge) -> int:
    async with house.world.ledger.transaction() as tx:
        return await chain.seal(tx)


async def verify(house: HealthBridge) -> Verdict:
    async with house.world.ledger.transaction() as tx:
        return await chain.verify(tx)


@pytest.fixture
def tamper(database_url: str) -> Tamper:
    """Run a statement as the database's master, past the guard."""

    def tamper(statement: str, *values: object) -> None:
        with psycopg.connect(libpq(database_url), autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement, values)  # type: ignore[call-overload]  # the tests' own words

    return tamper


async def test_a_dozen_events_are_chained_in_order(sealed: HealthBridge) -> None:
    verdict = await verify(sealed)

    assert (verdict.sealed, verdict.unsealed, verdict.bad) == (EVENTS, 0, None)
    async with sealed.world.ledger.transaction() as tx:
        rows = [row async for row in chain.walk(tx)]
    assert [row["sequence"] for row in rows] == list(range(1, EVENTS + 1))
    assert rows[0]["previous_hash"] == GENESIS
    assert rows[-1]["hash"] == verdict.head
    assert rows[4]["hash"] == sha256(f"{rows[3]['hash']}5{rows[4]['content_hash']}")


async def test_an_empty_ledger_holds(house: HealthBridge) -> None:
    assert await verify(house) == Verdict(0, 0, GENESIS)
    assert await seal(house) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'U_OTHER'",
        "UPDATE events SET payload = '{}' WHERE sequence = 3",
        "UPDATE events SET sequence = 99 WHERE sequence = 3",
        "DELETE FROM events WHERE sequence = 3",
        "TRUNCATE events",
    ],
)
async def test_the_database_itself_refuses_to_rewrite_what_happened(
    sealed: HealthBridge, database_url: str, statement: str
) -> None:
    with psycopg.connect(libpq(database_url)) as connection:  # noqa: SIM117 - the refusal is the statement's
        with pytest.raises(errors.InsufficientPrivilege, match="events are append-only"):
            connection.execute(statement)  # type: ignore[call-overload]  # the tests' own words

    assert (await verify(sealed)).bad is None


async def test_sealing_is_the_one_change_that_the_database_allows_and_it_allows_nothing_beside_it(
    house: HealthBridge, database_url: str
) -> None:
    await happen(house, 1)
    edit = "UPDATE events SET sequence = 1, payload = '{}'"
    with psycopg.connect(libpq(database_url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(edit)  # type: ignore[call-overload]  # the tests' own words
    assert await seal(house) == 1


EDITS = {
    "the payload": "UPDATE events SET payload = '{\"number\":99}' WHERE sequence = 5",
    "who did it": "UPDATE events SET actor = 'U_INNOCENT' WHERE sequence = 5",
    "when it was": "UPDATE events SET at = at - interval '1 second' WHERE sequence = 5",
    "what it was about": "UPDATE events SET subject = 'test:4' WHERE sequence = 5",
    "what it was": "UPDATE events SET kind = 'test.nothing' WHERE sequence = 5",
}


@pytest.mark.parametrize("what", EDITS)
async def test_an_edited_event_is_found_and_named(sealed: HealthBridge, tamper: Tamper, what: str) -> None:
    tamper(EDITS[what])

    verdict = await verify(sealed)

    assert verdict.sealed == 4
    assert verdict.bad is not None
    assert verdict.bad.startswith("event 5 (place 5, ")
    assert "was edited: its content no longer has the hash it was written with" in verdict.bad


async def test_an_event_edited_together_with_its_own_hash_is_found(sealed: HealthBridge, tamper: Tamper) -> None:
    tamper(
        "UPDATE events SET payload = '{}', content_hash = (SELECT content_hash FROM events WHERE id = 4) WHERE id = 5"
    )
    assert "event 5 (place 5" in str((await verify(sealed)).bad)


async def test_a_removed_event_is_found_and_its_place_named(sealed: HealthBridge, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE sequence = 7")

    assert "place 7 of the chain is missing: an event was removed before event 8" in str((await verify(sealed)).bad)


async def test_a_removed_event_whose_followers_were_moved_up_is_found(sealed: HealthBridge, tamper: Tamper) -> None:
    tamper("DELETE FROM events WHERE sequence = 7")
    for place in range(8, EVENTS + 1):
        tamper("UPDATE events SET sequence = %s WHERE sequence = %s", place - 1, place)

    bad = str((await verify(sealed)).bad)
    assert "event 8 (place 7" in bad
    assert "does not follow the event before it" in bad


@pytest.mark.parametrize("first", [1, 9, 12])
async def test_cutting_off_the_newest_events_is_found(sealed: HealthBridge, tamper: Tamper, first: int) -> None:
    tamper("DELETE FROM events WHERE sequence >= %s", first)

    assert (await verify(sealed)).bad == (
        f"the chain ends at place {first - 1} and reached place 12: its newest events were removed"
    )


async def test_two_events_that_changed_places_are_found(sealed: HealthBridge, tamper: Tamper) -> None:
    tamper("UPDATE events SET sequence = 1000 WHERE sequence = 5")
    tamper("UPDATE events SET sequence = 5 WHERE sequence = 6")
    tamper("UPDATE events SET sequence = 6 WHERE sequence = 1000")

    verdict = await verify(sealed)
    assert verdict.sealed == 4
    assert "event 6 (place 5" in str(verdict.bad)


async def test_an_event_slipped_in_between_is_found(sealed: HealthBridge, tamper: Tamper) -> None:
    for place in range(EVENTS, 5, -1):
        tamper("UPDATE events SET sequence = %s WHERE sequence = %s", place + 1, place)
    tamper(COPY, 6)

    verdict = await verify(sealed)
    assert verdict.sealed == 5
    assert "does not follow the event before it" in str(verdict.bad)


async def test_an_event_added_with_a_time_long_past_is_found(sealed: HealthBridge, tamper: Tamper) -> None:
    tamper(COPY, None)
    sealed.clock.move(timedelta(hours=1))
    await happen(sealed, 13)
    tamper(COPY, None)
    unsealed = await verify(sealed)
    await seal(sealed)

    assert "inserted afterwards" in str((await verify(sealed)).bad)
    assert unsealed.bad is None or "inserted afterwards" in unsealed.bad


COPY = (
    "INSERT INTO events (at, actor, subject, kind, payload, content_hash, sequence, sealed_at, previous_hash, hash)"
    " SELECT at, actor, subject, kind, payload, content_hash, %s, sealed_at, previous_hash, hash"
    " FROM events WHERE id = 5"
)


async def test_an_event_edited_before_it_was_sealed_is_found(sealed: HealthBridge, tamper: Tamper) -> None:
    await happen(sealed, 13)
    tamper("UPDATE events SET actor = 'U_INNOCENT' WHERE sequence IS NULL")

    verdict = await verify(sealed)
    assert verdict.bad == "event 13 (test.happened, not yet sealed) was edited"
    assert verdict.unsealed == 1
    await seal(sealed)
    assert "event 13 (place 13" in str((await verify(sealed)).bad)


async def test_a_chain_rewritten_from_an_event_on_with_all_its_hashes_is_found(
    sealed: HealthBridge, tamper: Tamper
) -> None:
    """Whoever knows how it is made can make it anew; the head that was noted apart no longer fits."""
    tamper(
        "UPDATE events SET content_hash = (SELECT content_hash FROM events WHERE id = 4),"
        " actor = (SELECT actor FROM events WHERE id = 4), at = (SELECT at FROM events WHERE id = 4),"
        " subject = (SELECT subject FROM events WHERE id = 4), payload = (SELECT payload FROM events WHERE id = 4)"
        " WHERE id = 5"
    )
    async with sealed.world.ledger.transaction() as tx:
        rows = [row async for row in chain.walk(tx)]
    previous = GENESIS
    for row in rows:
        digest = chain.chained(previous, row["sequence"], row["content_hash"])
        tamper("UPDATE events SET previous_hash = %s, hash = %s WHERE id = %s", previous, digest, row["id"])
        previous = digest

    assert (await verify(sealed)).bad == (
        "the chain was rewritten: place 12 has another hash than was noted when it was sealed"
    )


async def test_the_first_of_several_wrongs_is_named(sealed: HealthBridge, tamper: Tamper) -> None:
    for place in (9, 3, 6):
        tamper("UPDATE events SET actor = 'U_INNOCENT' WHERE sequence = %s", place)

    assert str((await verify(sealed)).bad).startswith("event 3 (place 3")


async def test_what_waits_long_to_be_sealed_is_no_wrong(house: HealthBridge) -> None:
    """The sealer was away for hours, and takes what it finds in more than one batch."""
    async with house.world.ledger.transaction() as tx:
        for number in range(chain.BATCH):
            tx.record("test.happened", actor="U_SOMEBODY", subject="test:many", number=number)
    house.clock.move(timedelta(hours=1))
    await happen(house, 1)
    house.clock.move(timedelta(hours=11))
    while await seal(house):
        house.clock.move(SECOND)

    verdict = await verify(house)
    assert (verdict.sealed, verdict.bad) == (chain.BATCH + 1, None)


async def test_two_replicas_that_seal_at_one_moment_make_one_chain(house: HealthBridge) -> None:
    for number in range(1, 31):
        deeds: list[Awaitable[object]] = [seal(house), happen(house, number), seal(house), happen(house, -number)]
        await asyncio.gather(*deeds)
    while await seal(house):
        pass

    verdict = await verify(house)
    assert (verdict.sealed, verdict.unsealed, verdict.bad) == (60, 0, None)


async def test_verifying_while_events_are_written_and_sealed_raises_no_false_alarm(house: HealthBridge) -> None:
    async def write() -> None:
        for number in range(40):
            await happen(house, number)
            await seal(house)

    async def look() -> list[str | None]:
        return [(await verify(house)).bad for _ in range(20)]

    _, found = await asyncio.gather(write(), look())
    assert found == [None] * 20


async def test_a_whole_deploy_is_sealed_and_holds(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0", subject="Übergröße — ليلى <!channel>")
    await house.deployed("staging", "backend")

    assert await seal(house) > 10
    assert (await verify(house)).bad is None
