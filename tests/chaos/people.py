"""Who keeps the bot busy: people who deploy this and roll back that, and remember what they were promised.

Each deed has a number, which goes into its reason; so it can be found in the ledger, however it was written down.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from dataclasses import dataclass, field

from bot.sandbox.driving import Misdriven
from tests.chaos.town import Town

VERSIONS = {"backend": ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"), "frontend": ("1.0.0", "1.1.0", "1.2.0")}


@dataclass
class People:
    """What they did: `promised` are the deeds that Slack showed as taken, `unsure` those that met a dead bot."""

    town: Town
    chance: random.Random
    promised: set[int] = field(default_factory=set)
    unsure: set[int] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    _deeds: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def keep_busy(self) -> None:
        """Ask for one thing after the other, until cancelled."""
        while True:
            await self.ask()
            await asyncio.sleep(self.chance.uniform(0.5, 2.5))

    async def ask(self) -> None:
        """Ask for something."""
        deed = next(self._deeds)
        service = self.chance.choice(tuple(VERSIONS))
        environment = self.chance.choice(("staging", "development"))
        what = f"/deploy {environment} {service} {self.chance.choice(VERSIONS[service])} --reason deed-{deed}."
        if self.chance.random() < 0.25:
            what = f"/rollback {environment} {service} --trigger bug --reason deed-{deed}."
        try:
            said = await self.town.driver.person("tomas").command("deployments", what)
        except Misdriven as error:
            said = {"ok": False, "error": str(error)}
        if not said.get("ok"):
            self.unsure.add(deed)
        elif said.get("text") or said.get("response"):
            self.refused.append(f"{what}: {said}")
        else:
            self.promised.add(deed)


async def bad_days(town: Town, chance: random.Random) -> None:
    """Let Slack be down, hurried, and forgetful in turns, until cancelled."""
    faults = (
        {"down": {"for_seconds": 4, "mode": "503"}},
        {"down": {"for_seconds": 3, "mode": "drop"}},
        {"rate_limit": {"retry_after": 2, "count": 5}},
        {"lose_answer": {"methods": ["chat.postMessage"], "count": 2}},
        {"lose_answer": {"methods": ["chat.update"], "count": 3}},
        {"slow": {"seconds": 1, "count": 5}},
    )
    try:
        while True:
            await asyncio.sleep(chance.uniform(1, 4))
            await town.driver.faults(**chance.choice(faults))
    finally:
        await town.driver.faults(clear=True)
