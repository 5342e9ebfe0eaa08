"""Three replicas, killed while they take steps and tell people, and started again: each step is told exactly once."""

import random

import pytest

from tests.chaos.escalations import replicas

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_each_step_is_told_once_whatever_is_killed(database_url: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - it is no secret
    async with replicas(database_url) as bots:
        for number in range(4):
            await bots.trial(number, chance)

        assert bots.found.faults == []
        assert bots.found.counts["kills"] > 5
        assert bots.found.counts["steps taken"] == 12
