"""Production waits for people: who, how many, until when, and for exactly what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.target import Target
from bot.ledger import changes
from bot.usecases import decisions
from tests.fakes.healthbridge import JOHANNES, LAYLA, MARIA, NDAPEWA, SELMA, TOMAS, HealthBridge
from tests.fakes.shown import card
from tests.flow.conftest import Edited

HOUR = timedelta(hours=1)


async def waiting(house: HealthBridge, version: str = "1.0.0", by: str = NDAPEWA) -> int:
    """Ask for a release in production; return the number of the change that waits."""
    await house.good_in_staging(version)
    change = await house.deployed("production", "backend", by=by)
    assert change.state == "waiting"
    return change.id


async def test_production_runs_only_after_two_people_have_approved(house: HealthBridge) -> None:
    number = await waiting(house)

    once = await house.approve(await house.change(number), SELMA)
    assert once.state == "waiting"
    assert house.effects(environment="production") == []

    twice = await house.approve(once, LAYLA)
    assert twice.state == "succeeded"
    assert twice.approved_by == {SELMA, LAYLA}
    assert house.effects(environment="production") == ["1.0.0"]


async def test_the_last_yes_begins_the_change_before_anybody_else_can(house: HealthBridge) -> None:
    number = await waiting(house)
    await decisions.approve(house.world, number, by=SELMA)

    change = await decisions.approve(house.world, number, by=LAYLA)

    op = await house.op(change)
    assert (change.state, op.state, (await house.steps(op))[0].state) == ("running", "running", "started")
    assert house.effects(environment="production") == []
    await house.drain()
    assert house.effects(environment="production") == ["1.0.0"]


async def test_a_gate_that_takes_its_time_does_not_keep_a_yes_from_counting(house: HealthBridge) -> None:
    number = await waiting(house)
    await decisions.approve(house.world, number, by=SELMA)

    change = await decisions.approve(house.world, number, by=LAYLA, patience=timedelta(0))

    assert change.state == "approved"
    await house.drain()
    assert (await house.change(number)).state == "succeeded"
    assert house.effects(environment="production") == ["1.0.0"]


async def test_a_yes_counts_although_another_operation_is_at_the_target(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    first, second = [await waiting(house, "1.1.0"), await waiting(house, "1.2.0")]
    for person in (SELMA, LAYLA):
        await decisions.approve(house.world, first, by=person)
    await decisions.approve(house.world, second, by=SELMA)

    change = await decisions.approve(house.world, second, by=LAYLA)

    assert (change.state, (await house.change(first)).state) == ("approved", "running")
    assert change.approved_by == {SELMA, LAYLA}


async def test_production_promotes_the_very_artefact_and_builds_nothing(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")

    assert len(house.runner.starts) == 1
    assert len({effect.digest for effect in house.backend.effects}) == 1


async def test_nobody_approves_their_own(house: HealthBridge) -> None:
    number = await waiting(house, by=TOMAS)

    with pytest.raises(Refused, match=f"You asked for change {number}, so somebody else has to approve it"):
        await decisions.approve(house.world, number, by=TOMAS)


@pytest.mark.parametrize("person", [NDAPEWA, MARIA, JOHANNES])
async def test_who_is_not_in_the_policys_team_is_told_who_is(house: HealthBridge, person: str) -> None:
    number = await waiting(house)

    for deed in (
        decisions.approve(house.world, number, by=person),
        decisions.reject(house.world, number, by=person, reason="no"),
        decisions.check_reject(house.world, number, by=person),
    ):
        with pytest.raises(Refused, match=f"Only production-team may decide on change {number}"):
            await deed


async def test_one_person_has_one_vote(house: HealthBridge) -> None:
    number = await waiting(house)
    await decisions.approve(house.world, number, by=SELMA)

    with pytest.raises(Refused, match=f"You have approved change {number} already; it waits for 1 more"):
        await decisions.approve(house.world, number, by=SELMA)


async def test_whoever_leaves_the_team_has_no_vote_any_more(house: HealthBridge) -> None:
    number = await waiting(house)
    house.directory.groups["production-team"] = frozenset({TOMAS, LAYLA})

    with pytest.raises(Refused, match="you are not in production-team"):
        await decisions.approve(house.world, number, by=SELMA)


async def test_the_question_stays_open_until_the_very_moment_it_expires(house: HealthBridge) -> None:
    number = await waiting(house)
    house.clock.move(4 * HOUR - timedelta(microseconds=1))
    await decisions.expire(house.world, number)
    await decisions.approve(house.world, number, by=SELMA)

    house.clock.move(timedelta(microseconds=1))
    with pytest.raises(Refused, match="expired before this vote"):
        await decisions.approve(house.world, number, by=LAYLA)

    async with house.world.ledger.transaction() as tx:
        assert await changes.expired(tx, tx.now) == [number]
    await decisions.expire(house.world, number)
    assert (await house.change(number)).state == "expired"
    assert {op.state for op in await house.ops(await house.change(number))} == {"cancelled"}
    with pytest.raises(Refused, match="it is expired"):
        await decisions.approve(house.world, number, by=LAYLA)


async def test_one_no_is_enough_and_its_reason_is_kept(house: HealthBridge) -> None:
    number = await waiting(house)
    await decisions.approve(house.world, number, by=SELMA)

    change = await decisions.reject(house.world, number, by=SELMA, reason="not on a Friday")
    await house.drain()

    assert change.state == "rejected"
    assert change.words == "not on a Friday"
    assert change.approved_by == frozenset()
    assert house.effects(environment="production") == []
    with pytest.raises(Refused, match="it is rejected"):
        await decisions.approve(house.world, number, by=LAYLA)


async def test_a_no_needs_a_reason(house: HealthBridge) -> None:
    number = await waiting(house)

    with pytest.raises(Refused, match="Say in a few words why"):
        await decisions.reject(house.world, number, by=SELMA, reason="  ")


async def test_an_approval_is_void_when_something_else_has_gone_live_since(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    number = await waiting(house, "1.1.0")
    other = await waiting(house, "1.2.0")
    await house.approved(await house.change(other))

    change = await house.approve(await house.change(number), SELMA)

    assert change.state == "void"
    assert change.words == "backend/production ran 1.0.0 when this was planned; it runs 1.2.0 now."
    assert change.approved_by == frozenset()
    assert await house.live("backend", "production") == "1.2.0"


async def test_waiting_changes_of_a_target_can_be_found_and_voided_when_it_moves(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    number = await waiting(house, "1.1.0")
    assert await decisions.waiting_on(house.world, Target("backend", "production")) == [number]
    assert await decisions.waiting_on(house.world, Target("frontend", "production")) == []
    await decisions.void_if_outdated(house.world, number)
    assert (await house.change(number)).state == "waiting"

    await house.approved(await house.change(await waiting(house, "1.2.0")))
    await decisions.void_if_outdated(house.world, number)

    assert (await house.change(number)).state == "void"


async def test_an_approval_is_void_when_the_configuration_has_been_edited(house: HealthBridge, edited: Edited) -> None:
    number = await waiting(house)
    house.with_catalog(edited(("backend.production/health", "backend.production/healthz")))

    change = await house.approve(await house.change(number), SELMA)

    assert change.state == "void"
    assert "backend/production: the steps have changed in the catalog." in change.words


async def test_an_approval_is_void_when_the_policy_has_been_edited(house: HealthBridge, edited: Edited) -> None:
    number = await waiting(house)
    house.with_catalog(edited(("approvals: 2", "approvals: 1")))

    change = await house.approve(await house.change(number), SELMA)

    assert change.state == "void"
    assert change.words == "The approval policy has changed."


async def test_what_was_approved_is_looked_at_again_before_it_starts(house: HealthBridge, edited: Edited) -> None:
    number = await waiting(house)
    house.idle()
    await decisions.approve(house.world, number, by=SELMA)
    await decisions.approve(house.world, number, by=LAYLA)
    house.with_catalog(edited(("backend.production/health", "backend.production/healthz")))

    await house.drain()

    assert (await house.change(number)).state == "void"
    assert house.effects(environment="production") == []


async def test_what_is_found_faulty_in_staging_after_the_approval_does_not_start(house: HealthBridge) -> None:
    await house.good_in_staging("1.0.0")
    number = await waiting(house, "1.1.0")
    await house.rolled_back("staging")

    change = await house.approved(await house.change(number))

    assert change.state == "void"
    assert "1.1.0 no longer counts as good in staging" in change.words
    assert house.effects(environment="production") == []


async def test_of_two_approved_changes_one_goes_live_and_the_other_says_that_it_was_overtaken(
    house: HealthBridge,
) -> None:
    await house.live_in_production("1.0.0")
    numbers = [await waiting(house, "1.1.0"), await waiting(house, "1.2.0")]
    house.idle()
    for number in numbers:
        await decisions.approve(house.world, number, by=SELMA)
        await decisions.approve(house.world, number, by=LAYLA)
    await house.drain()

    first, second = [await house.change(number) for number in numbers]
    assert (first.state, second.state) == ("succeeded", "failed")
    assert (await house.op(second)).reason == ("it was approved while 1.0.0 was live; 1.1.0 is live now. Ask again.")
    assert house.effects(environment="production") == ["1.0.0", "1.1.0"]


async def test_what_has_not_been_good_in_staging_is_refused_with_what_is_missing(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.source.merge()

    unnamed = await house.deploy("production", "backend")
    named = await house.deploy("production", "backend", "1.0.0")

    assert unnamed.reply == (
        "Nothing to deploy to production. "
        "backend: no release has been live and good in staging yet; deploy it there first."
    )
    assert named.reply is not None
    assert "has not been live and good in staging: deploy it there first" in named.reply


async def test_what_is_not_on_main_is_refused_with_what_is_missing(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")

    unnamed = await house.deploy("production", "backend")
    named = await house.deploy("production", "backend", "1.0.0")

    assert unnamed.reply == "Nothing to deploy to production. backend: 1.0.0 is good in staging but not on main."
    assert named.reply is not None
    assert "nor one with the same content is on main: merge it first" in named.reply


async def test_a_squash_merge_with_the_same_tree_is_on_main(house: HealthBridge) -> None:
    candidate = house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    squashed = house.source.squash(candidate)

    unnamed = await house.deploy("production", "backend", dry_run=True)
    named = await house.deployed("production", "backend", squashed.commit.short)

    assert '"version":"1.0.0"' in (unnamed.reply or "")
    assert named.plan.operations[0].to.commit == candidate.commit.id
    assert (await house.approved(named)).state == "succeeded"


async def test_what_failed_in_staging_may_not_go_to_production(house: HealthBridge) -> None:
    house.probe.sick("http://backend.staging/health")
    house.source.commit("backend", "1.0.0")
    failed = await house.deployed("staging", "backend")
    house.source.merge()

    answer = await house.deploy("production", "backend", "1.0.0")

    assert failed.state == "failed"
    assert answer.change is None
    assert "has not been live and good in staging" in (answer.reply or "")


async def test_nothing_newer_says_so(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")

    answer = await house.deploy("production", "backend")

    assert answer.reply == (
        "Nothing to deploy to production. backend 1.0.0 is live, and nothing newer has been good in staging."
    )


async def test_approvals_are_bound_to_the_plans_digest(house: HealthBridge) -> None:
    number = await waiting(house)
    await decisions.approve(house.world, number, by=SELMA)

    async with house.world.ledger.transaction() as tx:
        (vote,) = await changes.votes(tx, number)

    assert vote["plan_digest"] == (await house.change(number)).plan.digest
    assert (vote["person"], vote["verdict"]) == (SELMA, "approve")


async def test_a_change_that_does_not_exist_is_refused(house: HealthBridge) -> None:
    with pytest.raises(Refused, match="There is no change 999"):
        await decisions.approve(house.world, 999, by=SELMA)


async def test_a_change_that_was_asked_for_before_there_was_a_policy_does_not_get_around_it(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(("    approval: two-of-production\n", "")))
    await house.good_in_staging("1.0.0")
    house.backend.down = "away, password=hunter2hunter2"
    change = await house.deployed("production", "backend")
    house.backend.down = ""
    house.with_catalog(edited())

    after = await house.check_again(change)

    assert change.state == "blocked"
    assert "hunter2" not in change.words
    assert (after.state, after.words) == ("void", "The approval policy has changed.")
    assert house.effects(environment="production") == []


async def test_the_yes_of_somebody_who_has_lost_the_say_does_not_count(house: HealthBridge) -> None:
    await house.live_in_production("1.0.0")
    await house.good_in_staging("1.1.0")
    change = await house.approved(await house.deployed("production", "backend"), SELMA)
    house.directory.groups["production-team"] -= {SELMA}

    change = await house.approved(change, TOMAS)

    assert (change.state, change.approved_by) == ("waiting", {TOMAS})
    assert (
        "the approval of Selma Nakale no longer counts: no longer in production-team"
        in (await card(house, change)).text
    )

    house.directory.groups["production-team"] |= {SELMA}
    assert (await house.approved(change, SELMA)).state == "succeeded"


async def test_a_blocked_change_is_checked_again_only_by_who_has_to_do_with_it(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.down = "no route to host"
    change = await house.deployed("staging", "backend")
    house.backend.down = ""

    with pytest.raises(Refused, match=f"Only developers or qa may have change {change.id} checked again"):
        await decisions.resume(house.world, change.id, by="U0STRANGER")

    assert (await decisions.resume(house.world, change.id, by=NDAPEWA)).state == "approved"


async def test_a_blocked_change_whose_time_is_over_is_not_revived(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.down = "no route to host"
    change = await house.deployed("staging", "backend")
    house.backend.down = ""
    house.clock.move(timedelta(hours=20))

    assert (await house.check_again(change)).state == "expired"
    assert house.effects() == []


async def test_who_is_named_in_the_catalog_and_is_deactivated_or_a_guest_decides_nothing(
    house: HealthBridge, edited: Edited
) -> None:
    named = f"{{ people: [{SELMA}, {TOMAS}, {LAYLA}] }}"
    house.with_catalog(edited(("production-team: { usergroup: production-team }", f"production-team: {named}")))
    await house.good_in_staging("1.4.0")
    change = await house.deployed("production", "backend")
    people = house.directory.people
    people[SELMA], people[TOMAS] = replace(people[SELMA], deleted=True), replace(people[TOMAS], guest=True)
    for person in (SELMA, TOMAS):
        with pytest.raises(Refused, match="production-team"):
            await house.approve(change, person)

    assert (await house.approve(change, LAYLA)).state == "waiting"
