"""`python -m tests.chaos.escalations --trials 500`: three replicas, killed between steps, tell each step exactly once.

In each trial an alert fires whose policy has three steps: PagerDuty, a mention, a letter. Whenever a step is due, three
replicas on one database take what is due and do the jobs that follow at the same moment, each killed at a random place
where it touches the ledger or the world outside, or not at all; then they are started again. Then one counts.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from bot.embedded import database
from bot.ledger import chain, notifications
from bot.ledger.migrate import upgrade
from bot.postgres_settings import SETTINGS
from bot.schedules import escalations as tick
from bot.web import alertmanager
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.clock import FakeClock
from tests.fakes.fuse import Fuse, FusedLedger, Killed, fused_pager
from tests.fakes.healthbridge import HealthBridge, healthbridge
from tests.fakes.monitor import TOKEN, Monitor
from tests.fakes.pager import ScriptedIncidents, ScriptedLetters, pagers
from tests.flow.test_escalating import ALERTS

REPLICAS, STEPS, PLACES = 3, 3, 12
LADDER = ALERTS.replace("[pagerduty, email, mention]", "[pagerduty]").replace("by: [mention, email]", "by: [mention]")
LADDER = LADDER.replace(
    "{ team: production-team, by: [dm, email], after: 20m }", "{ rotation: primary, by: [email], after: 20m }"
)


@dataclass
class Found:
    """What was counted, and what should not be."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass
class Replicas:
    """Three bots on one database, with the same pagers outside."""

    houses: Sequence[HealthBridge]
    clock: FakeClock
    incidents: ScriptedIncidents
    letters: ScriptedLetters
    found: Found = field(default_factory=Found)

    async def trial(self, number: int, chance: random.Random) -> None:
        """Have one alert go through all of its steps, with replicas that are killed, and look at what came of it."""
        first = self.houses[0]
        monitor = Monitor(first, alertmanager.route(first.world))
        before = len(self.letters.letters)
        status, said = await monitor.tell(monitor.payload(monitor.alert()) | {"groupKey": f"trial-{number}"})
        assert status == 200, said
        group = int(str(said["group"]))
        for after in (0, 10, 20):
            self.clock.move(timedelta(minutes=after))
            await self._together(chance)
        await self._judge(group, len(self.letters.letters) - before)
        await monitor.tell(monitor.payload(monitor.alert(ended=1)) | {"groupKey": f"trial-{number}"})
        await self._restarted()

    async def _together(self, chance: random.Random) -> None:
        """Let all do what is due at one moment, some of them killed; then start those again."""
        fuses = [Fuse(at=chance.choice([0, *range(1, PLACES)])) for _ in self.houses]
        killed = await asyncio.gather(*(_until_killed(*one) for one in zip(self.houses, fuses, strict=True)))
        self.found.counts["kills"] += sum(killed)
        await self._restarted()

    async def _restarted(self) -> None:
        for house in self.houses:
            await house.restart()
        for _ in range(2):
            await tick.run(self.houses[0].world)
            await self.houses[0].drain()
            await self.houses[0].try_again()

    async def _judge(self, group: int, letters: int) -> None:
        world, counts = self.houses[0].world, self.found.counts
        told = await notifications.of_group(world.ledger.reading, group)
        async with world.ledger.transaction() as tx:
            taken = [
                one for one in await chain.of_subject(tx, f"alertgroup:{group}") if one["kind"] == "escalation.step"
            ]
        counts["trials"] += 1
        counts["steps taken"] += len(taken)
        counts["told"] += len(told)
        counts["letters"] += letters
        counts["unknown"] += sum(one.state == "unknown" for one in told)
        keys = Counter(one.key for one in told if one.way == "pagerduty" and one.verb == "tell")
        wrong = [
            *(f"{len(taken)} steps were taken" for _ in [0] if len(taken) != STEPS),
            *(f"{one.way} is {one.state}" for one in told if not one.final),
            *(f"{one.way} is {one.state}: {one.said}" for one in told if one.state in {"failed", "dropped"}),
            *(f"step {number} was told {times} times" for number, times in _steps(told).items() if times != 1),
            *(f"{letters} letters were sent" for _ in [0] if letters > 1),
            *(f"{key} is no incident" for key in keys if key not in self.incidents.incidents),
        ]
        if letters == 0 and not any(one.way == "email" and one.state == "unknown" for one in told):
            wrong.append("no letter was sent, and it is not said to be unknown")
        self.found.faults += [f"group {group}: {one}" for one in wrong]


def _steps(told: Sequence[notifications.Notification]) -> Counter[int]:
    return Counter(one.number for one in told if one.verb == "tell") | Counter(dict.fromkeys(range(STEPS), 0))


async def _until_killed(house: HealthBridge, fuse: Fuse) -> bool:
    """Take what is due and do what follows, until all is done or the fuse burns; return whether it did."""
    whole = house.world
    opened = {name: fused_pager(one, fuse) for name, one in whole.pagers.items()}
    house.world = replace(whole, ledger=FusedLedger(whole.ledger, fuse), pagers=opened)
    try:
        await tick.run(house.world)
        await house.drain()
    except Killed:
        house.hands.held.clear()
        return True
    finally:
        house.world = whole
    return False


@asynccontextmanager
async def replicas(url: str) -> AsyncIterator[Replicas]:
    """Give three bots on a migrated database."""
    incidents, letters, clock = ScriptedIncidents(), ScriptedLetters(), FakeClock()
    catalog = read(EXAMPLE.replace("channels:", LADDER))
    async with AsyncExitStack() as stack:
        houses = []
        for _ in range(REPLICAS):
            house = await stack.enter_async_context(healthbridge(url, catalog, clock=clock))
            house.with_catalog(catalog)
            house.secrets["ALERTS_TOKEN"] = TOKEN
            house.world = replace(house.world, pagers=pagers(incidents, letters))
            await house.hands.rescue()  # it has just begun: later none gives out what another is at
            houses.append(house)
        yield Replicas(houses, clock, incidents, letters)


async def _main(trials: int, seed: int) -> Found:
    chance = random.Random(seed)  # noqa: S311 - it is no secret
    with tempfile.TemporaryDirectory() as folder, database(Path(folder), settings=SETTINGS | {"fsync": "off"}) as url:
        upgrade(url)
        async with replicas(url) as bots:
            for number in range(trials):
                await bots.trial(number, chance)
                if number % 50 == 0:
                    sys.stderr.write(f"{number} trials, {bots.found.counts['kills']} kills\n")
            return bots.found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    asked = parser.parse_args()
    began = time.monotonic()
    found = asyncio.run(_main(asked.trials, asked.seed))
    for name, count in found.counts.items():
        sys.stdout.write(f"{count:6}  {name}\n")
    for fault in found.faults:
        sys.stdout.write(f"FAULT   {fault}\n")
    sys.stdout.write(f"seed {asked.seed}, {time.monotonic() - began:.0f} s, {len(found.faults)} faults\n")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
