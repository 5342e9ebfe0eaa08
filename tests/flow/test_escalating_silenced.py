"""What is silenced is escalated to nobody: the clock stands still, and goes on when the silence is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alertgroup import State as GroupState
from bot.domain.errors import Retry
from bot.domain.escalation import State
from bot.domain.silence import Held, Matcher
from bot.ledger import escalations
from bot.schedules import escalations as tick
from bot.schedules import leases, reconcile
from bot.schedules import silences as schedule
from bot.usecases import alerting, auditing, escalating, silencing
from bot.usecases.silencing import Wish
from bot.web import alertmanager
from tests.fakes.healthbridge import SELMA, HealthBridge
from tests.fakes.monitor import MINUTE, TOKEN
from tests.fakes.shown import bare
from tests.fakes.silences import FakeAlertmanager
from tests.flow.conftest import Edited
from tests.flow.test_escalating import ALERTS, Town

HOUR = timedelta(hours=1)
WITH_API = ALERTS.replace("alerts:\n", "alerts:\n  alertmanager: { url: http://alertmanager.example:9093 }\n", 1)
PAGED, ACKED, OVER = ("tell", "pagerduty"), ("acknowledge", "pagerduty"), ("resolve", "pagerduty")


@pytest.fixture
def away(house: HealthBridge) -> FakeAlertmanager:
    return FakeAlertmanager(house.clock)


@pytest.fixture
def town(house: HealthBridge, edited: Edited, away: FakeAlertmanager) -> Town:
    house.with_catalog(edited(("channels:", WITH_API)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    house.world = replace(house.world, silences={"*": away})
    made = Town(house)
    assert made.way.path == alertmanager.route(house.world).path
    return made


async def silenced(town: Town, number: int, length: timedelta = HOUR, **how: object) -> int:
    """Have Selma silence a group, and everything that follows from it."""
    made = await silencing.ask(town.house.world, Wish(number, length, **how), by=SELMA)  # type: ignore[arg-type]  # the wish's words
    await town.house.drain()
    return made.id


async def later(town: Town, by: timedelta) -> None:
    """Let time pass, and have done what is due then."""
    town.house.clock.move(by)
    await schedule.run(town.house.world)
    await town.house.drain()
    await town.tick()


async def told(town: Town, number: int) -> list[tuple[str, str]]:
    return [(verb, way) for verb, way, _ in await town.ends(number)]


async def test_a_silence_holds_the_next_step_and_its_end_lets_it_go_on_where_it_stood(town: Town) -> None:
    number = await town.fired()
    town.house.clock.move(4 * MINUTE)
    await silenced(town, number)

    assert await told(town, number) == [PAGED, ACKED]
    assert list(town.incidents.incidents.values()) == ["acknowledged"]
    assert "stands still while it is silenced" in bare(await town.card(number))
    await later(town, 55 * MINUTE)
    assert await told(town, number) == [PAGED, ACKED]

    await later(town, 6 * MINUTE)
    assert (await town.group(number)).state is GroupState.FIRING
    assert sorted(town.incidents.incidents.values()) == ["resolved", "triggered"]
    assert [role.partition("/")[0] for role in await town.roles(number)] == ["live", "call"]
    assert ("tell", "mention") not in await told(town, number)
    await later(town, 6 * MINUTE)
    assert (await told(town, number)).count(("tell", "mention")) == 1
    assert [role.partition("/")[0] for role in await town.roles(number)] == ["live", "call"]


async def test_one_silence_of_a_part_holds_nothing(town: Town) -> None:
    number = await town.told(town.alert(instance="a"), town.alert(instance="b"))
    await town.tick()
    await silenced(town, number, labels={"instance": "a"})
    await later(town, 10 * MINUTE)
    assert ("tell", "mention") in await told(town, number)


async def test_what_only_silenced_alerts_are_left_of_is_held_when_its_step_is_due(town: Town) -> None:
    number = await town.told(town.alert(instance="a"), town.alert(instance="b"))
    await town.tick()
    await silenced(town, number, labels={"instance": "a"})
    await town.told(town.alert(instance="b", ended=1))

    await later(town, 10 * MINUTE)
    assert await town.standing(number) is State.HELD
    assert ("tell", "mention") not in await told(town, number)


async def test_a_page_that_waits_for_another_try_is_not_sent_once_it_is_silenced(town: Town) -> None:
    town.incidents.trouble.away = town.letters.trouble.away = "away (HTTP 503)"
    number = await town.told(town.alert())
    await tick.run(town.house.world)
    await town.house.put_off("notify", 1)
    await silenced(town, number)
    town.incidents.trouble.away = town.letters.trouble.away = ""
    await later(town, 30 * MINUTE)
    await auditing.audit(town.house.world)
    await town.house.drain()
    assert town.incidents.pages == []
    assert await town.ends(number) == [("tell", "pagerduty", "dropped")]
    assert await town.standing(number) is State.HELD

    await later(town, 31 * MINUTE)
    assert len(town.incidents.pages) == 1


async def test_who_is_no_longer_at_it_while_it_is_silenced_has_nobody_called(town: Town) -> None:
    number = await town.fired()
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await silenced(town, number, 8 * HOUR)
    await alerting.take_back(town.house.world, number, by=SELMA)
    await later(town, 2 * HOUR)

    assert await town.standing(number) is State.HELD
    assert len(town.incidents.pages) == 1
    await later(town, 7 * HOUR)
    assert len(town.incidents.pages) == 2


async def test_nobody_is_asked_whether_they_are_still_at_what_is_silenced(town: Town) -> None:
    number = await town.fired()
    await alerting.acknowledge(town.house.world, number, by=SELMA)
    await silenced(town, number, 8 * HOUR)
    for _ in range(4):
        town.house.clock.move(HOUR)
        await leases.run(town.house.world)
    assert await town.roles(number) == ["live"]
    assert (await town.group(number)).state is GroupState.ACKNOWLEDGED

    await later(town, 4 * HOUR + MINUTE)
    for after in (timedelta(0), 9 * MINUTE, 2 * MINUTE):
        assert (await town.group(number)).state is GroupState.ACKNOWLEDGED
        await later(town, after)
        await leases.run(town.house.world)
    await town.house.drain()
    assert (await town.group(number)).state is GroupState.FIRING
    assert [role.partition("/")[0] for role in await town.roles(number)] == ["live", "lease", "call"]


async def test_a_silence_made_in_alertmanager_holds_as_well_and_so_does_its_end_there(
    town: Town, away: FakeAlertmanager
) -> None:
    number = await town.fired()
    away.fire("BackendDown-", alertname="BackendDown")
    until = town.house.clock.now() + 9 * HOUR
    away.held["theirs"] = Held("theirs", (Matcher("alertname", "BackendDown"),), until, "kim", "known")
    await reconcile.run(town.house.world)
    await town.house.drain()
    assert await told(town, number) == [PAGED, ACKED]

    await town.tick(2 * HOUR)
    assert await told(town, number) == [PAGED, ACKED]
    await away.end("theirs")
    await reconcile.run(town.house.world)
    await town.house.drain()
    assert await town.standing(number) is State.OPEN
    assert len(town.incidents.pages) == 2


async def test_a_silence_that_covers_it_no_longer_for_another_reason_lets_it_go_on(
    town: Town, away: FakeAlertmanager
) -> None:
    number = await town.fired()
    silence = await silenced(town, number)
    held = next(iter(away.held.values()))
    away.fire("BackendDown-", alertname="BackendDown", severity="high", service="backend")
    away.held[held.id] = replace(held, matchers=(Matcher("service", "frontend"),))
    await reconcile.run(town.house.world)
    await later(town, MINUTE)

    assert (await town.house.happened(f"silence:{silence}"))[-1] == "silence.changed"
    assert await town.standing(number) is State.OPEN


async def test_what_opens_silenced_is_escalated_from_the_end_of_the_silence(town: Town) -> None:
    number = await town.fired()
    await silenced(town, number, 8 * HOUR)
    await town.told(town.alert(ended=1))
    await later(town, HOUR)
    another = await town.told(town.alert())
    await later(town, HOUR)
    assert another != number
    assert await told(town, another) == []

    await later(town, 6 * HOUR + MINUTE)
    assert await told(town, another) == [PAGED]


async def test_who_wants_it_escalated_all_the_same_is_obeyed(town: Town) -> None:
    number = await town.fired()
    await silenced(town, number)
    await escalating.now(town.house.world, number, by=SELMA)
    await town.house.drain()

    assert (await town.ends(number))[-1] == ("tell", "mention", "delivered")
    assert await town.standing(number) is State.HELD


async def test_an_alertmanager_that_does_not_make_the_silence_holds_nothing(town: Town, away: FakeAlertmanager) -> None:
    number = await town.fired()
    away.fails = Retry("Alertmanager cannot be reached: refused")
    await silenced(town, number)
    await later(town, 10 * MINUTE)

    assert ("tell", "mention") in await told(town, number)
    one = await escalations.live(town.house.world.ledger.reading, number)
    assert one is not None
    assert one.state is State.OPEN
