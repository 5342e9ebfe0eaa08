"""A rollback that is asked for while a deploy is under way leaves nothing that nobody meant."""

from datetime import timedelta

import pytest

from bot.command import Context
from bot.domain.errors import Refused
from bot.domain.observation import Phase
from bot.domain.target import Target
from bot.usecases import decisions
from commands import rollback
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import TOMAS, HealthBridge

SECOND = timedelta(seconds=1)
WISH = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "1.2.0 is bad"}


async def deploying(house: HealthBridge) -> None:
    """Have 1.0.0 and 1.1.0 good in staging, and 1.2.0 in a deploy that hangs as long as nobody ends it."""
    for version in ("1.0.0", "1.1.0"):
        house.source.commit("backend", version)
        assert (await house.deployed("staging", "backend")).state == "succeeded"
    house.source.commit("backend", "1.2.0")
    house.backend.then(Behaviour.HANG)


async def asked_at(house: HealthBridge, after: timedelta) -> list[int]:
    """Have Tomas ask for a rollback after a while; the list will hold the request."""
    asked: list[int] = []

    async def ask() -> None:
        asked.append(await house.take("rollback", TOMAS, WISH))

    house.clock.at(after, ask)
    return asked


async def end(house: HealthBridge, phase: Phase) -> None:
    house.backend.settle(house.backend.asks[-1][1], phase, "exit code 1")


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.LIVE])
async def test_what_does_not_serve_yet_cannot_be_left_and_the_good_one_is_not(
    house: HealthBridge, phase: Phase
) -> None:
    await deploying(house)
    asked = await asked_at(house, 2 * SECOND)
    house.clock.at(3 * SECOND, lambda: house.plan_only(asked[0]))
    house.clock.at(5 * SECOND, lambda: end(house, phase))

    change = await house.deployed("staging", "backend")

    assert await house.reply(asked[0]) == (
        f"Change {change.id} is bringing 1.2.0 to backend/staging, and it does not serve yet, so there is nothing of "
        f"it to leave. Wait until it serves or has failed, or cancel it (`/cancel {change.id}`)."
    )
    assert await house.held("backend", "staging") == {}
    assert house.effects().count("1.1.0") == 1


async def test_who_asked_before_the_deploy_ended_is_told_so_after_it_has(house: HealthBridge) -> None:
    await deploying(house)
    asked = await asked_at(house, 2 * SECOND)
    house.clock.at(3 * SECOND, lambda: end(house, Phase.FAILED))

    change = await house.deployed("staging", "backend")
    answer = await house.answered(asked[0])

    assert answer.change is None
    assert answer.reply == (
        f"Change {change.id} was bringing 1.2.0 to backend/staging when you asked for this, so nothing was done. "
        "See how it ended, and ask again if need be."
    )
    assert await house.live("backend", "staging") == "1.1.0"


async def test_the_window_does_not_open_on_what_does_not_serve_yet(house: HealthBridge) -> None:
    await deploying(house)
    said: list[str] = []

    async def press() -> None:
        with pytest.raises(Refused) as no:
            await rollback.press((await house.newest_change()).id, Context(house.world, TOMAS, "C0DEPLOYM2", "press"))
        said.append(str(no.value))

    house.clock.at(2 * SECOND, press)
    house.clock.at(3 * SECOND, lambda: end(house, Phase.LIVE))

    change = await house.deployed("staging", "backend")

    assert said == [f"Nothing that change {change.id} brings is live yet. To stop it: `/cancel {change.id}`."]


async def test_a_rollback_that_is_blocked_settles_nothing_until_it_begins(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.good_in_staging("1.1.0")
    house.backend.then(Behaviour.FORGET)
    lost = await house.approved(await house.deployed("production", "backend"))
    house.backend.down = "no route to host"

    answer = await house.rollback("production", "backend")
    back = await house.newest_change()

    assert answer.change == back.id
    assert (back.state, (await house.change(lost.id)).state) == ("blocked", "unknown")

    house.backend.down = ""
    back = await house.check_again(back)

    assert (back.state, (await house.change(lost.id)).state) == ("succeeded", "failed")
    assert await house.live("backend", "production") == "1.0.0"
    assert await house.held("backend", "production") == {"1.1.0": "Critical bug: the search is empty"}


async def test_a_blocked_rollback_that_is_cancelled_leaves_the_unknown_unknown(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.good_in_staging("1.1.0")
    house.backend.then(Behaviour.FORGET)
    lost = await house.approved(await house.deployed("production", "backend"))
    house.backend.down = "no route to host"
    await house.rollback("production", "backend")
    back = await house.newest_change()

    await decisions.cancel(house.world, back.id, by=TOMAS)
    house.backend.down = ""
    await house.drain()

    assert (await house.change(lost.id)).state == "unknown"
    assert house.backend.serving(Target("backend", "production")) is not None
    assert await house.held("backend", "production") == {}
