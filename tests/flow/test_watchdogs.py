"""A watchdog's quiet is told as an alert of our own, never for our own time away, and ends when it is heard again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alertgroup import State
from bot.schedules import reconcile, watchdogs
from bot.usecases import watching
from bot.web import alertmanager
from tests.fakes.healthbridge import HealthBridge
from tests.fakes.monitor import MINUTE, TOKEN, Monitor
from tests.fakes.shown import bare, buttons
from tests.fakes.silences import FakeAlertmanager
from tests.flow.conftest import Edited
from tests.flow.test_silences import WITH_API

DOG = "platform: { secret: ALERTS_TOKEN, watchdog: { alert: Watchdog, within: 10m } }"


@pytest.fixture
def monitor(house: HealthBridge, edited: Edited) -> Monitor:
    house.with_catalog(edited(("channels:", WITH_API.replace("platform: { secret: ALERTS_TOKEN }", DOG))))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    house.world = replace(house.world, silences={"*": FakeAlertmanager(house.clock)})
    return Monitor(house, alertmanager.route(house.world))


async def heard(monitor: Monitor, **how: int) -> dict[str, object]:
    status, said = await monitor.tell(monitor.payload(monitor.alert("Watchdog", **how)) | {"groupKey": "dog"})
    assert status == 200
    return said


async def listening(monitor: Monitor, minutes: int) -> None:
    """Let so many minutes pass, in which somebody listens."""
    for _ in range(minutes * 2):
        monitor.house.clock.move(MINUTE / 2)
        await watchdogs.run(monitor.house.world)


async def numbers(monitor: Monitor) -> list[int]:
    query = "SELECT id FROM alert_groups WHERE key = %(key)s ORDER BY id"
    return [row["id"] for row in await monitor.house.world.ledger.single.say(query, {"key": watching.OWN})]


async def test_a_watchdog_makes_no_card_and_while_it_is_heard_nothing_happens(monitor: Monitor) -> None:
    await watchdogs.run(monitor.house.world)
    for _ in range(5):
        assert (await heard(monitor))["group"] is None
        await listening(monitor, 5)

    assert await numbers(monitor) == []


async def test_its_quiet_is_told_once_and_ends_when_it_is_heard_again(monitor: Monitor) -> None:
    await watchdogs.run(monitor.house.world)
    await heard(monitor)
    await listening(monitor, 15)

    (number,) = await numbers(monitor)
    card = await monitor.card(number)
    assert "MonitorIsQuiet · critical" in bare(card)
    assert "Watchdog has not been heard by platform for 10m: Prometheus or Alertmanager is down" in bare(card)
    assert buttons(card)["ack"] == "Acknowledge"
    assert "silence" not in buttons(card)  # no Alertmanager knows of it
    assert await monitor.roles(number) == ["live"]

    for _ in range(10):
        await reconcile.run(monitor.house.world)
        await listening(monitor, 1)
    assert (await monitor.group(number)).state is State.FIRING  # no Alertmanager knows of it

    await heard(monitor)
    await listening(monitor, 1)
    assert (await monitor.group(number)).state is State.RESOLVED


async def test_a_watchdog_that_ended_is_not_heard(monitor: Monitor) -> None:
    await watchdogs.run(monitor.house.world)
    await heard(monitor)
    await listening(monitor, 6)
    await heard(monitor, ended=0)
    await listening(monitor, 6)

    assert len(await numbers(monitor)) == 1


async def test_our_own_time_away_is_not_held_against_the_monitor(monitor: Monitor) -> None:
    await watchdogs.run(monitor.house.world)
    await heard(monitor)
    monitor.house.clock.move(timedelta(hours=5))

    await listening(monitor, 9)
    assert await numbers(monitor) == []
    await listening(monitor, 3)
    assert len(await numbers(monitor)) == 1


async def test_a_restart_of_ours_does_not_end_a_quiet_that_lasts(monitor: Monitor) -> None:
    await watchdogs.run(monitor.house.world)
    await heard(monitor)
    await listening(monitor, 12)
    monitor.house.clock.move(timedelta(hours=1))

    await listening(monitor, 12)

    (number,) = await numbers(monitor)
    assert (await monitor.group(number)).state is State.FIRING


async def test_one_that_was_never_heard_says_so(monitor: Monitor) -> None:
    await watchdogs.run(monitor.house.world)
    await listening(monitor, 11)

    (number,) = await numbers(monitor)
    assert "It was never heard" in bare(await monitor.card(number))


async def test_what_comes_with_the_watchdog_is_taken(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert("Watchdog"), monitor.alert())

    assert "Watchdog" not in bare(await monitor.card(number))
