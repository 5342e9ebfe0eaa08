"""What people are told of alerts in a real local Slack: in the thread, directly; and what Slack will not show."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ledger import alertgroups, cards, notifications
from bot.schedules import escalations as tick
from bot.usecases import alerting
from bot.web import alertmanager
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.healthbridge import JOHANNES, SELMA
from tests.fakes.monitor import TOKEN, Monitor
from tests.fakes.pager import ScriptedIncidents, ScriptedLetters, pagers
from tests.flow.test_escalating import ALERTS
from tests.slack.painting.conftest import Gallery

STEPS = (
    ("[pagerduty, email, mention]", "[mention, email]"),
    (
        "{ rotation: secondary, by: [mention, email], after: 10m }",
        "{ person: U0JOHANNE4, by: [dm, email], after: 10m }",
    ),
)


class Hall:
    """The gallery with a monitor and pagers."""

    def __init__(self, gallery: Gallery) -> None:
        self.gallery, self.house, self.slack = gallery, gallery.house, gallery.slack
        text = EXAMPLE.replace("channels:", ALERTS)
        for old, new in STEPS:
            text = text.replace(old, new)
        text = text.replace("approvals: approvals }", "approvals: approvals, alerts: alerts }")
        self.house.with_catalog(read(text))
        self.house.secrets["ALERTS_TOKEN"] = TOKEN
        self.incidents, self.letters = ScriptedIncidents(), ScriptedLetters()
        self.house.world = replace(self.house.world, pagers=pagers(self.incidents, self.letters))
        gallery.painter._world = self.house.world
        self.monitor = Monitor(self.house, alertmanager.route(self.house.world))

    async def go(self, seconds: float = 30) -> None:
        """Let time pass; take what is due, do what follows, and paint it."""
        for _ in range(3):
            await tick.run(self.house.world)
            await self.house.drain()
            await self.gallery.after(seconds)
            seconds = 30
        await self.house.drain()

    async def ends(self, number: int) -> list[tuple[str, str]]:
        told = await notifications.of_group(self.house.world.ledger.reading, number)
        return [(one.way, one.state) for one in reversed(told)]

    async def live(self, number: int) -> cards.Card:
        async with self.house.world.ledger.transaction() as tx:
            found = await cards.of(tx, alertgroups.subject(number), "live")
        assert found is not None
        return found


@pytest.fixture
def hall(gallery: Gallery) -> Hall:
    return Hall(gallery)


async def test_who_is_on_call_is_mentioned_in_the_thread_once(hall: Hall) -> None:
    number = await hall.monitor.told(hall.monitor.alert())
    await hall.go()
    await hall.go()

    (card,) = await hall.gallery.shown("alerts")
    thread = await hall.gallery.shown("alerts", card["ts"])
    calls = [one for one in thread if f"<@{JOHANNES}>" in str(one["blocks"])]
    assert len(calls) == 1
    assert await hall.ends(number) == [("mention", "delivered")]
    assert "was told in the thread" in card["text"]


async def test_a_direct_message_is_where_the_person_sees_it(hall: Hall) -> None:
    number = await hall.monitor.told(hall.monitor.alert())
    await hall.go()
    await hall.go(600)

    assert await hall.ends(number) == [("mention", "delivered"), ("dm", "delivered")]
    talks = [
        one for one in hall.slack.slack.workspace.channels.values() if one.kind == "im" and JOHANNES in one.members
    ]
    assert len(talks) == 1


async def test_a_person_whom_slack_does_not_know_is_told_by_the_next_way(hall: Hall) -> None:
    number = await hall.monitor.told(hall.monitor.alert())
    await hall.go()
    hall.slack.slack.workspace.people.pop(JOHANNES)
    await hall.go(600)

    assert ("dm", "failed") in await hall.ends(number)
    assert ("email", "delivered") in await hall.ends(number)
    (card,) = await hall.gallery.shown("alerts")
    assert "cannot be told by direct message: Slack: user" in card["text"]
    mended = await hall.gallery.shown("alerts", card["ts"])
    assert any("please mend this" in one["text"] for one in mended)


async def test_an_archived_channel_has_its_alerts_elsewhere_and_who_can_mend_it_is_told(hall: Hall) -> None:
    hall.slack.slack.workspace.channels["C0ALERTSX4"].is_archived = True
    number = await hall.monitor.told(hall.monitor.alert())
    for _ in range(4):
        await hall.go()

    (card,) = await hall.gallery.shown("deployments")
    assert "BackendDown" in card["text"]
    thread = await hall.gallery.shown("deployments", card["ts"])
    assert any("is archived, gone, or closed to me" in one["text"] for one in thread)
    assert any(f"<@{JOHANNES}>" in str(one["blocks"]) for one in thread)
    assert await hall.ends(number) == [("mention", "delivered")]


async def test_while_slack_is_down_they_are_told_by_mail_and_when_it_is_back_there_too(hall: Hall) -> None:
    number = await hall.monitor.told(hall.monitor.alert())
    await hall.go()
    hall.slack.slack.faults.change({"down": {"mode": "503"}})
    await hall.go(600)
    for _ in range(8):
        await hall.go()

    assert ("email", "delivered") in await hall.ends(number)
    assert len(hall.letters.letters) == 1


async def test_a_message_that_comes_too_late_calls_nobody(hall: Hall) -> None:
    number = await hall.monitor.told(hall.monitor.alert())
    await tick.run(hall.house.world)
    await hall.house.drain()
    await alerting.acknowledge(hall.house.world, number, by=SELMA)
    await hall.gallery.later()
    await hall.gallery.after(timedelta(seconds=30).total_seconds())

    (card,) = await hall.gallery.shown("alerts")
    thread = await hall.gallery.shown("alerts", card["ts"])
    assert not any(f"<@{JOHANNES}>" in str(one["blocks"]) for one in thread)
    assert any("is at it" in one["text"] for one in thread)
