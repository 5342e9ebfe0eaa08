"""What Alertmanager says when it is asked: lost words are made good, and nothing is concluded lightly."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.alertgroup import State
from bot.domain.errors import Retry
from bot.ledger import alertgroups
from bot.schedules import reconcile
from bot.usecases import alerting
from bot.web import alertmanager
from tests.fakes.healthbridge import SELMA, HealthBridge
from tests.fakes.monitor import MINUTE, TOKEN, Monitor
from tests.fakes.silences import FakeAlertmanager
from tests.flow.conftest import Edited
from tests.flow.test_silences import WITH_API

HOUR = timedelta(hours=1)


@pytest.fixture
def away(house: HealthBridge) -> FakeAlertmanager:
    return FakeAlertmanager(house.clock)


@pytest.fixture
def monitor(house: HealthBridge, edited: Edited, away: FakeAlertmanager) -> Monitor:
    house.with_catalog(edited(("channels:", WITH_API)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    house.world = replace(house.world, silences={"*": away})
    return Monitor(house, alertmanager.route(house.world))


async def asked(monitor: Monitor, minutes: int) -> None:
    """Ask Alertmanager every half minute for so many minutes."""
    for _ in range(2 * minutes + 1):
        await reconcile.run(monitor.house.world)
        monitor.house.clock.move(MINUTE / 2)
    await monitor.house.drain()


async def test_what_is_stuck_firing_is_closed_after_a_while(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))

    await asked(monitor, 2)
    assert (await monitor.group(number)).state is State.FIRING
    await asked(monitor, 2)

    assert (await monitor.group(number)).state is State.RESOLVED
    assert "alertgroup.reconciled" in await monitor.house.happened(f"alertgroup:{number}")


async def test_what_fires_there_stays_and_what_does_not_is_resolved_alone(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))
    away.fire("BackendDown-a")

    await asked(monitor, 5)

    assert (await monitor.group(number)).state is State.FIRING
    alerts = await alertgroups.alerts_of(monitor.house.world.ledger.reading, number)
    assert {one.fingerprint for one in alerts if one.firing} == {"BackendDown-a"}


async def test_of_an_alertmanager_that_is_away_nothing_is_concluded(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert())
    await asked(monitor, 2)
    away.fails = Retry("away")
    await asked(monitor, 30)
    assert (await monitor.group(number)).state is State.FIRING

    away.fails = None
    await asked(monitor, 1)
    assert (await monitor.group(number)).state is State.FIRING  # the doubts began anew
    await asked(monitor, 3)
    assert (await monitor.group(number)).state is State.RESOLVED


async def test_nor_of_one_whose_peer_is_away_nor_of_one_that_has_just_begun(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())

    away.whole = False
    await asked(monitor, 10)
    assert (await monitor.group(number)).state is State.FIRING

    away.whole, away.since = True, monitor.house.clock.now()
    await asked(monitor, 9)
    assert (await monitor.group(number)).state is State.FIRING
    await asked(monitor, 6)
    assert (await monitor.group(number)).state is State.RESOLVED


async def test_what_was_closed_wrongly_is_opened_again_and_calls(monitor: Monitor, away: FakeAlertmanager) -> None:
    began = monitor.house.clock.now()
    number = await monitor.told(monitor.alert())
    away.fire("BackendDown-", began)
    monitor.house.clock.move(MINUTE)
    await monitor.told(monitor.alert(began=-1, ended=0))
    assert (await monitor.group(number)).state is State.RESOLVED

    await asked(monitor, 4)

    assert (await monitor.group(number)).state is State.FIRING
    assert len(await monitor.roles(number)) == 2


async def test_what_fires_anew_is_left_to_alertmanager_to_tell_for_a_while(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    await monitor.told(monitor.alert(ended=0))
    monitor.house.clock.move(2 * MINUTE)
    away.fire("BackendDown-")

    await asked(monitor, 9)
    assert (await monitor.group(number)).state is State.RESOLVED
    await asked(monitor, 3)
    assert (await monitor.group(number)).state is State.FIRING


async def test_what_is_inhibited_there_is_not_opened_again(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert())
    await monitor.told(monitor.alert(ended=0))
    away.fire("BackendDown-", monitor.house.clock.now() - MINUTE)
    away.firing["BackendDown-"] = replace(away.firing["BackendDown-"], inhibited=True)

    await asked(monitor, 20)

    assert (await monitor.group(number)).state is State.RESOLVED


async def test_an_end_that_is_told_while_one_is_in_doubt_is_the_end(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert())
    await asked(monitor, 2)
    await monitor.told(monitor.alert(began=-3, ended=-1))
    monitor.house.clock.move(3 * MINUTE)
    await monitor.told(monitor.alert())
    away.fire("BackendDown-")

    await asked(monitor, 5)

    assert (await monitor.group(number)).state is State.FIRING


async def test_alerts_that_were_left_out_keep_the_card_open_until_nothing_like_them_fires(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert(instance="a"), missing=3)
    away.fire("BackendDown-z", service="backend")
    await monitor.told(monitor.alert(instance="a", ended=1), missing=3)
    assert (await monitor.group(number)).state is State.FIRING

    await asked(monitor, 5)
    assert (await monitor.group(number)).state is State.FIRING
    away.firing.clear()
    await asked(monitor, 1)
    assert (await monitor.group(number)).state is State.RESOLVED


async def test_a_routing_tree_that_changed_leaves_the_card_what_it_is(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    renamed = {"groupKey": '{}/{team="x"}:{alertname="BackendDown"}'}

    status, said = await monitor.tell(monitor.payload(monitor.alert(instance="a")) | renamed)
    assert (status, said["group"]) == (200, number)
    assert (await monitor.group(number)).state is State.ACKNOWLEDGED
    assert await monitor.roles(number) == ["live"]

    await monitor.tell(monitor.payload(monitor.alert(instance="a", ended=1)) | renamed)
    monitor.house.clock.move(2 * MINUTE)
    await monitor.tell(monitor.payload(monitor.alert(instance="b", ended=0, began=-1)) | renamed)
    assert (await monitor.group(number)).state is State.RESOLVED


async def test_another_group_that_shares_few_alerts_is_another(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"))

    more = [monitor.alert(instance=name) for name in "abcd"]
    _, said = await monitor.tell(monitor.payload(*more) | {"groupKey": "another"})

    assert said["group"] != number


async def test_a_group_of_many_is_asked_about_at_once(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(*(monitor.alert(instance=str(one)) for one in range(2000)))
    for one in range(0, 2000, 2):
        away.fire(f"BackendDown-{one}")

    await asked(monitor, 4)

    alerts = await alertgroups.alerts_of(monitor.house.world.ledger.reading, number)
    assert sum(one.firing for one in alerts) == 1000
