"""A rollback leaves what its person saw when they asked, whatever has happened until it is planned."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.command import Context, Open, Submission, Wrong
from bot.domain.change import Change
from bot.domain.observation import Observed
from bot.domain.target import Target
from bot.ports import Section
from bot.usecases import decisions
from commands import rollback
from tests.fakes.backend import Behaviour, ScriptedBackend
from tests.fakes.healthbridge import MARIA, NDAPEWA, TOMAS, HealthBridge
from tests.flow.conftest import Edited

SECOND = timedelta(seconds=1)
WISH = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "the search is empty"}


async def deployed(house: HealthBridge, *versions: str) -> None:
    """Have versions of the backend live in staging, one after the other."""
    for version in versions:
        house.source.commit("backend", version)
        assert (await house.deployed("staging", "backend")).state == "succeeded"


async def lost(house: HealthBridge) -> Change:
    """Have 1.0.0 and 1.1.0 good in staging, and 1.2.0 so that nobody can tell what became of it."""
    await deployed(house, "1.0.0", "1.1.0")
    house.source.commit("backend", "1.2.0")
    house.backend.then(Behaviour.FORGET)
    change = await house.deployed("staging", "backend")
    assert change.state == "unknown"
    return change


async def settle(house: HealthBridge, change: Change, *, succeeded: bool) -> None:
    """Press Mark succeeded or Mark failed, and let nothing follow yet."""
    await decisions.settle(house.world, (await house.op(change)).id, by=MARIA, succeeded=succeeded)


@pytest.mark.parametrize("succeeded", [False, True])
async def test_who_settles_the_unknown_meanwhile_does_not_move_the_rollback_one_release_on(
    house: HealthBridge, *, succeeded: bool
) -> None:
    change = await lost(house)
    asked = await house.take("rollback", TOMAS, WISH)
    await settle(house, change, succeeded=succeeded)

    answer = await house.answered(asked)

    assert answer.change is not None, answer.reply
    assert (await house.change(answer.change)).state == "succeeded"
    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0", "1.1.0"]
    assert await house.live("backend", "staging") == "1.1.0"
    assert await house.held("backend", "staging") == {"1.2.0": "Critical bug: the search is empty"}


async def test_a_release_that_was_named_is_gone_back_to_although_the_ledger_has_it_live_by_now(
    house: HealthBridge,
) -> None:
    change = await lost(house)
    asked = await house.take("rollback", TOMAS, {**WISH, "to": "1.1.0"})
    await settle(house, change, succeeded=False)

    answer = await house.answered(asked)

    assert answer.change is not None, answer.reply
    assert house.effects()[-1] == "1.1.0"
    assert list(await house.held("backend", "staging")) == ["1.2.0"]


async def test_of_two_rollbacks_the_one_that_is_planned_after_the_other_says_what_happened(house: HealthBridge) -> None:
    await lost(house)
    second = await house.take("rollback", TOMAS, WISH)
    await house.put_off("plan", second)
    await house.rolled_back("staging")

    await house.plan_only(second)
    answer = await house.answered(second)

    assert answer.change is None
    assert answer.reply == (
        "backend/staging was taken to run 1.2.0 when you asked for this rollback; it runs 1.1.0 now, so nothing was "
        "done. Look at it, and ask again if that is to be left, too."
    )
    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0", "1.1.0"]
    assert list(await house.held("backend", "staging")) == ["1.2.0"]


async def test_while_a_target_is_being_taken_back_nobody_takes_it_one_further_back(house: HealthBridge) -> None:
    await lost(house)
    await house.plan_only(await house.take("rollback", TOMAS, WISH))
    second = await house.take("rollback", MARIA, WISH)
    third = await house.take("rollback", MARIA, WISH)
    await house.plan_only(second)

    await house.drain()

    already = (
        "Change 4 is taking backend/staging back to 1.1.0 already, so nothing was done. "
        "See how it ends, or cancel it (`/cancel 4`), and ask again if need be."
    )
    assert [(await house.answered(one)).reply for one in (second, third)] == [already, already]
    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0", "1.1.0"]
    assert list(await house.held("backend", "staging")) == ["1.2.0"]


async def test_who_asks_while_a_target_is_being_taken_back_does_not_mean_what_it_goes_back_to(
    house: HealthBridge,
) -> None:
    await lost(house)
    await house.plan_only(await house.take("rollback", TOMAS, WISH))
    late = await house.take("rollback", MARIA, WISH)
    await house.put_off("plan", late)
    await house.drain()
    assert await house.live("backend", "staging") == "1.1.0"

    await house.plan_only(late)
    answer = await house.answered(late)

    assert answer.reply == (
        "Change 4 was taking backend/staging back to 1.1.0 when you asked for this, so nothing was done. "
        "See how it ended, and ask again if need be."
    )
    assert house.effects()[-1] == "1.1.0"


async def test_of_two_rollbacks_that_are_planned_at_one_moment_the_second_does_nothing(house: HealthBridge) -> None:
    await lost(house)
    requests = [await house.take("rollback", person, WISH) for person in (TOMAS, MARIA)]
    meddled = Meddled(lambda: house.plan_only(requests[1]))
    house.world = replace(house.world, backends={"scripted": meddled})
    await house.plan_only(requests[0])

    await house.drain()

    second, first = (await house.recent())[:2]
    assert {first.state, second.state} == {"succeeded", "failed"}
    assert [effect.version for effect in meddled.effects] == ["1.1.0"]
    assert list(await house.held("backend", "staging")) == ["1.2.0"]


async def test_what_has_come_in_between_is_not_blamed_for_what_was_seen(house: HealthBridge) -> None:
    change = await lost(house)
    house.source.commit("backend", "1.3.0")
    await house.deployed("staging", "backend")
    asked = await house.take("rollback", TOMAS, WISH)
    await house.put_off("plan", asked)
    await settle(house, change, succeeded=False)
    await house.drain()
    assert await house.live("backend", "staging") == "1.3.0"

    await house.plan_only(asked)
    answer = await house.answered(asked)

    assert answer.change is None
    assert "was taken to run 1.2.0 when you asked for this rollback; it runs 1.3.0 now" in (answer.reply or "")
    assert await house.live("backend", "staging") == "1.3.0"
    assert await house.held("backend", "staging") == {}


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour.WORK, "backend/staging ran 1.1.0 when you asked for this rollback; it runs 1.2.0 now"),
        (Behaviour.FORGET, "when you asked for this rollback; whether it runs 1.2.0 now is unknown"),
    ],
)
async def test_a_deploy_that_ends_meanwhile_is_not_what_was_seen_as_faulty(
    house: HealthBridge, behaviour: Behaviour, words: str
) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    asked = await house.take("rollback", TOMAS, WISH)
    await house.put_off("plan", asked)
    house.source.commit("backend", "1.2.0")
    house.backend.then(behaviour)
    await house.deployed("staging", "backend")

    await house.plan_only(asked)
    answer = await house.answered(asked)

    assert answer.change is None
    assert words in (answer.reply or "")
    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0"]
    assert await house.held("backend", "staging") == {}


async def test_a_way_back_that_is_settled_as_done_meanwhile_is_all_that_was_wanted(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(("on_failure: ask", "on_failure: roll_back")))
    await deployed(house, "1.0.0", "1.1.0")
    house.source.commit("backend", "1.2.0")
    house.backend.then(Behaviour.WORK)
    house.backend.then(Behaviour.FORGET)
    house.probe.sick("http://backend.staging/health")
    change = await house.deployed("staging", "backend")
    assert change.state == "unknown"
    house.probe.answer("http://backend.staging/health")
    asked = await house.take("rollback", TOMAS, WISH)
    await settle(house, change, succeeded=True)

    answer = await house.answered(asked)

    assert answer.change is None
    assert "was taken to run 1.2.0 when you asked for this rollback; it runs 1.1.0 now" in (answer.reply or "")
    assert await house.live("backend", "staging") == "1.1.0"
    assert list(await house.held("backend", "staging")) == ["1.2.0"]


async def test_without_a_service_it_is_the_one_that_had_changed_last_when_it_was_asked_for(house: HealthBridge) -> None:
    for version in ("5.0.0", "5.1.0"):
        house.source.commit("frontend", version)
        await house.deployed("staging", "frontend")
        house.clock.move(SECOND)
    await deployed(house, "1.0.0", "1.1.0")
    asked = await house.take("rollback", TOMAS, {**WISH, "service": None})
    house.source.commit("frontend", "5.2.0")
    await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["frontend"]}))

    await house.answered(asked)

    assert await house.live("backend", "staging") == "1.0.0"
    assert await house.live("frontend", "staging") == "5.2.0"


async def test_without_a_service_what_is_unknown_is_what_changed_last(house: HealthBridge) -> None:
    house.source.commit("frontend", "5.0.0")
    await house.deployed("staging", "frontend")
    await lost(house)

    answer = await house.rollback("staging", None)

    assert answer.change is not None, answer.reply
    assert await house.live("backend", "staging") == "1.1.0"
    assert await house.live("frontend", "staging") == "5.0.0"


# --- the window -----------------------------------------------------------------------------------------------------


def in_slack(house: HealthBridge, key: str = "deed-in-slack") -> Context:
    return Context(house.world, TOMAS, "C0DEPLOYM2", key)


async def window(house: HealthBridge, change: Change) -> tuple[list[str], str]:
    """Press Roll back… on a card; return the choices that the window offers, and all it shows."""
    opened = await rollback.press(change.id, in_slack(house))
    assert isinstance(opened, Open)
    shown = str(opened.modal)
    (select,) = [block["element"] for block in opened.modal["blocks"] if block.get("block_id") == "to"]  # type: ignore[attr-defined]  # Block Kit has no types
    return [option["value"] for option in select["options"]], shown


async def sent(house: HealthBridge, choice: str) -> Wrong | None:
    values: Mapping[str, str] = {"to": choice, "trigger": "bug", "reason": "the search is empty"}
    answer = await rollback.submit(Submission(values, "staging"), in_slack(house))
    assert answer is None or isinstance(answer, Wrong)
    await house.drain()
    return answer


async def test_what_the_window_showed_is_left_although_it_was_settled_while_the_window_was_open(
    house: HealthBridge,
) -> None:
    change = await lost(house)
    (newest, _), shown = await window(house, change)
    await settle(house, change, succeeded=False)
    await house.drain()

    await sent(house, newest)

    assert "backend: whether `1.2.0` runs is unknown" in shown
    assert house.effects() == ["1.0.0", "1.1.0", "1.2.0", "1.1.0"]
    assert list(await house.held("backend", "staging")) == ["1.2.0"]


async def test_what_was_deployed_while_the_window_was_open_stays(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    change = await house.deployed("staging", "backend", "1.1.0")
    (only,), shown = await window(house, change)
    await deployed(house, "1.2.0")

    await sent(house, only)

    assert "backend runs `1.1.0`" in shown
    assert "it runs 1.2.0 now, so nothing was done" in house.told[-1]
    assert await house.live("backend", "staging") == "1.2.0"


async def test_a_window_of_before_still_says_what_it_said(house: HealthBridge) -> None:
    await deployed(house, "1.0.0", "1.1.0")
    change = await house.deployed("staging", "backend", "1.1.0")
    (only,), _ = await window(house, change)
    service, number, _ = only.split()

    await sent(house, f"{service} {number.removeprefix('#')}")

    assert await house.live("backend", "staging") == "1.0.0"


@pytest.mark.parametrize("left", ["x", "1.2", "1.2.3.x", "1.2.3.4.5", "-1.2.3.4"])
async def test_a_choice_that_no_window_of_ours_offers_is_refused(house: HealthBridge, left: str) -> None:
    await deployed(house, "1.0.0", "1.1.0")

    answer = await sent(house, f"backend #1 {left}")

    assert answer == Wrong({"reason": "That window is from another time; open it again."})
    assert house.effects() == ["1.0.0", "1.1.0"]


# --- at the very moment it is planned -------------------------------------------------------------------------------


class Meddled(ScriptedBackend):
    """A backend during whose next look something else happens."""

    def __init__(self, deed: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._deed: Callable[[], Awaitable[object]] | None = deed

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:
        deed, self._deed = self._deed, None
        if deed is not None:
            await deed()
        return await super().observe(target, key=key, config=config)


@pytest.mark.parametrize("succeeded", [False, True])
async def test_who_settles_it_between_the_plan_and_its_writing_changes_nothing_of_where_it_goes(
    house: HealthBridge, *, succeeded: bool
) -> None:
    change = await lost(house)
    meddled = Meddled(lambda: settle(house, change, succeeded=succeeded))
    house.world = replace(house.world, backends={"scripted": meddled})

    back = await house.rolled_back("staging")

    assert back.state == "succeeded", await house.op(back)
    assert [effect.version for effect in meddled.effects] == ["1.1.0"]
    assert list(await house.held("backend", "staging")) == ["1.2.0"]
    assert (await house.op(change)).settled_by == MARIA
