"""`/rollback`: back to a release that was good, and never to one that was not."""

from datetime import timedelta

from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import JOHANNES, NDAPEWA, TOMAS, HealthBridge

SECOND = timedelta(seconds=1)


async def deployed(house: HealthBridge, *versions: str) -> None:
    """Have versions of the backend live in staging, one after the other."""
    for version in versions:
        house.source.commit("backend", version)
        assert (await house.deployed("staging", "backend")).state == "succeeded"


async def test_a_rollback_brings_the_newest_good_release_back_and_marks_what_it_leaves(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0", "1.2.0")

    change = await house.rolled_back("staging")

    assert change.state == "succeeded"
    assert change.trigger == "Critical bug"
    assert await house.live("backend", "staging") == "1.1.0"
    assert await house.held("backend", "staging") == {"1.2.0": "Critical bug: the search is empty"}
    assert await house.happened("target:backend/staging") == [*["target.live"] * 3, "target.live", "target.hold"]


async def test_rolling_back_again_goes_further_back_and_never_to_and_fro(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0", "1.2.0")

    await house.rolled_back("staging")
    await house.rolled_back("staging")
    answer = await house.rollback("staging")

    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0", "1.1.0", "1.0.0"]
    assert answer.reply == "backend/staging has no other good release to go back to."


async def test_a_rollback_builds_nothing(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    builds = len(house.runner.starts)

    await house.rolled_back("staging")

    assert len(house.runner.starts) == builds


async def test_a_rollback_to_a_named_release(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0", "1.2.0")

    await house.rolled_back("staging", to="v1.0.0")

    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_release_that_was_never_good_is_no_way_back(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    house.source.commit("backend", "2.0.0")

    answer = await house.rollback("staging", to="2.0.0")

    assert answer.reply == ("backend/staging cannot go back to “2.0.0”: good releases it could go back to are 1.0.0.")


async def test_what_is_live_is_no_way_back(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")

    answer = await house.rollback("staging", to="1.1.0")

    assert answer.reply is not None
    assert "cannot go back to “1.1.0”" in answer.reply


async def test_after_a_rollback_a_deploy_does_not_bring_the_faulty_release_back_by_itself(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")

    answer = await house.deploy("staging", "backend")

    assert answer.change is None
    assert answer.reply == (
        "Nothing to deploy to staging. backend 1.1.0 was rolled back from staging because "
        "“Critical bug: the search is empty”; to bring it back name it: `/deploy staging backend 1.1.0`."
    )


async def test_a_faulty_release_that_is_named_and_goes_well_is_no_longer_faulty(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")

    await house.deployed("staging", "backend", "1.1.0")

    assert await house.live("backend", "staging") == "1.1.0"
    assert await house.held("backend", "staging") == {}


async def test_the_next_release_is_deployed_as_ever(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")

    await deployed(house, "1.2.0")

    assert await house.live("backend", "staging") == "1.2.0"
    assert list(await house.held("backend", "staging")) == ["1.1.0"]


async def test_production_is_rolled_back_without_approval_by_whoever_may(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.live_in_production("1.1.0")

    refused = await house.rollback("production", by=NDAPEWA)
    allowed = await house.rollback("production", by=JOHANNES)

    assert refused.reply == (
        "Only production-team or on-call may roll back production, and you are not in production-team or on-call."
    )
    assert allowed.change is not None
    assert (await house.change(allowed.change)).state == "succeeded"
    assert await house.live("backend", "production") == "1.0.0"


async def test_what_was_rolled_back_from_production_is_not_promoted_again_unless_named(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.live_in_production("1.1.0")
    await house.rolled_back("production")

    unnamed = await house.deploy("production", "backend")
    named = await house.deployed("production", "backend", "1.1.0")

    assert unnamed.reply == (
        "Nothing to deploy to production. backend: 1.1.0 was rolled back from production; to bring it back name it: "
        "`/deploy production backend 1.1.0`."
    )
    assert (await house.approved(named)).state == "succeeded"
    assert await house.held("backend", "production") == {}


async def test_a_rollback_of_staging_leaves_production_alone(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.live_in_production("1.1.0")

    await house.rolled_back("staging")

    assert await house.live("backend", "production") == "1.1.0"
    assert house.effects(environment="production") == ["1.0.0", "1.1.0"]
    assert await house.held("backend", "production") == {}


async def test_a_rollback_works_while_the_source_of_releases_is_down(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.live_in_production("1.1.0")
    house.source.down = "could not resolve host"

    change = await house.rolled_back("production")

    assert change.state == "succeeded", change.words
    assert await house.live("backend", "production") == "1.0.0"


async def test_a_rollback_may_go_to_what_has_since_been_found_faulty_in_staging(house: HealthBridge) -> None:
    """It was good here, and it is the way out of trouble: what happened in staging is for staging."""
    await house.live_in_production("1.0.0")
    await house.live_in_production("1.1.0")
    await house.rolled_back("staging")
    house.source.commit("backend", "1.2.0")
    await house.deployed("staging", "backend")
    house.source.merge()
    await house.approved(await house.deployed("production", "backend"))

    change = await house.rolled_back("production")

    assert change.state == "succeeded", change.words
    assert await house.live("backend", "production") == "1.1.0"


async def test_without_a_service_the_one_that_changed_last_is_rolled_back(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    house.source.commit("frontend", "5.0.0")
    await house.deployed("staging", "frontend")
    house.source.commit("frontend", "5.1.0")
    await house.deployed("staging", "frontend")

    answer = await house.rollback("staging", None)

    assert answer.change is not None
    assert await house.live("frontend", "staging") == "5.0.0"
    assert await house.live("backend", "staging") == "1.1.0"


async def test_a_rollback_needs_a_reason_a_trigger_and_something_that_was_deployed(house: HealthBridge) -> None:
    assert (await house.rollback("staging", None)).reply == (
        "Nothing has been deployed to staging, so there is nothing to roll back."
    )
    assert (await house.rollback("staging", "backend")).reply == (
        "backend/staging has no other good release to go back to."
    )
    assert (await house.rollback("staging", "backend", reason=" ")).reply is not None
    args = {"environment": "staging", "service": "backend", "trigger": "mood", "reason": "because"}
    assert (await house.ask("rollback", TOMAS, args)).reply == (
        "“mood” is not a trigger; there are bug, performance, security, data, unavailable."
    )


async def test_a_rollback_that_fails_marks_nothing_as_faulty(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    house.backend.then(Behaviour.FAIL)

    change = await house.rolled_back("staging")

    assert change.state == "failed"
    assert await house.held("backend", "staging") == {}
    assert await house.live("backend", "staging") == "1.1.0"


async def test_a_rollback_that_was_overtaken_by_a_deploy_asks_again_instead_of_blaming_the_wrong_release(
    house: HealthBridge,
) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    house.source.commit("backend", "1.2.0")
    await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]}))
    house.clock.move(SECOND)
    wish = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "the search is empty"}

    answer = await house.ask("rollback", TOMAS, wish)

    assert answer.change is not None
    change = await house.change(answer.change)
    assert change.state == "failed"
    assert (await house.op(change)).reason == ("it was asked for while 1.1.0 was live; 1.2.0 is live now. Ask again.")
    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0"]
    assert await house.held("backend", "staging") == {}
