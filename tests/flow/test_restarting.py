"""`/restart`: what is live is begun anew, by the same way as everything, and nothing else is changed by it."""

from datetime import timedelta

import pytest

from bot.command import Context
from bot.domain.errors import Refused
from bot.domain.target import Target
from bot.engine import changes as starting
from bot.ledger import releases, succession, targets
from bot.usecases import decisions
from bot.vocabulary import Vocabulary
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import JOHANNES, LAYLA, MARIA, NDAPEWA, TOMAS, HealthBridge
from tests.fakes.shown import bare, buttons, card, status
from tests.flow.conftest import Edited

STAGING = Target("backend", "staging")
HEALTH = "http://backend.staging/health"


async def deployed(house: HealthBridge, *versions: str) -> None:
    """Have versions of the backend live in staging, one after the other."""
    for version in versions:
        house.source.commit("backend", version)
        assert (await house.deployed("staging", "backend")).state == "succeeded"


async def owner(house: HealthBridge) -> int | None:
    """Return the change that what is live in staging is owed to."""
    async with house.world.ledger.transaction() as tx:
        op = await succession.owner(tx, STAGING)
    return op.change_id if op else None


async def test_what_is_live_is_begun_anew_and_looked_at(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")

    change = await house.restarted("staging")

    op = await house.op(change)
    assert (change.state, change.kind) == ("succeeded", "restart")
    assert house.effects() == ["1.0.0", "1.0.0"]
    assert [step.name for step in await house.steps(op)] == ["apply", "verify", "bake"]
    assert (await house.happened("target:backend/staging"))[-1] == "target.restarted"


async def test_it_is_owed_to_who_brought_it_as_before(house: HealthBridge) -> None:
    await deployed(house, "0.9.0", "1.0.0")
    brought, before = await owner(house), (await house.recent())[0]
    house.clock.move(timedelta(hours=3))

    await house.restarted("staging")

    told = bare(await status(house, NDAPEWA, "/status staging"))
    assert await owner(house) == brought
    assert "backend 1.0.0 · 3h · Ndapewa Shilongo" in told
    assert "rollback" in buttons(await card(house, await house.change(before.change_id)))


async def test_the_card_says_what_it_is_and_is_not_overtaken_by_what_it_restarted(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")

    change = await house.restarted("staging", reason="it answers slowly")

    lines = bare(await card(house, change)).split("\n")
    assert lines[0].startswith("✅ Restart in staging · succeeded")
    assert "“it answers slowly”" in lines
    assert "backend  1.0.0" in lines
    assert not any("superseded" in line or "same content" in line for line in lines)
    assert buttons(await card(house, change)) == {}


async def test_a_restart_makes_nothing_good_that_was_not(house: HealthBridge) -> None:
    """What failed and was left running is no way back, and is not promoted, although it came up again."""
    house.probe.sick(HEALTH)
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.probe.answer(HEALTH)

    change = await house.restarted("staging")

    async with house.world.ledger.transaction() as tx:
        good = await releases.good_on(tx, "backend", "staging")
    assert change.state == "succeeded"
    assert good == []


async def test_what_does_not_come_up_again_says_so_and_goes_nowhere(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(
        edited(
            (
                "deployers: [developers, qa]\n    on_failure: ask",
                "deployers: [qa, developers]\n    on_failure: roll_back",
            )
        )
    )
    await deployed(house, "1.0.0", "1.1.0")
    house.backend.then(Behaviour.FAIL, "exit code 3")

    change = await house.restarted("staging")

    told = bare(await card(house, change))
    assert change.state == "failed"
    assert house.effects() == ["1.0.0", "1.1.0"]
    assert "apply: exit code 3" in told
    assert "`/rollback staging` leads to another release.".replace("`", "") in told
    assert await house.live("backend", "staging") == "1.1.0"


async def test_what_comes_up_and_is_not_well_is_said_to_have_been_left_running(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.probe.sick(HEALTH, "HTTP 500")

    change = await house.restarted("staging")

    assert change.state == "failed"
    assert "failed, and left running" in bare(await card(house, change))


async def test_production_needs_no_approval_but_a_reason(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")

    refused = await house.restart_of("production")
    change = await house.restarted("production", reason="it answers slowly")

    assert refused.reply == (
        "A restart in production needs a reason: say for example "
        "`/restart production backend --reason it answers slowly`."
    )
    assert (change.state, change.approvals_needed, change.reason) == ("succeeded", 0, "it answers slowly")


async def test_production_is_not_restarted_with_a_configuration_that_nobody_approved(
    house: HealthBridge, edited: Edited
) -> None:
    await house.live_in_production("1.0.0")
    rule = "rollback: { by: [production-team, on-call] }\n    on_failure: ask\n    targets:\n      backend:\n"
    section = f"{rule}        backend: {{ kind: scripted"
    house.with_catalog(edited((section, f"{section}, port: 8080")))

    answer = await house.restart_of("production", reason="it answers slowly")

    assert answer.reply == (
        "How backend/production is run has changed in the catalog since 1.0.0 was brought there, and a restart would "
        "bring that along without approval: `/deploy production backend 1.0.0` asks for it."
    )


@pytest.mark.parametrize("person", [JOHANNES, LAYLA, NDAPEWA])
async def test_who_may_deploy_or_roll_back_may_restart(house: HealthBridge, person: str) -> None:
    await house.live_in_production("1.0.0")

    answer = await house.restart_of("production", by=person, reason="it answers slowly")

    assert answer.change is not None


async def test_nobody_else_may(house: HealthBridge) -> None:
    ctx = Context(house.world, MARIA, "C0DEPLOYM2", "deed")

    with pytest.raises(Refused, match=r"^Only developers or production-team or on-call may restart services in prod"):
        await Vocabulary.found().say("restart", "production backend --reason slow", ctx)


async def test_where_nothing_is_live_there_is_nothing_to_restart(house: HealthBridge) -> None:
    answer = await house.restart_of("staging")

    assert answer.reply == (
        "Nothing has been deployed to backend/staging, so there is nothing to restart; "
        "`/deploy staging backend` brings something."
    )


async def test_what_is_unknown_is_settled_first(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.source.commit("backend", "1.1.0")
    house.backend.then(Behaviour.FORGET)
    lost = await house.deployed("staging", "backend")
    assert lost.state == "unknown"

    answer = await house.restart_of("staging")

    assert (
        answer.reply == f"What backend/staging runs is unknown since change {lost.id}: settle that on its card first."
    )


async def test_a_restart_that_is_unknown_can_be_settled_and_owns_nothing(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    brought = await owner(house)
    house.backend.then(Behaviour.FORGET)
    lost = await house.restarted("staging")
    op = await house.op(lost)
    assert lost.state == "unknown"

    await decisions.settle(house.world, op.id, by=NDAPEWA, succeeded=True)
    await house.drain()

    assert (await house.change(lost.id)).state == "succeeded"
    assert await owner(house) == brought
    assert await house.live("backend", "staging") == "1.0.0"


async def test_two_at_one_moment_restart_it_once(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    args = {"environment": "staging", "service": "backend", "reason": ""}
    first = await house.take("restart", NDAPEWA, args)
    second = await house.take("restart", TOMAS, args)
    await house.plan_only(first)
    await house.plan_only(second)
    await house.drain()

    said = [await house.reply(number) for number in (first, second)]
    assert said[1] == "Change 2 is restarting backend/staging already."
    assert house.effects() == ["1.0.0", "1.0.0"]


async def test_what_has_gone_live_since_is_not_taken_away_by_a_restart(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    args = {"environment": "staging", "service": "backend", "reason": ""}
    await house.plan_only(await house.take("restart", TOMAS, args))
    change = await house.newest_change()
    await house.put_off("start", change.id)
    await deployed(house, "1.1.0")

    await starting.start(house.world, change.id)
    await house.drain()

    change = await house.change(change.id)
    assert change.state == "void"
    assert change.words == "backend/staging ran 1.0.0 when this was planned; it runs 1.1.0 now."
    assert house.effects() == ["1.0.0", "1.1.0"]


async def test_a_held_release_that_is_live_can_be_restarted_and_stays_held(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")
    house.probe.sick(HEALTH)
    await house.deploy("staging", "backend", "1.1.0")
    house.probe.answer(HEALTH)
    assert await house.live("backend", "staging") == "1.1.0"

    change = await house.restarted("staging")

    assert change.state == "succeeded"
    assert list(await house.held("backend", "staging")) == ["1.1.0"]


async def test_drift_is_looked_for_under_the_new_key(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    change = await house.restarted("staging")
    steps = await house.steps(await house.op(change))

    async with house.world.ledger.transaction() as tx:
        live = await targets.live(tx, STAGING)
    assert live is not None
    assert live.key == steps[0].key
