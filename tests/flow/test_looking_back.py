"""`/releases … at a time`: what was live then, in the asker's own time zone, and everywhere unless a place is said."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from bot.command import Context
from bot.domain.errors import Refused
from bot.views.kit import Message
from commands.releases import Args, run
from tests.fakes.healthbridge import NDAPEWA, TOMAS, HealthBridge


async def releases(house: HealthBridge, words: str) -> str:
    """Type `/releases …` as Tomás; return the answer's blocks as text."""
    answer = await run(Args(words=tuple(words.split())), Context(house.world, TOMAS, "C1", "key"))
    return str(cast("Message", answer).blocks)


async def test_without_an_environment_every_one_is_shown(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    house.clock.move(timedelta(days=1))
    await house.good_in_staging("1.1.0")
    shown = await releases(house, "at yesterday")
    now = await releases(house, "at now")
    backend = await releases(house, "backend at yesterday")

    for line in ("backend/staging ran `1.0.0`", "backend/production ran `1.0.0`", "backend/development ran `nothing`"):
        assert line.replace("`nothing`", "nothing") in shown
    assert "frontend/production ran nothing" in shown
    assert "backend/staging ran `1.1.0`" in now
    assert "frontend/" not in backend
    assert "backend/production ran `1.0.0`" in backend


async def test_a_time_is_the_askers_own(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")  # at 9:00 UTC
    person = house.directory.people[TOMAS]
    house.clock.move(timedelta(hours=8))
    house.directory.people[TOMAS] = replace(person, zone="Asia/Tokyo")
    tokyo = await releases(house, "staging backend at 17:00")
    house.directory.people[TOMAS] = replace(person, zone="America/New_York")
    york = await releases(house, "staging backend at 9:00")

    assert "backend/staging ran nothing" in tokyo
    assert "backend/staging ran `1.0.0`" in york


async def test_a_forgotten_at_is_named(house: HealthBridge) -> None:
    with pytest.raises(Refused, match=r"“yesterday” is neither .* Did you mean `/releases staging at yesterday 2pm`"):
        await releases(house, "staging yesterday 2pm")


async def test_an_entry_is_short_and_the_word_that_tells_more_is_about_one_of_them(house: HealthBridge) -> None:
    await house.good_in_staging("1.5.1")
    person = house.directory.people[NDAPEWA].name

    shown = await releases(house, "staging backend")
    everywhere = await releases(house, "")

    assert "✅ backend `1.5.1` · <!date^" not in shown
    assert "✅ `1.5.1` · <!date^" in shown
    assert f" · {person} · change 1" in shown
    assert "✅ backend/staging `1.5.1` · <!date^" in everywhere
    assert "`/release backend 1.5.1` tells more" in shown
