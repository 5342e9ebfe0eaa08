"""Nothing goes back across an irreversible migration by itself, and nobody does without knowing."""

from typing import Any

import pytest

from bot.command import Answer, Context, Open, Submission, Wrong
from bot.domain.change import Change
from bot.domain.observation import Sample
from bot.domain.operation import Operation
from bot.painter.replies import drawn
from bot.sandbox.validation import check_blocks
from commands import rollback as command
from tests.fakes.backend import Behaviour, Ending
from tests.fakes.fuse import Fuse
from tests.fakes.healthbridge import NDAPEWA, TOMAS, HealthBridge
from tests.fakes.shown import bare, card, in_thread, typed
from tests.flow.conftest import Edited

HEALTH = "http://backend.staging/health"
SICK = Sample(ok=False, detail="HTTP 500")
STEPS = """          - build
          - apply: { within: 10s }
          - verify: { http: "http://backend.staging/health", within: 5s }
          - bake: { http: "http://backend.staging/health", for: 3s }
"""
MIGRATES = """          - backup: { database: DB_STAGING, key: BACKUP_KEY }
          - migrate: { run: [migrate] }
          - build
          - apply: { within: 10s }
          - verify: { http: "http://backend.staging/health", within: 1s }
"""
BY_ITSELF = ("on_failure: ask", "on_failure: roll_back")
RAN = "2.0.0 ran an irreversible migration (step migrate, "
MEANS = "; the old code may not read the new data."


@pytest.fixture
def migrating(house: HealthBridge, edited: Edited) -> HealthBridge:
    """Give a HealthBridge whose staging is backed up and migrated; every major version is irreversible."""
    house.with_catalog(edited((STEPS, MIGRATES)))
    return house


async def deployed(house: HealthBridge, *versions: str) -> Change:
    """Have versions of the backend deployed to staging, one after the other; return the last change."""
    for version in versions:
        house.source.commit("backend", version)
        change = await house.deployed("staging", "backend")
    return change


async def backup_before(house: HealthBridge, change: Change) -> str:
    """Return where the copy is that a change made."""
    (op,) = await house.ops(change)
    return str((await house.steps(op))[0].progress["path"])


# --- /rollback ----------------------------------------------------------------------------------------------------


async def test_a_rollback_across_one_is_not_done_and_offers_the_backup_from_before_it(migrating: HealthBridge) -> None:
    change = await deployed(migrating, "1.0.1", "1.1.0", "2.0.0")

    answer = await migrating.rollback("staging")

    assert answer.change is None
    assert answer.reply is not None
    assert answer.reply.startswith(f"Going back to 1.1.0 would cross a migration: {RAN}")
    assert MEANS in answer.reply
    path = await backup_before(migrating, change)
    assert "how it comes back is in the thread of 2.0.0's card." in answer.reply
    told = (await in_thread(migrating, await migrating.op(change), "restore")).text
    assert told.startswith(f"⚠️ {RAN}")
    assert told.endswith(f"\nslipway backup restore {path} --into DB_STAGING")
    assert answer.reply.endswith("`/rollback staging backend to 1.1.0 --across-migration`.")
    assert await migrating.live("backend", "staging") == "2.0.0"


async def test_who_says_so_goes_back_across_it_and_the_card_keeps_saying_what_that_means(
    migrating: HealthBridge,
) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")

    answer = await migrating.rollback("staging", across_migration=True)

    assert answer.change is not None
    change = await migrating.change(answer.change)
    assert change.state == "succeeded"
    across = change.plan.operations[0].across
    assert across is not None
    assert (across[0].version, across[0].step) == ("2.0.0", "migrate")
    assert await migrating.live("backend", "staging") == "1.1.0"


async def test_the_card_says_it_while_the_rollback_runs(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")
    migrating.backend.then(Behaviour.HANG)
    wish = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "x", "across_migration": True}
    await migrating.take("rollback", TOMAS, wish)
    await migrating.until_killed(Fuse(at=40))

    shown = bare(await card(migrating, await migrating.newest_change()))
    assert f"⚠️ This goes back across a migration. {RAN}" in shown
    assert "how it comes back is in the thread of 2.0.0's card." in shown


async def test_a_dry_run_shows_it_and_that_the_same_would_be_refused(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")

    answer = await migrating.rollback("staging", dry_run=True)

    assert answer.reply is not None
    assert '"across":[{' in answer.reply
    assert '"step":"migrate"' in answer.reply
    shown = (await drawn(migrating.world, answer.reply)).text
    assert f"Going back to 1.1.0 would cross a migration: {RAN}" in shown
    assert shown.count(RAN) == 1
    assert shown.split("\n")[1] == "asked for now, it would be refused:"
    assert "`/rollback staging backend to 1.1.0 --across-migration`" in shown


async def test_a_dry_run_that_says_so_would_start(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")

    answer = await migrating.rollback("staging", dry_run=True, across_migration=True)

    shown = (await drawn(migrating.world, answer.reply or "")).text
    assert shown.split("\n")[1] == "asked for now, it would start at once"
    assert f"⚠️ This goes back across a migration. {RAN}" in shown


async def test_a_migration_with_a_way_back_is_in_nobodys_way(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "1.2.0")

    change = await migrating.rolled_back("staging")

    assert change.state == "succeeded"
    assert change.plan.operations[0].across is None
    assert '"across"' not in change.plan.text


async def test_what_was_good_after_it_is_free_and_what_was_good_before_it_is_not(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0", "2.0.1", "2.0.2")

    assert (await migrating.rolled_back("staging")).state == "succeeded"
    assert await migrating.live("backend", "staging") == "2.0.1"
    beyond = await migrating.rollback("staging", to="1.1.0")
    assert beyond.reply is not None
    assert RAN in beyond.reply


async def test_a_release_that_has_been_good_on_the_new_data_is_free_from_then_on(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")
    await migrating.rollback("staging", across_migration=True)
    await deployed(migrating, "2.0.1")

    assert (await migrating.rolled_back("staging")).state == "succeeded"
    assert await migrating.live("backend", "staging") == "1.1.0"


async def test_without_a_word_of_its_program_the_catalog_says_it(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited((STEPS, MIGRATES.replace("run: [migrate]", "run: [x], irreversible: true"))))
    await deployed(house, "1.1.0", "1.2.0")

    answer = await house.rollback("staging")

    assert answer.reply is not None
    assert "1.2.0 ran an irreversible migration" in answer.reply


async def test_without_a_backup_it_says_that_there_is_none(house: HealthBridge, edited: Edited) -> None:
    steps = MIGRATES.partition("\n")[2]
    house.with_catalog(edited((STEPS, steps)))
    await deployed(house, "1.1.0", "2.0.0")

    answer = await house.rollback("staging")

    assert answer.reply is not None
    assert "Slipway knows of no backup from before it." in answer.reply


async def test_a_migration_that_begins_after_a_rollback_was_asked_for_is_in_its_way(
    migrating: HealthBridge, edited: Edited
) -> None:
    """A deploy is before it in the line; its migration fails, and what was live stays live."""
    await deployed(migrating, "1.1.0", "1.2.0")
    migrating.with_catalog(edited((STEPS, MIGRATES.replace("[migrate]", "[exit, '3'], irreversible: true"))))
    migrating.source.commit("backend", "2.0.0")
    wish = {"environment": "staging", "service": "backend", "trigger": "bug", "reason": "x"}
    await migrating.plan_only(await migrating.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]}))
    await migrating.plan_only(await migrating.take("rollback", TOMAS, wish))
    await migrating.drain()

    (back, deploy, *_) = await migrating.recent()
    assert (deploy.state, deploy.reason) == ("failed", "migrate: it ended with exit code 3")
    assert (back.kind, back.state) == ("rollback", "failed")
    assert back.reason.startswith(f"Since this was asked for, {RAN}")
    assert await migrating.live("backend", "staging") == "1.2.0"


async def test_a_deploy_of_an_older_release_says_it_too(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")

    answer = await migrating.deploy("staging", "backend", "1.1.0", dry_run=True)

    assert answer.reply is not None
    assert '"across":[{' in answer.reply


# --- by itself ----------------------------------------------------------------------------------------------------


async def failing(house: HealthBridge, edited: Edited) -> Operation:
    """Have an irreversible release fail its verification where the policy goes back by itself."""
    house.with_catalog(edited((STEPS, MIGRATES), BY_ITSELF))
    await deployed(house, "1.1.0")
    house.probe.sick(HEALTH)
    return await house.op(await deployed(house, "2.0.0"))


async def test_nothing_goes_back_across_one_by_itself_and_the_card_says_what_stands(
    house: HealthBridge, edited: Edited
) -> None:
    op = await failing(house, edited)

    assert op.state == "failed"
    assert op.reason.startswith("verify: no good answer within ")
    assert f"It was not taken back to 1.1.0 by itself: {RAN}" in op.reason
    assert house.effects() == ["1.1.0", "2.0.0"]
    shown = bare(await card(house, await house.change(op.change_id)))
    assert "failed, and left running" in shown
    assert "how it comes back is in the thread of 2.0.0's card." in shown
    assert "slipway backup restore /backups/" in (await in_thread(house, op, "restore")).text


async def test_a_release_without_one_still_goes_back_by_itself(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited((STEPS, MIGRATES), BY_ITSELF))
    await deployed(house, "1.1.0")
    house.probe.then(HEALTH, SICK, SICK)

    op = await house.op(await deployed(house, "1.2.0"))

    assert op.state == "rolled_back"
    assert house.effects() == ["1.1.0", "1.2.0", "1.1.0"]


async def test_a_migration_that_failed_may_have_done_half_of_it(house: HealthBridge, edited: Edited) -> None:
    whole = MIGRATES.replace("run: [migrate]", "run: [exit, '1'], irreversible: true")
    house.with_catalog(edited((STEPS, MIGRATES), BY_ITSELF))
    await deployed(house, "1.1.0")
    house.with_catalog(edited((STEPS, whole), BY_ITSELF))

    op = await house.op(await deployed(house, "1.2.0"))

    assert op.state == "failed"
    assert "It was not taken back to 1.1.0 by itself: 1.2.0 ran an irreversible migration" in op.reason
    assert house.effects() == ["1.1.0"]
    assert "failed; 1.1.0 stayed live" in bare(await card(house, await house.change(op.change_id)))


async def test_a_migration_that_says_so_itself_and_fails_is_not_gone_back_across(
    house: HealthBridge, edited: Edited
) -> None:
    """The catalog does not call it irreversible; only its program knows, and it did half of it."""
    house.with_catalog(edited((STEPS, MIGRATES), BY_ITSELF))
    await deployed(house, "1.1.0")
    house.runner.then(Ending())  # the copy
    house.runner.then(Ending(1, result={"irreversible": "true"}))

    op = await house.op(await deployed(house, "1.2.0"))

    assert op.state == "failed"
    assert "It was not taken back to 1.1.0 by itself: 1.2.0 ran an irreversible migration" in op.reason
    assert house.effects() == ["1.1.0"]


async def test_a_migration_that_says_so_itself_and_is_lost_is_in_the_way_of_who_goes_back(
    migrating: HealthBridge,
) -> None:
    await deployed(migrating, "1.0.1", "1.1.0")
    migrating.runner.then(Ending())  # the copy
    migrating.runner.then(Ending(lost=True, result={"irreversible": "true"}))

    op = await migrating.op(await deployed(migrating, "1.2.0"))

    assert op.state == "unknown"
    answer = await migrating.rollback("staging", to="1.0.1")
    assert answer.reply is not None
    assert "1.2.0 ran an irreversible migration" in answer.reply


async def test_when_a_later_service_fails_the_migrated_one_is_left_to_a_person(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited((STEPS, MIGRATES), BY_ITSELF))
    await deployed(house, "1.1.0")
    house.source.commit("frontend", "3.0.0")
    await house.deployed("staging", "frontend")
    for service, version in (("backend", "2.0.0"), ("frontend", "3.1.0")):
        house.source.commit(service, version)
    house.probe.sick("http://frontend.staging/")

    await house.deployed("staging")

    assert await house.live("backend", "staging") == "2.0.0"
    assert await house.live("frontend", "staging") == "3.0.0"
    assert any(f"backend/staging is not taken back to 1.1.0 by itself: {RAN}" in one for one in house.told)


# --- the window ---------------------------------------------------------------------------------------------------


async def window(house: HealthBridge, line: str = "/rollback staging backend") -> list[Any]:
    answer = await typed(house, TOMAS, line)
    assert isinstance(answer, Open), answer
    blocks: Any = answer.modal["blocks"]
    assert check_blocks(list(blocks), surface="modal") == []
    return list(blocks)


async def sent(house: HealthBridge, choice: str, *, ticked: bool) -> Answer:
    """Send the window off, with this release chosen."""
    blocks = {block.get("block_id"): block for block in await window(house)}
    options = blocks["to"]["element"]["options"]
    value = next(one["value"] for one in options if f" {choice} " in one["text"]["text"])
    values = {"to": value, "trigger": "bug", "reason": "x", "across": ("across",) if ticked else ()}
    ctx = Context(house.world, TOMAS, "C0DEPLOYM2", f"sent-{choice}-{ticked}")
    answer = await command.submit(Submission(values, "staging"), ctx)
    await house.drain()
    return answer


async def test_the_window_says_before_the_button_which_choices_cross_one_and_how_the_data_comes_back(
    migrating: HealthBridge,
) -> None:
    await deployed(migrating, "1.1.0", "2.0.0", "2.0.1")

    blocks = await window(migrating)

    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert len(texts) == 1
    assert texts[0].startswith(f"⚠️ backend: 1.1.0 would cross a migration. {RAN}")
    assert texts[0].endswith("how it comes back is in the thread of 2.0.0's card.")
    assert "`" not in texts[0]
    assert len(texts[0].split("\n")) == 2
    labels = [
        one["text"]["text"] for block in blocks if block.get("block_id") == "to" for one in block["element"]["options"]
    ]
    assert [label.startswith("⚠️ ") for label in labels] == [False, True]


async def test_a_window_in_which_nothing_crosses_has_no_box(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "1.2.0")

    assert "across" not in {block.get("block_id") for block in await window(migrating)}


async def test_without_the_box_the_window_stays_open_and_says_why(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")

    answer = await sent(migrating, "1.1.0", ticked=False)

    assert isinstance(answer, Wrong)
    assert "irreversible migration" in answer.errors["to"]
    assert await migrating.live("backend", "staging") == "2.0.0"


async def test_with_the_box_it_goes_back(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")

    assert await sent(migrating, "1.1.0", ticked=True) is None
    assert await migrating.live("backend", "staging") == "1.1.0"


async def test_what_was_typed_is_ticked(migrating: HealthBridge) -> None:
    await deployed(migrating, "1.1.0", "2.0.0")

    blocks = {
        one.get("block_id"): one for one in await window(migrating, "/rollback staging backend --across-migration")
    }
    assert blocks["across"]["element"]["initial_options"][0]["value"] == "across"
