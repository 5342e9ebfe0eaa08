"""What somebody put on a target past Slipway is not overwritten unasked."""

import pytest

from bot.domain.errors import Refused
from bot.domain.target import Target
from bot.engine import changes as starting
from bot.painter.replies import drawn
from bot.usecases import replacing
from tests.fakes.healthbridge import JOHANNES, NDAPEWA, TOMAS, HealthBridge
from tests.fakes.shown import bare, buttons, card, typed

STAGING, PRODUCTION = Target("backend", "staging"), Target("backend", "production")
BY_HAND = f"sha256:{'9' * 64}"
WORDS = "1.3.9 (999999999999) runs there, where by the ledger 1.0.0 is live"


async def by_hand(house: HealthBridge, version: str = "1.3.9", digest: str = BY_HAND) -> None:
    """Deploy 1.0.0 to staging; then somebody puts something else there, and a new version is ready."""
    house.source.commit("backend", "1.0.0")
    assert (await house.deployed("staging", "backend")).state == "succeeded"
    house.backend.drift(STAGING, version, digest)
    house.source.commit("backend", "1.1.0")


async def test_a_deploy_waits_until_somebody_says_that_it_may_be_replaced(house: HealthBridge) -> None:
    await by_hand(house)

    change = await house.deployed("staging", "backend")

    shown = await card(house, change)
    assert change.state == "blocked"
    assert f"✗ backend: {WORDS}; this would replace it" in bare(shown)
    assert buttons(shown)["replace"] == "Replace it"
    assert house.effects() == ["1.0.0"]


async def test_one_word_is_enough_and_the_card_says_whose(house: HealthBridge) -> None:
    await by_hand(house)
    change = await house.deployed("staging", "backend")

    await replacing.replace(house.world, change.id, by=NDAPEWA)
    await house.drain()

    change = await house.change(change.id)
    assert change.state == "succeeded"
    assert f"⚠️ backend: {WORDS}; Ndapewa Shilongo said to replace it" in bare(await card(house, change))
    assert house.effects() == ["1.0.0", "1.1.0"]
    assert "target.may_be_replaced" in await house.happened("target:backend/staging")


async def test_the_same_is_said_by_typing_it(house: HealthBridge) -> None:
    await by_hand(house)
    change = await house.deployed("staging", "backend")

    await typed(house, NDAPEWA, f"/resume {change.id} --over-drift")
    await house.drain()

    assert (await house.change(change.id)).state == "succeeded"


async def test_checking_again_is_no_such_word(house: HealthBridge) -> None:
    await by_hand(house)
    change = await house.deployed("staging", "backend")

    assert (await house.check_again(change)).state == "blocked"


async def test_what_was_put_there_since_the_card_was_read_was_not_meant(house: HealthBridge) -> None:
    await by_hand(house)
    change = await house.deployed("staging", "backend")
    house.backend.drift(STAGING, "1.4.0", f"sha256:{'8' * 64}")

    with pytest.raises(Refused, match="backend/staging runs something else by now than the card said"):
        await replacing.replace(house.world, change.id, by=NDAPEWA)

    assert "1.4.0 (888888888888) runs there" in bare(await card(house, change))
    assert (await house.change(change.id)).state == "blocked"


async def test_what_is_put_there_between_the_word_and_the_start_is_not_overwritten(house: HealthBridge) -> None:
    await by_hand(house)
    change = await house.deployed("staging", "backend")
    await replacing.replace(house.world, change.id, by=NDAPEWA)
    await house.put_off("start", change.id)
    house.backend.drift(STAGING, "1.4.0", f"sha256:{'8' * 64}")

    await starting.start(house.world, change.id)

    change = await house.change(change.id)
    assert change.state == "void"
    assert "1.4.0 (888888888888) runs there" in change.words
    assert house.effects() == ["1.0.0"]


async def test_the_word_is_good_for_once(house: HealthBridge) -> None:
    await by_hand(house)
    change = await house.deployed("staging", "backend")
    await replacing.replace(house.world, change.id, by=NDAPEWA)
    await house.drain()
    house.backend.drift(STAGING, "1.3.9", BY_HAND)
    house.source.commit("backend", "1.2.0")

    assert (await house.deployed("staging", "backend")).state == "blocked"


async def test_who_may_neither_deploy_nor_roll_back_there_cannot_say_it(house: HealthBridge) -> None:
    await by_hand(house)
    change = await house.deployed("staging", "backend")

    with pytest.raises(Refused, match="Only developers or qa may say what may be replaced in staging"):
        await replacing.replace(house.world, change.id, by=JOHANNES)


async def test_what_is_not_blocked_has_nothing_to_replace(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    change = await house.deployed("staging", "backend")

    with pytest.raises(Refused, match=f"Change {change.id} is not blocked: it is succeeded"):
        await replacing.replace(house.world, change.id, by=NDAPEWA)


async def test_a_restart_waits_for_the_same_word(house: HealthBridge) -> None:
    await by_hand(house)

    assert (await house.restarted("staging")).state == "blocked"


async def test_a_rollback_goes_ahead_and_says_what_it_replaces(house: HealthBridge) -> None:
    for version in ("1.0.0", "1.1.0"):
        await house.good_in_staging(version)
    house.backend.drift(STAGING, "1.3.9", BY_HAND)

    change = await house.rolled_back("staging")

    assert change.state == "succeeded"
    assert "1.3.9 (999999999999) runs there, where by the ledger 1.1.0 is live; a rollback replaces it" in bare(
        await card(house, change)
    )


async def test_approvers_are_asked_after_it_and_see_what_is_replaced(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    house.backend.drift(PRODUCTION, "1.3.9", BY_HAND)
    await house.good_in_staging("1.1.0")
    change = await house.deployed("production", "backend")
    assert change.state == "blocked"

    await replacing.replace(house.world, change.id, by=TOMAS)
    await house.drain()

    change = await house.change(change.id)
    assert change.state == "waiting"
    assert f"⚠️ backend: {WORDS}; Tomas Müller said to replace it" in bare(await card(house, change, "approval"))
    assert (await house.approved(change)).state == "succeeded"


async def test_a_dry_run_says_it_and_that_it_would_be_blocked(house: HealthBridge) -> None:
    await by_hand(house)

    answer = await house.deploy("staging", "backend", dry_run=True)

    lines = (await drawn(house.world, answer.reply or "")).text.split("\n")
    assert lines[1:3] == ["asked for now, it would be blocked:", f"✗ backend: {WORDS}; this would replace it"]


async def test_what_was_there_before_slipway_is_not_overwritten_unasked(house: HealthBridge) -> None:
    house.backend.drift(STAGING, "0.9.0", BY_HAND)
    house.source.commit("backend", "1.0.0")

    change = await house.deployed("staging", "backend")

    assert change.state == "blocked"
    assert "0.9.0 (999999999999) runs there, where by the ledger nothing is live" in change.words


async def test_where_nothing_runs_any_more_nothing_is_overwritten(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.backend.crash(STAGING)
    house.source.commit("backend", "1.1.0")

    assert (await house.deployed("staging", "backend")).state == "succeeded"


# --- what does not run is not called live -----------------------------------------------------------------------------


async def test_what_has_died_is_not_called_live(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    house.backend.crash(STAGING)

    answer = await house.deploy("staging", "backend")

    assert answer.reply == (
        "Nothing to deploy to staging. backend 1.0.0 should run there, and nothing does: "
        "`/restart staging backend` starts it again, `/deploy staging backend 1.0.0` brings it again."
    )


async def test_what_has_died_where_releases_are_promoted_is_not_called_live(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    house.backend.crash(PRODUCTION)

    answer = await house.deploy("production", "backend")

    assert answer.reply is not None
    assert "backend 1.0.0 should run there, and nothing does: `/restart production backend`" in answer.reply


async def test_what_runs_instead_of_the_newest_is_said(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    house.backend.drift(STAGING, "1.3.9", BY_HAND)

    answer = await house.deploy("staging", "backend")

    assert answer.reply == (
        f"Nothing to deploy to staging. backend: {WORDS}; `/deploy staging backend 1.0.0` would replace it."
    )


async def test_where_the_target_cannot_be_asked_the_ledger_is_named(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    house.backend.down = "connection refused"

    answer = await house.deploy("staging", "backend")

    assert answer.reply == (
        "Nothing to deploy to staging. backend 1.0.0 is live by the ledger (the target itself cannot tell now) "
        "and the newest on develop."
    )


async def test_who_decides_reads_that_what_should_run_does_not(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.good_in_staging("1.1.0")
    house.backend.crash(PRODUCTION)

    change = await house.deployed("production", "backend")

    assert "1.0.0 should run there, and nothing does" in bare(await card(house, change, "approval"))
    assert "no drift" not in bare(await card(house, change, "approval"))
