"""What was rolled back from stays away, until somebody who knows of it names it; and nothing goes backwards unasked."""

from datetime import timedelta

import pytest

from bot.domain.change import Change
from bot.domain.observation import Sample
from bot.engine.changes import start
from bot.ledger import cards, changes
from bot.painter.pictures.change import PICTURE
from bot.painter.replies import drawn
from bot.usecases import decisions
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import LAYLA, MARIA, NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.flow.conftest import Edited

SECOND = timedelta(seconds=1)
HELD = {"1.1.0": "Critical bug: the search is empty"}


async def deployed(house: HealthBridge, *versions: str, word: str = "") -> None:
    """Have versions of the backend live in staging, one after the other."""
    for version in versions:
        house.source.commit("backend", version)
        assert (await house.deployed("staging", "backend", *([word] if word else []))).state == "succeeded"


async def blocked(house: HealthBridge, *words: str) -> Change:
    """Ask for a deploy to staging that is blocked, because the backend is away for a moment."""
    house.backend.down = "connection refused"
    change = await house.deployed("staging", "backend", *words)
    house.backend.down = ""
    assert change.state == "blocked"
    return change


async def shown(house: HealthBridge, change: Change) -> str:
    """Return what a change's live card shows."""
    async with house.world.ledger.transaction() as tx:
        card = await cards.of(tx, changes.subject(change.id), "live")
        assert card is not None
        draw = await PICTURE.read(house.world, tx, card)
    return str((await draw()).blocks)


def barred(version: str, change: int, environment: str = "staging") -> str:
    return (
        f"{version} has been rolled back from backend/{environment} since this was planned (change {change}: “Critical "
        f"bug: the search is empty”). To bring it back all the same, name it again: "
        f"/deploy {environment} backend {version}"
    )


# --- a hold that was placed after a change was planned ---------------------------------------------------------------


async def test_a_blocked_change_does_not_bring_back_what_has_been_rolled_back_since(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.source.commit("backend", "1.1.0")
    older = await blocked(house)
    assert (await house.deployed("staging", "backend")).state == "succeeded"
    back = await house.rolled_back("staging")

    after = await house.check_again(older)

    assert (after.state, after.words) == ("void", barred("1.1.0", back.id))
    assert house.effects() == ["1.0.0", "1.1.0", "1.0.0"]
    assert await house.held("backend", "staging") == HELD


async def test_it_does_not_either_when_it_was_named_before_it_was_rolled_back(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.source.commit("backend", "1.1.0")
    older = await blocked(house, "1.1.0")
    assert (await house.deployed("staging", "backend")).state == "succeeded"
    await house.rolled_back("staging")

    after = await house.check_again(older)

    assert after.state == "void"
    assert await house.held("backend", "staging") == HELD


async def test_nor_when_it_was_named_and_then_rolled_back_once_more(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")
    older = await blocked(house, "1.1.0")
    house.probe.sick("http://backend.staging/health")
    assert (await house.deployed("staging", "backend", "1.1.0")).state == "failed"
    house.probe.answer("http://backend.staging/health")
    again = await house.rolled_back("staging")

    after = await house.check_again(older)

    assert (after.state, after.words) == ("void", barred("1.1.0", again.id))
    assert await house.live("backend", "staging") == "1.0.0"


async def test_what_was_once_voted_for_is_void_when_it_has_been_rolled_back_since(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.good_in_staging("1.1.0")
    older, newer = [await house.deployed("production", "backend") for _ in range(2)]
    await decisions.approve(house.world, older.id, by=SELMA)
    await house.approved(newer, LAYLA, TOMAS)
    back = await house.rolled_back("production")

    after = await house.approve(older, LAYLA)

    assert (after.state, after.words) == ("void", barred("1.1.0", back.id, "production"))
    assert house.effects(environment="production") == ["1.0.0", "1.1.0", "1.0.0"]
    assert await house.held("backend", "production") == HELD


async def test_a_change_that_waits_is_void_without_anybody_asking(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.good_in_staging("1.1.0")
    older, newer = [await house.deployed("production", "backend") for _ in range(2)]
    await house.approved(newer)
    await house.rolled_back("production")

    await decisions.void_if_outdated(house.world, older.id)

    assert (await house.change(older.id)).state == "void"


async def test_what_is_approved_and_has_not_begun_is_stopped_too(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.good_in_staging("1.1.0")
    older, newer = [await house.deployed("production", "backend") for _ in range(2)]
    house.idle()
    for person in (SELMA, TOMAS):
        await decisions.approve(house.world, older.id, by=person)
    await house.put_off("start", older.id)
    await house.approved(newer)
    await house.rolled_back("production")

    await start(house.world, older.id)

    assert (await house.change(older.id)).state == "void"
    assert await house.live("backend", "production") == "1.0.0"
    assert await house.held("backend", "production") == HELD


async def test_what_waits_in_line_behind_the_rollback_does_not_bring_it_back(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    wish = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "the search is empty"}
    await house.plan_only(await house.take("rollback", TOMAS, wish))
    house.clock.move(SECOND)
    await house.plan_only(
        await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend", "1.1.0"]})
    )
    again = await house.newest_change()

    await house.drain()

    op = await house.op(again)
    assert (op.state, op.reason) == ("failed", barred("1.1.0", again.id - 1))
    assert house.effects() == ["1.0.0", "1.1.0", "1.0.0"]
    assert await house.held("backend", "staging") == HELD


async def test_a_rollback_does_not_go_to_what_has_been_rolled_back_from_meanwhile(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0", "1.2.0")
    house.backend.down = "connection refused"
    older = await house.rolled_back("staging", to="1.1.0")
    house.backend.down = ""
    await decisions.cancel(house.world, older.id, by=TOMAS)
    assert (await house.rolled_back("staging", to="1.1.0")).state == "succeeded"
    assert (await house.rolled_back("staging")).state == "succeeded"

    answer = await house.rollback("staging", to="1.1.0")

    assert await house.live("backend", "staging") == "1.0.0"
    assert "cannot go back to “1.1.0”" in (answer.reply or "")


# --- naming it -------------------------------------------------------------------------------------------------------


async def test_who_names_it_reads_on_the_card_since_when_it_is_held_by_whom_and_why(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.live_in_production("1.1.0")
    back = await house.rolled_back("production")
    house.clock.move(timedelta(hours=2))

    named = await house.deployed("production", "backend", "1.1.0")

    card = await shown(house, named)
    assert named.state == "waiting"
    assert "`1.1.0` has been held off here since <!date^" in card
    assert f"Tomas Müller rolled back from it (change {back.id}): “Critical bug: the search is empty”" in card
    assert "When it goes well, the hold is lifted." in card
    assert (await house.approved(named)).state == "succeeded"
    assert await house.held("backend", "production") == {}
    assert "has been held off here since" not in await shown(house, named)


async def test_where_nobody_approves_the_card_says_so_before_anything_moves(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")
    await house.plan_only(
        await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend", "1.1.0"]})
    )

    named = await house.newest_change()

    assert named.state == "approved"
    assert "has been held off here since" in await shown(house, named)
    assert house.effects() == ["1.0.0", "1.1.0", "1.0.0"]


async def test_a_dry_run_says_so_too(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    back = await house.rolled_back("staging")

    answer = await house.deploy("staging", "backend", "1.1.0", dry_run=True)

    seen = str((await drawn(house.world, answer.reply or "")).blocks)
    assert f"Tomas Müller rolled back from it (change {back.id}): “Critical bug: the search is empty”" in seen
    assert await house.held("backend", "staging") == HELD


async def test_what_slipway_held_itself_is_held_by_slipway(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(("on_failure: ask", "on_failure: roll_back")))
    await deployed(house, "1.0.0")
    house.source.commit("backend", "1.1.0")
    house.probe.then("http://backend.staging/health", *[Sample(ok=False, detail="HTTP 500")] * 6)
    await house.deployed("staging", "backend")

    answer = await house.deploy("staging", "backend", "1.1.0", dry_run=True)

    assert "Slipway rolled back from it" in str((await drawn(house.world, answer.reply or "")).blocks)


@pytest.mark.parametrize("words", [("backend", "develop"), ("1.1.0",)])
async def test_a_branch_or_a_version_of_some_service_does_not_name_it(
    house: HealthBridge, words: tuple[str, ...]
) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")

    answer = await house.deploy("staging", *words)

    assert answer.change is None
    assert (answer.reply or "").startswith(
        "backend 1.1.0 was rolled back from staging because “Critical bug: the search is empty”; "
        "to bring it back name it: `/deploy staging backend 1.1.0`."
    )


async def test_who_named_it_before_it_was_rolled_back_did_not_know_of_that(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    early = await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend", "1.1.0"]})
    await house.put_off("plan", early)
    await house.rolled_back("staging")

    await house.plan_only(early)
    answer = await house.answered(early)

    assert "backend 1.1.0 was rolled back from staging after you asked for it, because" in (answer.reply or "")
    assert await house.held("backend", "staging") == HELD


async def test_what_was_named_and_failed_stays_held(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")
    house.backend.then(Behaviour.FAIL)

    assert (await house.deployed("staging", "backend", "1.1.0")).state == "failed"
    assert await house.held("backend", "staging") == HELD


async def test_what_was_named_and_is_rolled_back_once_more_is_held_for_the_newest_reason(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    await house.rolled_back("staging")
    house.probe.sick("http://backend.staging/health")
    await house.deployed("staging", "backend", "1.1.0")
    house.probe.answer("http://backend.staging/health")

    await house.rollback("staging", reason="still empty")

    assert await house.held("backend", "staging") == {"1.1.0": "Critical bug: still empty"}


# --- an older change takes nothing away ------------------------------------------------------------------------------


async def test_a_blocked_change_does_not_go_behind_what_has_gone_live_since(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.source.commit("backend", "1.1.0")
    older = await blocked(house)
    await deployed(house, "1.2.0")

    after = await house.check_again(older)

    assert (after.state, after.words) == (
        "void",
        "backend/staging ran 1.0.0 when this was planned; it runs 1.2.0 now, which this would take away.",
    )
    assert house.effects() == ["1.0.0", "1.2.0"]


async def test_a_blocked_change_goes_on_over_what_it_brings_anyway(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.source.commit("backend", "1.1.0")
    house.source.commit("backend", "1.2.0")
    older = await blocked(house)
    await house.deployed("staging", "backend", "1.1.0")

    after = await house.check_again(older)

    assert after.state == "succeeded"
    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0"]


async def test_a_blocked_change_does_not_undo_a_rollback(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    house.source.commit("backend", "1.2.0")
    older = await blocked(house)
    await house.rolled_back("staging")

    after = await house.check_again(older)

    assert after.state == "void"
    assert await house.live("backend", "staging") == "1.0.0"


@pytest.mark.parametrize("down", ["", "could not resolve host"])
async def test_of_two_deploys_in_line_the_older_release_does_not_follow_the_newer_one(
    house: HealthBridge, down: str
) -> None:
    await deployed(house, "1.0.0")
    older, newer = [house.source.commit("backend", version) for version in ("1.1.0", "1.2.0")]
    numbers = []
    for candidate in (newer, older):
        words = ["backend", candidate.version]
        await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": words}))
        numbers.append((await house.newest_change()).id)
    house.source.down = down

    await house.drain()

    first, second = [await house.change(number) for number in numbers]
    assert (first.state, second.state) == ("succeeded", "failed")
    assert (await house.op(second)).reason == ("it was asked for while 1.0.0 was live; 1.2.0 is live now. Ask again.")
    assert house.effects() == ["1.0.0", "1.2.0"]


async def test_of_two_deploys_in_line_the_newer_release_follows_the_older_one(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    for version in ("1.1.0", "1.2.0"):
        house.source.commit("backend", version)
        words = ["backend", version]
        await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": words}))

    await house.drain()

    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0"]


async def test_an_older_release_that_was_named_goes_back_only_from_what_its_person_saw(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    older = await blocked(house, "1.0.0")
    await deployed(house, "1.2.0")

    after = await house.check_again(older)

    assert after.state == "void"
    assert await house.live("backend", "staging") == "1.2.0"


async def test_two_first_deploys_in_line_are_told_apart_by_time(house: HealthBridge) -> None:
    for version in ("1.1.0", "1.2.0"):
        house.source.commit("backend", version)
    for version in ("1.2.0", "1.1.0"):
        words = ["backend", version]
        await house.plan_only(await house.take("deploy", MARIA, {"environment": "staging", "words": words}))

    await house.drain()

    assert house.effects() == ["1.2.0"]
