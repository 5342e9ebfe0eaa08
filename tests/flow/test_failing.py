"""What happens when the backend or a check says no: ask a person, or go back, as the policy says."""

from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.observation import Sample
from bot.usecases import decisions
from tests.fakes.backend import Behaviour, Ending
from tests.fakes.healthbridge import MARIA, NDAPEWA, SELMA, HealthBridge
from tests.flow.conftest import Edited

SECOND = timedelta(seconds=1)
GOOD = Sample(ok=True, detail="HTTP 200")
BAD = Sample(ok=False, detail="HTTP 500")
HEALTH = "http://backend.staging/health"
GOES_BACK = ("on_failure: ask", "on_failure: roll_back")


async def both(house: HealthBridge, version: str) -> None:
    house.source.commit("backend", version)
    house.source.commit("frontend", version)


async def test_a_failed_build_touches_nothing_and_says_why(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(exit_code=2, log="SyntaxError: line 12\n"))

    change = await house.deployed("staging", "backend")

    assert change.state == "failed"
    assert (await house.op(change)).reason == "build: the build ended with exit code 2"
    assert house.effects() == []
    assert await house.live("backend", "staging") is None


async def test_a_failed_apply_is_the_backends_no_in_its_own_words(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.FAIL, "ProgressDeadlineExceeded")

    change = await house.deployed("staging", "backend")

    assert change.state == "failed"
    assert (await house.op(change)).reason == ("apply: ProgressDeadlineExceeded\n\nNothing serves there now.")
    assert await house.live("backend", "staging") is None


async def test_a_backend_that_refuses_is_a_failure_too(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.REFUSE, "quota exceeded")

    assert (await house.op(await house.deployed("staging", "backend"))).reason == "apply: quota exceeded"


async def test_a_busy_backend_is_asked_again_and_applied_once(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.BUSY, times=3)

    change = await house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert house.effects() == ["1.0.0"]


async def test_a_backend_that_stays_busy_is_given_up_as_failed_because_nothing_was_begun(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.BUSY, "too many requests", times=1000)

    change = await house.deployed("staging", "backend")

    assert change.state == "failed"
    assert (await house.op(change)).reason == "apply: it could not be begun: too many requests"


async def test_a_failed_verify_leaves_the_release_live_and_says_so(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.probe.sick(HEALTH, "HTTP 500: search is empty")

    change = await house.deployed("staging", "backend")

    assert change.state == "failed"
    assert (await house.op(change)).reason == (
        "verify: no good answer within 5s; the last was: HTTP 500: search is empty"
    )
    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_release_that_turns_bad_while_it_bakes_fails(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.probe.then(HEALTH, GOOD, GOOD, GOOD)
    house.probe.sick(HEALTH, "HTTP 503")

    op = await house.op(await house.deployed("staging", "backend"))

    assert op.state == "failed"
    assert op.reason.startswith("bake: after 3s of watching: HTTP 503")


async def test_after_a_failure_the_rest_waits_for_a_person(house: HealthBridge) -> None:
    await both(house, "1.0.0")
    house.backend.then(Behaviour.FAIL)

    change = await house.deployed("staging")

    assert change.state == "running"
    assert [op.state for op in await house.ops(change)] == ["failed", "queued"]
    assert house.effects("frontend") == []


async def test_a_person_may_go_on_with_the_rest(house: HealthBridge) -> None:
    await both(house, "1.0.0")
    house.backend.then(Behaviour.FAIL)
    change = await house.deployed("staging")

    with pytest.raises(Refused, match="Only developers or qa may go on with a change of staging"):
        await decisions.go_on(house.world, change.id, by=SELMA)
    await decisions.go_on(house.world, change.id, by=MARIA)
    with pytest.raises(Refused, match="has nothing that waits to go on"):
        await decisions.go_on(house.world, change.id, by=MARIA)
    await house.drain()

    assert (await house.change(change.id)).state == "partly_done"
    assert house.effects("frontend") == ["1.0.0"]


async def test_a_person_may_stop_the_rest(house: HealthBridge) -> None:
    await both(house, "1.0.0")
    house.backend.then(Behaviour.FAIL)
    change = await house.deployed("staging")

    await decisions.cancel(house.world, change.id, by=NDAPEWA)
    await house.drain()

    assert (await house.change(change.id)).state == "failed"
    assert [op.state for op in await house.ops(change)] == ["failed", "cancelled"]


async def test_a_change_that_has_ended_has_nothing_to_go_on_with(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    change = await house.deployed("staging", "backend")

    with pytest.raises(Refused, match="nothing that waits to go on"):
        await decisions.go_on(house.world, change.id, by=MARIA)


async def test_where_the_policy_goes_back_the_old_release_returns_and_the_new_one_is_held(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(GOES_BACK))
    await both(house, "1.0.0")
    assert (await house.deployed("staging")).state == "succeeded"
    await both(house, "1.1.0")
    house.probe.then(HEALTH, *[BAD] * 6)

    change = await house.deployed("staging")

    assert change.state == "failed"
    assert [op.state for op in await house.ops(change)] == ["rolled_back", "cancelled"]
    assert house.effects() == ["1.0.0", "1.1.0", "1.0.0"]
    assert house.effects("frontend") == ["1.0.0"]
    assert await house.live("backend", "staging") == "1.0.0"
    held = await house.held("backend", "staging")
    assert list(held) == ["1.1.0"]
    assert held["1.1.0"].startswith("verify: no good answer within 5s")


async def test_what_went_back_in_staging_does_not_reach_production(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(GOES_BACK))
    await house.live_in_production("1.0.0")
    house.source.commit("backend", "1.1.0")
    house.source.merge()
    house.probe.then(HEALTH, *[BAD] * 6)
    await house.deployed("staging", "backend")

    answer = await house.deploy("production", "backend")

    assert answer.change is None
    assert house.effects(environment="production") == ["1.0.0"]
    assert await house.held("backend", "production") == {}


async def test_a_first_deploy_has_nothing_to_go_back_to(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(GOES_BACK))
    house.source.commit("backend", "1.0.0")
    house.probe.sick(HEALTH)

    change = await house.deployed("staging", "backend")

    assert (await house.op(change)).state == "failed"
    assert house.effects() == ["1.0.0"]


async def test_a_build_that_fails_is_not_gone_back_from_because_nothing_was_touched(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(GOES_BACK))
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.source.commit("backend", "1.1.0")
    house.runner.then(Ending(exit_code=1))

    change = await house.deployed("staging", "backend")

    assert (await house.op(change)).state == "failed"
    assert house.effects() == ["1.0.0"]


async def test_a_way_back_that_fails_as_well_is_a_failure_and_says_what_is_live(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(GOES_BACK))
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.source.commit("backend", "1.1.0")
    house.probe.sick(HEALTH)

    change = await house.deployed("staging", "backend")

    op = await house.op(change)
    assert op.state == "failed"
    assert house.effects() == ["1.0.0", "1.1.0", "1.0.0"]
    assert await house.live("backend", "staging") == "1.0.0"


async def test_going_back_goes_to_what_was_live_when_the_operation_began(house: HealthBridge, edited: Edited) -> None:
    """Two deploys are asked for while 1.0.0 is live; the first brings 1.1.0, the second fails: 1.1.0 must return."""
    house.with_catalog(edited(GOES_BACK))
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.source.commit("backend", "1.1.0")
    house.source.commit("backend", "1.2.0")
    for version in ("1.1.0", "1.2.0"):
        asked = await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend", version]})
        await house.plan_only(asked)
        house.clock.move(SECOND)
    house.probe.then(HEALTH, *[GOOD] * 5, *[BAD] * 6)  # one verify and four looks of a bake are 1.1.0's

    await house.drain()

    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0", "1.1.0"]
    assert await house.live("backend", "staging") == "1.1.0"


async def test_no_secret_of_a_build_reaches_the_ledger(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(exit_code=1, log="DATABASE_URL=postgres://app:hunter2@db/app\nfatal\n"))

    change = await house.deployed("staging", "backend")

    text = await house.log_of(await house.op(change))
    assert "hunter2" not in text
    assert "fatal" in text
