"""A real Alertmanager and a real ledger: what it tells is on a card, and a silence pressed here is a silence there."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.silence import State
from bot.ledger import silences
from bot.schedules import reconcile
from bot.usecases import silencing
from bot.usecases.silencing import Wish
from bot.web import alertmanager
from integrations.alertmanager import Alertmanager
from tests.contract.alertmanagers import Running
from tests.contract.alertmanagers import alertmanager as real_alertmanager
from tests.contract.living import WallClock, surroundings, until
from tests.fakes.clock import FakeClock
from tests.fakes.healthbridge import SELMA, healthbridge
from tests.fakes.monitor import TOKEN, Monitor
from tests.fakes.shown import bare
from tests.flow.conftest import Edited
from tests.flow.test_silences import WITH_API


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Running]:
    async with real_alertmanager(tmp_path) as made:
        yield made


async def test_a_silence_pressed_here_is_one_there_and_its_end_there_is_seen_here(
    real: Running, database_url: str, edited: Edited, tmp_path: Path
) -> None:
    catalog, clock = edited(("channels:", WITH_API)), FakeClock(WallClock().now(), hurried=False)
    async with (
        Alertmanager([real.url], surroundings(tmp_path)) as client,
        healthbridge(database_url, catalog, clock=clock) as house,
    ):
        house.secrets["ALERTS_TOKEN"] = TOKEN
        house.world = replace(house.world, silences={"*": client})
        monitor = Monitor(house, alertmanager.route(house.world))
        await real.fire(alertname="DiskFull", severity="page", instance="db-1")

        async def heard() -> bool:
            return bool(real.told)

        async def silenced() -> bool:
            return all(one.silenced_by for one in (await client.look()).alerts)

        await until(heard)
        status, said = await monitor.tell(real.told[0])
        assert status == 200
        number = said["group"]
        assert isinstance(number, int)

        made = await silencing.ask(house.world, Wish(number, timedelta(hours=2), reason="a new disk"), by=SELMA)
        await house.drain()
        await until(silenced)
        assert f"Silence {made.id} by Selma Nakale, until" in bare(await monitor.card(number))

        (held,) = (await client.look()).silences
        await client.end(held.id)
        await reconcile.run(house.world)
        await house.drain()
        after = await silences.get(house.world.ledger.reading, made.id)
        assert after is not None
        assert after.state is State.REMOVED
        assert len(await monitor.roles(number)) == 2
