"""A digest is a direct message: posted once, and to nobody else, whatever becomes of Slack's answers."""

from datetime import timedelta

from bot.domain.alertgroup import Group
from bot.ledger import alertgroups
from bot.sandbox.cast import BOT_USER
from bot.schedules import digests
from bot.usecases import oncall
from tests.fakes.healthbridge import JOHANNES
from tests.fakes.stage import Json
from tests.slack.painting.conftest import Gallery


async def told(gallery: Gallery, person: str = JOHANNES) -> None:
    async with gallery.house.world.ledger.transaction() as tx:
        group = await alertgroups.open_one(tx, Group(0, "platform", "key"))
        await oncall.defer(tx, person, group.id, until=tx.now + timedelta(minutes=1))
    gallery.house.clock.move(timedelta(minutes=2))
    gallery.slack_clock.advance(120)
    await digests.run(gallery.house.world)


async def direct(gallery: Gallery, person: str = "johannes") -> list[Json]:
    messages = await gallery.slack.driver.person(person).messages(BOT_USER)
    return [message for message in messages if message["metadata"]]


async def test_it_is_a_direct_message(gallery: Gallery) -> None:
    await told(gallery)
    await gallery.later()

    (message,) = await direct(gallery)
    assert "While you were left in peace: 1 alert groups" in message["text"]
    assert await gallery.shown() == []


async def test_a_lost_answer_makes_no_second_one_and_no_public_one(gallery: Gallery) -> None:
    await gallery.slack.driver.faults(lose_answer={"methods": ["chat.postMessage"], "count": 1})
    await told(gallery)
    for _ in range(3):
        await gallery.later()

    assert len(await direct(gallery)) == 1
    assert await gallery.shown() == []
    assert await gallery.shown("approvals") == []


async def test_of_somebody_who_has_left_no_channel_is_told_instead(gallery: Gallery) -> None:
    await told(gallery, "U0HASLEFT9")
    for _ in range(3):
        await gallery.later()

    assert await gallery.shown() == []
    assert await gallery.shown("approvals") == []
