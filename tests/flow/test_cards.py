"""Cards: many changes of a row are one painting, and what was not painted is found again."""

import asyncio
from collections import Counter
from datetime import timedelta

from bot.ledger import cards, painting
from bot.ledger.cards import QUEUED_FOR, Card
from bot.ledger.painting import POSTED_NEXT
from bot.ledger.queue import AT_ONCE, COSMETIC, URGENT
from tests.fakes.healthbridge import HealthBridge

SECOND = timedelta(seconds=1)


async def a_card(house: HealthBridge, subject: str = "change:1", role: str = "live") -> Card:
    async with house.world.ledger.transaction() as tx:
        await cards.add(tx, subject, role, "deployments")
    return await of(house, subject, role)


async def of(house: HealthBridge, subject: str = "change:1", role: str = "live") -> Card:
    async with house.world.ledger.transaction() as tx:
        card = await cards.of(tx, subject, role)
    assert card is not None
    return card


async def touch(house: HealthBridge, *, urgent: bool = False) -> None:
    async with house.world.ledger.transaction() as tx:
        cards.touch(tx, "change:1", urgent=urgent)


async def jobs(house: HealthBridge) -> list[tuple[object, int]]:
    """Return the paint jobs in the queue: card and priority."""
    found = await house.queue.app.job_manager.list_jobs_async(task="paint")
    return [(job.task_kwargs["subject"], job.priority) for job in found]


async def painted(house: HealthBridge) -> None:
    """Take the paint jobs off the queue and paint what they say."""
    await house.drain()
    card = await of(house)
    async with house.world.ledger.transaction() as tx:
        taken = await painting.begin_painting(tx, card.id)
        assert taken is not None
        await painting.shown(tx, taken, ts="1.0", channel="C1", revision=taken.revision)


async def test_a_new_card_is_painted_once_however_often_it_is_added(house: HealthBridge) -> None:
    card = await a_card(house)
    assert await a_card(house) == card

    assert await jobs(house) == [(card.id, URGENT)]


async def test_many_changes_of_a_row_are_one_painting(house: HealthBridge) -> None:
    card = await a_card(house)
    for _ in range(20):
        await touch(house)

    assert await jobs(house) == [(card.id, URGENT)]
    assert (await of(house)).revision == card.revision + 20


async def test_what_changes_after_the_painting_began_is_painted_again(house: HealthBridge) -> None:
    card = await a_card(house)
    await painted(house)

    await touch(house)
    await touch(house)

    assert await jobs(house) == [(card.id, COSMETIC)]
    after = await of(house)
    assert (after.revision, after.shown_revision) == (3, 1)


async def test_what_a_person_did_overtakes_what_is_cosmetic(house: HealthBridge) -> None:
    card = await a_card(house)
    await painted(house)

    await touch(house)
    await touch(house, urgent=True)
    await touch(house, urgent=True)

    assert await jobs(house) == [(card.id, COSMETIC), (card.id, AT_ONCE)]
    assert (await of(house)).urgent


async def test_many_touches_at_one_moment_count_every_one(house: HealthBridge) -> None:
    card = await a_card(house)

    await asyncio.gather(*[touch(house) for _ in range(30)])

    assert (await of(house)).revision == card.revision + 30
    assert await jobs(house) == [(card.id, URGENT)]


async def test_a_job_that_was_lost_is_queued_again_once(house: HealthBridge) -> None:
    card = await a_card(house)
    await painted(house)
    await touch(house)
    await house.drain()
    house.clock.move(QUEUED_FOR + SECOND)

    await touch(house)
    await touch(house)
    await touch(house)

    assert await jobs(house) == [(card.id, COSMETIC)]


async def test_a_lost_painting_is_found_by_the_audit_and_not_before_its_time(house: HealthBridge) -> None:
    house.shows = False
    card = await a_card(house)
    await house.drain()

    assert await stale(house) == []
    house.clock.move(QUEUED_FOR + SECOND)
    assert await stale(house) == [(card.id, "channel:deployments", URGENT)]
    assert await stale(house) == []


async def stale(house: HealthBridge) -> list[tuple[int, str | None, int]]:
    async with house.world.ledger.transaction() as tx:
        return [(job.subject, job.lock, job.priority) for job in await painting.stale(tx)]


async def test_a_card_that_was_put_off_is_found_when_it_is_due(house: HealthBridge) -> None:
    house.shows = False
    card = await a_card(house)
    await house.drain()
    async with house.world.ledger.transaction() as tx:
        await painting.put_off(tx, card, until=tx.now + 10 * SECOND, fault="rate limited")

    assert await stale(house) == []
    assert (await of(house)).fault == "rate limited"
    house.clock.move(10 * SECOND)
    assert await stale(house) == [(card.id, "channel:deployments", URGENT)]


async def test_a_card_that_shows_its_row_is_not_stale(house: HealthBridge) -> None:
    await a_card(house)
    await painted(house)
    house.clock.move(timedelta(days=1))

    assert await stale(house) == []
    assert not (await of(house)).urgent


async def test_two_audits_at_one_moment_take_a_card_once(house: HealthBridge) -> None:
    house.shows = False
    card = await a_card(house)
    await house.drain()
    house.clock.move(QUEUED_FOR + SECOND)

    found = await asyncio.gather(stale(house), stale(house), stale(house))

    assert sorted(found, key=len) == [[], [], [(card.id, "channel:deployments", URGENT)]]


async def test_what_is_cosmetic_after_an_urgent_painting_is_not_urgent(house: HealthBridge) -> None:
    card = await a_card(house)
    async with house.world.ledger.transaction() as tx:
        await painting.take_turn(tx, card)
    await touch(house)

    assert card.urgent
    assert not (await of(house)).urgent


async def test_an_urgent_painting_that_is_put_off_stays_urgent(house: HealthBridge) -> None:
    card = await a_card(house)
    async with house.world.ledger.transaction() as tx:
        await painting.take_turn(tx, card)
        await painting.put_off(tx, card, until=tx.now + SECOND)

    assert (await of(house)).urgent


async def test_a_card_whose_message_is_gone_is_posted_anew_elsewhere(house: HealthBridge) -> None:
    card = await a_card(house)
    await painted(house)

    async with house.world.ledger.transaction() as tx:
        await painting.move(tx, await of(house), channel="general", fault="the channel is archived")

    moved = await of(house)
    assert (moved.channel, moved.ts, moved.fault) == ("general", None, "the channel is archived")
    assert await jobs(house) == [(card.id, URGENT)]
    assert moved.shown_revision < moved.revision or moved.ts is None


async def test_a_card_that_has_moved_is_not_moved_again_by_who_found_its_old_place_gone(house: HealthBridge) -> None:
    await a_card(house)
    await painted(house)
    card = await of(house)
    async with house.world.ledger.transaction() as tx:
        await painting.move(tx, card, channel="approvals", fault="is_archived")
    async with house.world.ledger.transaction() as tx:
        await painting.move(tx, card, channel="general", fault="is_archived")

    assert (await of(house)).channel == "approvals"
    assert await jobs(house) == [(card.id, URGENT)]


async def test_a_picture_that_comes_after_a_newer_one_is_painted_over(house: HealthBridge) -> None:
    card = await a_card(house)
    await painted(house)
    await touch(house)
    older = await of(house)
    await touch(house)
    newer = await of(house)
    for one in (newer, older):
        async with house.world.ledger.transaction() as tx:
            await painting.shown(tx, one, ts="1.0", channel="C1", revision=one.revision)

    after = await of(house)
    assert (after.id, after.shown_revision, after.revision) == (card.id, newer.revision, newer.revision + 1)


async def test_a_card_keeps_the_message_that_was_noted_first(house: HealthBridge) -> None:
    card = await a_card(house)
    for ts in ("1.0", "2.0"):
        async with house.world.ledger.transaction() as tx:
            await painting.shown(tx, card, ts=ts, channel="C1", revision=card.revision)

    assert (await of(house)).ts == "1.0"


async def test_of_a_flood_of_new_cards_only_the_next_few_are_tried_in_each_channel(house: HealthBridge) -> None:
    house.shows = False
    for channel in ("alerts", "deployments"):
        for number in range(POSTED_NEXT + 5):
            async with house.world.ledger.transaction() as tx:
                await cards.add(tx, f"{channel}:{number}", "live", channel)
    await house.drain()
    house.clock.move(QUEUED_FOR + SECOND)

    tried = await stale(house)

    assert Counter(lock for _, lock, _ in tried) == {"channel:alerts": POSTED_NEXT, "channel:deployments": POSTED_NEXT}


async def test_what_people_did_with_a_card_that_hangs_goes_before_what_is_to_be_posted(house: HealthBridge) -> None:
    card = await a_card(house)
    await painted(house)
    house.shows = False
    another = await a_card(house, "change:2")

    await touch(house, urgent=True)

    assert await jobs(house) == [(another.id, URGENT), (card.id, AT_ONCE)]
