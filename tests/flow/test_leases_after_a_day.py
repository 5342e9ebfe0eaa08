"""The bot was away while somebody's time ran out: they are asked before anybody else is called."""

from datetime import timedelta

import pytest

from bot.domain.alertgroup import State
from bot.schedules import leases
from bot.usecases import alerting
from bot.web import alertmanager
from tests.fakes.healthbridge import SELMA, HealthBridge
from tests.fakes.monitor import ALERTS, MINUTE, TOKEN, Monitor
from tests.flow.conftest import Edited


@pytest.fixture
def monitor(house: HealthBridge, edited: Edited) -> Monitor:
    house.with_catalog(edited(("channels:", ALERTS)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    return Monitor(house, alertmanager.route(house.world))


async def test_whoever_was_at_it_is_asked_first_and_has_their_ten_minutes(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    monitor.house.clock.move(timedelta(days=1))
    for _ in range(2):
        await leases.run(monitor.house.world)

    assert [role.partition("/")[0] for role in await monitor.roles(number)] == ["live", "lease"]
    monitor.house.clock.move(9 * MINUTE)
    await leases.run(monitor.house.world)
    assert (await monitor.group(number)).state is State.ACKNOWLEDGED

    monitor.house.clock.move(MINUTE)
    await leases.run(monitor.house.world)
    assert (await monitor.group(number)).state is State.FIRING
    assert [role.partition("/")[0] for role in await monitor.roles(number)] == ["live", "lease", "call"]
