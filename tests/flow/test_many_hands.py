"""Everything that moves an alert group happens at one moment, on several replicas: nobody waits for ever."""

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate.exceptions import UniqueViolation

from bot.domain.errors import Refused, Retry
from bot.ledger.ledger import AWAY, Stale
from bot.schedules import escalations as tick
from bot.schedules import leases, overdue, reconcile
from bot.schedules import silences as schedule
from bot.usecases import alerting, assigning, causing, closing, escalating, notifying, silencing
from bot.usecases.silencing import Wish
from bot.web import alertmanager
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.clock import FakeClock
from tests.fakes.healthbridge import LAYLA, SELMA, TOMAS, HealthBridge, healthbridge
from tests.fakes.monitor import TOKEN, Monitor
from tests.fakes.pager import ScriptedIncidents, ScriptedLetters, pagers
from tests.fakes.silences import FakeAlertmanager
from tests.flow.test_escalating_silenced import WITH_API

pytestmark = pytest.mark.slow

REPLICAS, GROUPS, HANDS, DEEDS = 3, 5, 12, 25
PEOPLE = (SELMA, LAYLA, TOMAS)
Deed = Callable[[], Awaitable[object]]


class Hands:
    """Replicas on one database, and those who do things there at random."""

    def __init__(self, houses: list[HealthBridge], chance: random.Random) -> None:
        self.houses, self.chance = houses, chance
        self.monitors = [Monitor(house, alertmanager.route(house.world)) for house in houses]
        self.came: Counter[str] = Counter()
        self.faults: list[str] = []

    async def at_it(self) -> None:
        """Do one thing after the other, each chosen at random."""
        for _ in range(DEEDS):
            house, group = self.chance.choice(self.houses), self.chance.randint(1, GROUPS)
            deed = self.chance.choice(self.deeds(house, group, self.chance.choice(PEOPLE)))
            try:
                await deed()
                self.came["done"] += 1
            except (Refused, Stale, Retry, UniqueViolation) as no:  # two take a job of one lock: one gets it
                self.came[type(no).__name__] += 1
            except AWAY as error:  # whatever the database said, with the others
                self.faults.append("".join(traceback.format_exception(error))[-3000:])
            house.clock.move(timedelta(seconds=self.chance.choice([0, 1, 20, 300])))

    def deeds(self, house: HealthBridge, group: int, by: str) -> list[Deed]:
        world = house.world
        number = self.chance.randint(1, 40)
        return [
            self._tell,
            self._tell,
            lambda: alerting.acknowledge(world, group, by=by),
            lambda: alerting.take_back(world, group, by=by),
            lambda: assigning.assign(world, group, self.chance.choice(PEOPLE), by=by),
            lambda: closing.close(world, group, "done", by=by),
            lambda: silencing.ask(world, Wish(group, timedelta(minutes=15), labels={"service": "backend"}), by=by),
            lambda: silencing.end(world, number % 8 + 1, by=by),
            lambda: escalating.now(world, group, by=by),
            lambda: notifying.notify(world, number),
            lambda: causing.find(world, group),
            lambda: tick.run(world),
            lambda: tick.run(world),
            lambda: schedule.run(world),
            lambda: leases.run(world),
            lambda: overdue.run(world),
            lambda: reconcile.run(world),
            house.drain,
            house.drain,
        ]

    async def _tell(self) -> None:
        monitor, group = self.chance.choice(self.monitors), self.chance.randint(1, GROUPS)
        ended = self.chance.choice([None, None, 1])
        severity = self.chance.choice(["high", "critical"])
        alerts = [monitor.alert(instance=f"{group}-{one}", ended=ended, severity=severity) for one in range(2)]
        status, said = await monitor.tell(monitor.payload(*alerts) | {"groupKey": f"group-{group}"})
        assert status in {200, 503}, said
        self.came[str(status)] += 1


@pytest.fixture
async def hands(database_url: str) -> AsyncIterator[Hands]:
    clock, catalog = FakeClock(), read(EXAMPLE.replace("channels:", WITH_API))
    away, open_pagers = FakeAlertmanager(clock), pagers(ScriptedIncidents(), ScriptedLetters())
    async with AsyncExitStack() as stack:
        houses = []
        for _ in range(REPLICAS):
            house = await stack.enter_async_context(healthbridge(database_url, catalog, clock=clock))
            house.with_catalog(catalog)
            house.secrets["ALERTS_TOKEN"] = TOKEN
            house.world = replace(house.world, pagers=open_pagers, silences={"*": away})
            await house.hands.rescue()
            houses.append(house)
        yield Hands(houses, random.Random(7))  # noqa: S311 - it is no secret


async def test_nobody_waits_for_ever_whatever_is_done_at_one_moment(hands: Hands) -> None:
    for group in range(1, GROUPS + 1):
        monitor = hands.monitors[0]
        await monitor.tell(monitor.payload(monitor.alert(instance=f"{group}-0")) | {"groupKey": f"group-{group}"})

    await asyncio.gather(*(hands.at_it() for _ in range(HANDS)))

    assert not hands.faults, "\n".join(hands.faults)
    assert hands.came["done"] > HANDS * DEEDS / 2, hands.came
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    rows = await hands.houses[0].world.ledger.single.say(deadlocks, {})
    assert [row["deadlocks"] for row in rows] == [0]
