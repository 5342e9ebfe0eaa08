"""The storm itself: kill the bot again and again while people are at work, then let it calm down and look."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from tests.chaos.inspection import Findings, calm, inspect
from tests.chaos.people import People, bad_days
from tests.chaos.town import Town, town

BUSY = "SELECT count(*) FROM operations WHERE state IN ('running', 'verifying')"
IN_TIME = 180.0


async def storm(folder: Path, *, kills: int, seed: int, slack_fails: bool, seconds: float = 0.0) -> Findings:
    """Return what is found after so many kills, or (without kills) after so many seconds."""
    chance = random.Random(seed)  # noqa: S311 - it must be the same every time
    async with town(folder) as here:
        people = People(here, chance)
        at_work = [asyncio.create_task(people.keep_busy())]
        if slack_fails:
            at_work.append(asyncio.create_task(bad_days(here, chance)))
        await _kill_again_and_again(here, chance, kills)
        await asyncio.sleep(seconds)
        for task in at_work:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        moving = await calm(here, within=IN_TIME)
        found = await inspect(here, people)
    found.counts["deeds promised"], found.counts["deeds unsure"] = len(people.promised), len(people.unsure)
    found.expect("still moving", [moving] if moving else [])
    return found


async def _kill_again_and_again(here: Town, chance: random.Random, kills: int) -> None:
    began = time.monotonic()
    while here.kills < kills:
        await _until_busy(here)
        await asyncio.sleep(chance.expovariate(1 / 0.8))
        await here.kill()
        await here.start()
        if chance.random() < 0.9:  # now and then it is killed while it starts
            await here.healthy()
        if here.kills % 10 == 0:
            sys.stderr.write(f"{time.monotonic() - began:6.1f} s  {here.kills} kills\n")
    await here.healthy()


async def _until_busy(here: Town) -> None:
    """Wait until an operation is on its way, so that the kill meets one; but not for ever."""
    for _ in range(100):
        async with here.engine.connect() as connection:
            if (await connection.execute(text(BUSY))).scalar_one():
                return
        await asyncio.sleep(0.05)
