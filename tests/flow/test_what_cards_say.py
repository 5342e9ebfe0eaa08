"""Cards say what is so: what was left out, what waits for what, what is live still, and what one may do about it."""

import json
from datetime import timedelta

from bot.command import Context, Open
from bot.domain.change import Change
from bot.domain.observation import Sample
from bot.ledger import cards, releases
from bot.usecases import decisions
from bot.views.kit import Message
from commands import rollback
from tests.fakes.backend import Behaviour, Ending
from tests.fakes.healthbridge import MARIA, NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.fakes.shown import bare, buttons, card
from tests.flow.conftest import Edited

SECOND = timedelta(seconds=1)
HEALTH = "http://backend.staging/health"
SICK = Sample(ok=False, detail="HTTP 500")
REPORT = {"incident_report_of_change": "Incident report…"}  # under what went back


async def deployed(house: HealthBridge, version: str, service: str = "backend") -> Change:
    """Have a new version deployed to staging."""
    house.source.commit(service, version)
    return await house.deployed("staging", service)


async def asked(house: HealthBridge, by: str, version: str) -> Change:
    """Have somebody ask for a new version while another operation has the target."""
    house.source.commit("backend", version)
    return await house.deployed("staging", "backend", by=by)


async def lost(house: HealthBridge, version: str = "1.0.0") -> Change:
    """Have a deploy become unknown; it keeps its target."""
    house.backend.then(Behaviour.FORGET)
    return await deployed(house, version)


async def painted(house: HealthBridge, change: Change) -> int:
    """Return how often the live card of a change was painted."""
    async with house.world.ledger.transaction() as tx:
        live = await cards.of(tx, f"change:{change.id}", "live")
    assert live is not None
    return house.painted.count(live.id)


# --- what is not in the plan ------------------------------------------------------------------------------------------


async def test_the_card_says_why_a_service_is_not_in_the_plan(house: HealthBridge) -> None:
    await deployed(house, "1.2.0", "frontend")
    house.source.commit("backend", "2.0.0")

    change = await house.deployed("staging")

    assert "Not in this plan: frontend 1.2.0 is live and the newest on develop." in bare(await card(house, change))
    assert "frontend" not in change.plan.text  # people approve what is done, and that only


async def test_why_a_service_was_left_out_stays_as_it_was_told(house: HealthBridge) -> None:
    await deployed(house, "1.2.0", "frontend")
    house.source.commit("backend", "2.0.0")
    change = await house.deployed("staging")
    await deployed(house, "1.3.0", "frontend")

    assert "frontend 1.2.0 is live and the newest on develop." in bare(await card(house, change))


async def test_a_version_that_one_service_has_is_said_not_to_be_one_of_the_others(house: HealthBridge) -> None:
    house.source.commit("frontend", "1.0.0")
    house.source.commit("backend", "2.0.0")

    change = await house.deployed("staging", "2.0.0")

    assert "Not in this plan: frontend has no version, branch or commit “2.0.0”." in bare(await card(house, change))


async def test_a_dry_run_says_what_is_not_in_the_plan(house: HealthBridge) -> None:
    await deployed(house, "1.2.0", "frontend")
    house.source.commit("backend", "2.0.0")

    answer = await house.deploy("staging", dry_run=True)

    assert json.loads(answer.reply or "")["left_out"] == ["frontend 1.2.0 is live and the newest on develop."]


# --- gates ------------------------------------------------------------------------------------------------------------


async def test_a_change_that_nobody_approves_shows_its_gates_in_one_line(house: HealthBridge) -> None:
    change = await deployed(house, "2.0.0")

    assert bare(await card(house, change)).split("\n").count("gates: drift, reachable pass") == 1


async def test_what_a_gate_says_against_a_change_stands_on_top_in_full(house: HealthBridge) -> None:
    house.backend.down = "connection refused"
    change = await deployed(house, "2.0.0")

    lines = bare(await card(house, change)).split("\n")
    assert lines[0] == "⛔ Deploy to staging · blocked"
    assert lines[2] == "❓ backend: the backend does not answer: connection refused"
    assert not any(line.startswith("gates:") for line in lines)


async def test_a_void_change_says_nothing_of_gates_that_passed_before(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    change = await house.deployed("production", "backend")
    await house.approve(change, SELMA)
    await decisions.cancel(house.world, change.id, by=NDAPEWA)

    assert "gates" not in bare(await card(house, change))


# --- what is live still -----------------------------------------------------------------------------------------------


async def test_the_way_back_is_offered_where_it_leads_away_from_what_is_live_and_nowhere_else(
    house: HealthBridge,
) -> None:
    first = await deployed(house, "1.0.0")
    second = await deployed(house, "1.1.0")

    assert buttons(await card(house, first)) == {}
    assert f"backend  nothing → 1.0.0 · superseded by change {second.id}" in bare(await card(house, first))
    assert buttons(await card(house, second)) == {"rollback": "Roll back…"}


async def test_a_change_of_two_services_can_be_left_as_long_as_one_of_them_serves(house: HealthBridge) -> None:
    for service in ("backend", "frontend"):
        await deployed(house, "0.9.0", service)
        house.source.commit(service, "1.0.0")
    both = await house.deployed("staging")
    await deployed(house, "1.1.0")
    half = await card(house, both)
    await deployed(house, "1.1.0", "frontend")

    assert buttons(half) == {"rollback": "Roll back…"}
    assert buttons(await card(house, both)) == {}


async def test_what_failed_and_was_left_running_can_be_left_until_something_else_serves(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.probe.sick(HEALTH)
    failed = await deployed(house, "1.1.0")
    before = await card(house, failed)
    house.probe.answer(HEALTH)
    mended = await deployed(house, "1.2.0")

    assert buttons(before) == {"again": "Run again", "rollback": "Roll back…"}
    assert "failed, and left running" in bare(before)
    after = await card(house, failed)
    assert buttons(after) == {}
    assert f"failed, then superseded by change {mended.id}" in bare(after)


async def test_what_failed_before_it_was_there_offers_no_way_back(house: HealthBridge) -> None:
    await deployed(house, "0.9.0")
    good = await deployed(house, "1.0.0")
    house.backend.then(Behaviour.REFUSE, "no room left")
    failed = await deployed(house, "1.1.0")

    assert buttons(await card(house, failed)) == {"again": "Run again"}
    assert buttons(await card(house, good)) == {"rollback": "Roll back…"}


async def test_after_a_rollback_its_own_card_leads_further_back(house: HealthBridge) -> None:
    await deployed(house, "0.9.0")
    first = await deployed(house, "1.0.0")
    await deployed(house, "1.1.0")
    back = await house.rolled_back("staging")

    assert buttons(await card(house, back)) == {"rollback": "Go further back…", **REPORT}
    assert "held off until somebody names it: 1.1.0" in bare(await card(house, back))
    assert buttons(await card(house, first)) == {}


async def test_what_was_gone_back_to_by_itself_is_live_again_on_its_own_card(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(("    on_failure: ask\n", "    on_failure: roll_back\n")))
    await deployed(house, "0.9.0")
    good = await deployed(house, "1.0.0")
    house.probe.then(HEALTH, *[SICK] * 6)
    failed = await deployed(house, "1.1.0")

    said = bare(await card(house, failed))
    assert said.startswith("❌ Deploy to staging · failed, and went back")
    assert "backend  1.0.0 → 1.1.0 · failed, and went back to 1.0.0" in said
    assert buttons(await card(house, failed)) == {"again": "Run again", **REPORT}
    assert "superseded" not in bare(await card(house, good))
    assert buttons(await card(house, good)) == {"rollback": "Roll back…"}


async def test_going_live_paints_the_card_that_it_overtakes_once_and_no_older_one(house: HealthBridge) -> None:
    older = [await deployed(house, f"1.{number}.0") for number in range(4)]
    before = [await painted(house, change) for change in older]

    newest = await deployed(house, "2.0.0")

    after = [await painted(house, change) for change in older]
    assert [late - early for early, late in zip(before, after, strict=True)] == [0, 0, 0, 1]
    assert f"superseded by change {newest.id}" in bare(await card(house, older[-1]))


async def test_the_card_that_is_overtaken_leads_to_the_one_that_overtook_it(house: HealthBridge) -> None:
    first = await deployed(house, "1.0.0")
    second = await deployed(house, "1.1.0")

    message = await card(house, first)
    assert f"|change {second.id}>" in str(message.blocks)
    assert "https" not in message.text


# --- who waits for whom -----------------------------------------------------------------------------------------------


async def test_who_waits_in_line_is_told_for_whom_and_how_long_the_line_is(house: HealthBridge) -> None:
    first = await lost(house)
    second = await asked(house, TOMAS, "1.1.0")
    third = await asked(house, MARIA, "1.2.0")

    before = f"change {first.id} by Ndapewa Shilongo"
    assert bare(await card(house, second)).startswith("⏳ Deploy to staging · waiting in line")
    assert f"waits until somebody has settled {before}" in bare(await card(house, second))
    assert f"waits until somebody has settled {before}" in bare(await card(house, third))
    assert "running" not in bare(await card(house, second))


async def test_who_waits_sees_the_line_move(house: HealthBridge) -> None:
    first = await lost(house)
    second = await asked(house, TOMAS, "1.1.0")
    third = await asked(house, MARIA, "1.2.0")
    before = await painted(house, third)
    seen: list[Message] = []

    async def look() -> None:
        seen.append(await card(house, third))

    house.clock.at(2 * SECOND, look)
    await decisions.settle(house.world, (await house.op(first)).id, by=TOMAS, succeeded=True)
    await house.drain()

    assert f"next, after change {second.id} by Tomas Müller" in bare(seen[0])
    assert await painted(house, third) > before
    assert (await house.change(third.id)).state == "succeeded"


async def test_what_waited_in_line_says_what_it_found_there_and_not_what_was_planned(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    first = await lost(house, "1.1.0")
    waiting = await asked(house, TOMAS, "1.2.0")
    await decisions.settle(house.world, (await house.op(first)).id, by=TOMAS, succeeded=False)
    await house.drain()

    assert "backend  1.0.0 → 1.2.0" in bare(await card(house, waiting))


# --- what one may do --------------------------------------------------------------------------------------------------


async def test_no_way_back_is_offered_where_none_leads_anywhere(house: HealthBridge) -> None:
    first = await deployed(house, "1.0.0")
    alone = await card(house, first)
    await deployed(house, "1.1.0")
    back = await house.rolled_back("staging")

    assert buttons(alone) == {}
    assert buttons(await card(house, back)) == REPORT


async def test_what_is_unknown_and_has_nothing_before_it_can_only_be_settled(house: HealthBridge) -> None:
    first = await lost(house)

    assert set(buttons(await card(house, first))) == {"mark_succeeded", "mark_failed"}


async def test_what_failed_over_what_had_failed_says_so_and_leads_away_from_that(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.probe.sick(HEALTH)
    sick = await deployed(house, "1.1.0")
    house.runner.then(Ending(exit_code=1))
    house.source.commit("backend", "1.2.0")
    over = await house.deployed("staging", "backend")
    message = await card(house, over)
    house.probe.answer(HEALTH)

    assert f"failed; 1.1.0 stayed live, which had failed, too (change {sick.id})" in bare(message)
    assert buttons(message) == {"again": "Run again", "rollback": "Roll back…"}
    assert isinstance(await rollback.press(over.id, Context(house.world, TOMAS, "C0DEPLOYM2", "press")), Open)
    assert "`/rollback staging backend` leaves what failed there before" in str(message.blocks)


async def test_what_crashed_says_what_serves_now_and_how_to_try_it_again(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.backend.then(Behaviour.FAIL, 'exit code 1\nTraceback (most recent call last):\n  File "<main>", line 1')
    message = await card(house, await deployed(house, "1.1.0"))

    said = bare(message)
    assert "apply: exit code 1\nTraceback (most recent call last):" in said
    assert "1.0.0 serves there." in said
    assert "again: /deploy staging backend 1.1.0; what ran before: /deploy staging backend 1.0.0." in said
    printed = [block for block in message.blocks if block["type"] == "rich_text"]
    assert "Traceback" in str(printed)
    assert "serves" not in str(printed)


async def test_a_failed_card_keeps_its_list_of_commits(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.probe.sick(HEALTH)
    change = await deployed(house, "1.1.0")

    newest = (await house.op(change)).to_release
    async with house.world.ledger.transaction() as tx:
        release = await releases.get(tx, newest)
    assert release is not None
    assert f"• {release.commit.short}" in bare(await card(house, change))


async def test_who_settled_it_is_said(house: HealthBridge) -> None:
    first = await lost(house)
    await decisions.settle(house.world, (await house.op(first)).id, by=TOMAS, succeeded=False)
    await house.drain()

    assert "Tomas Müller looked, and said that it failed" in bare(await card(house, first))


async def test_a_held_releases_warning_stands_once_before_it_goes(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.live_in_production("1.1.0")
    await house.rolled_back("production")
    change = await house.deployed("production", "backend", "1.1.0")

    said = bare(await card(house, change, "approval"))
    assert change.state == "waiting"
    assert said.count("⚠️") == 1
    assert "has been held off here since" in said
