"""A rollback of what is unknown, killed anywhere: what is left is held, and the newest good release serves again."""

import pytest

from tests.fakes.backend import Behaviour
from tests.fakes.fuse import Fuse
from tests.fakes.healthbridge import TOMAS, HealthBridge

pytestmark = pytest.mark.slow
ARGS = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "broken"}


async def test_a_rollback_of_what_is_unknown_killed_anywhere_goes_to_the_same_place(quick: HealthBridge) -> None:
    house, killed, place = quick, True, -1
    for version in ("0.1.0", "0.2.0"):
        house.source.commit("backend", version)
        await house.deployed("staging", "backend")
    while killed:
        place += 2  # the world after one place is the world before the next
        house.source.commit("backend", f"{place}.0.0")
        house.backend.then(Behaviour.FORGET)
        lost = await house.deployed("staging", "backend")
        assert lost.state == "unknown"
        before = len(house.effects())

        await house.take("rollback", TOMAS, ARGS)
        killed = await house.until_killed(Fuse(place))
        await house.restart()
        await house.drain()

        held = await house.held("backend", "staging")
        assert (place, house.effects()[before:]) == (place, ["0.2.0"])
        assert f"{place}.0.0" in held
        assert "0.2.0" not in held
    assert place > 10
