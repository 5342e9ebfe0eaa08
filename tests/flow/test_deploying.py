"""`/deploy`: from the words to services that run, with everything in the ledger."""

import json

from bot.ledger import requests
from bot.ledger.requests import Deed
from tests.fakes.healthbridge import MARIA, NDAPEWA, SELMA, HealthBridge


async def test_deploying_staging_brings_every_service_there_in_the_catalogs_order(house: HealthBridge) -> None:
    house.source.commit("frontend", "1.0.0")
    house.source.commit("backend", "2.0.0")

    change = await house.deployed("staging")

    assert change.state == "succeeded"
    assert [str(op.target) for op in await house.ops(change)] == ["backend/staging", "frontend/staging"]
    assert [(str(one.target), one.version) for one in house.backend.effects] == [
        ("backend/staging", "2.0.0"),
        ("frontend/staging", "1.0.0"),
    ]
    assert await house.live("backend", "staging") == "2.0.0"
    assert await house.live("frontend", "staging") == "1.0.0"


async def test_only_services_with_something_newer_are_deployed(house: HealthBridge) -> None:
    house.source.commit("frontend", "1.0.0")
    house.source.commit("backend", "2.0.0")
    await house.deployed("staging")
    house.source.commit("backend", "2.1.0")

    change = await house.deployed("staging")

    assert [(op.service, op.to.version) for op in change.plan.operations] == [("backend", "2.1.0")]


async def test_the_plan_says_from_what_to_what_with_the_commits_between(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.source.commit("backend", "1.1.0", subject="Search by clinic", author="Tomas")
    house.source.commit("backend", "1.2.0", subject="Search by patient", author="Ndapewa")

    (planned,) = (await house.deployed("staging")).plan.operations

    assert planned.before is not None
    assert (planned.before.version, planned.to.version) == ("1.0.0", "1.2.0")
    assert [(commit.author, commit.subject) for commit in planned.commits] == [
        ("Ndapewa", "Search by patient"),
        ("Tomas", "Search by clinic"),
    ]
    assert [step.kind for step in planned.steps] == ["build", "apply", "verify", "bake"]


async def test_nothing_to_deploy_says_why_for_every_service(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")
    await house.deployed("staging")

    answer = await house.deploy("staging")

    assert answer.change is None
    assert answer.reply == (
        "Nothing to deploy to staging. backend 2.0.0 is live and the newest on develop. "
        "frontend: there is nothing on branch develop."
    )


async def test_a_named_version_is_deployed_even_if_it_is_not_the_newest(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.source.commit("backend", "2.0.0")

    await house.deployed("staging", "backend", "v1.0.0")

    assert await house.live("backend", "staging") == "1.0.0"


async def test_a_commit_and_a_branch_can_be_named(house: HealthBridge) -> None:
    first = house.source.commit("backend")
    house.source.commit("backend", "2.0.0")
    house.source.commit("backend", "2.1.0-rc1", branch="feature")

    await house.deployed("staging", "backend", first.commit.id[:9])
    assert await house.live("backend", "staging") == first.version

    await house.deployed("staging", "backend", "feature")
    assert await house.live("backend", "staging") == "2.1.0-rc1"


async def test_a_word_that_one_service_knows_is_enough_when_none_is_named(house: HealthBridge) -> None:
    house.source.commit("frontend", "1.0.0")
    house.source.commit("backend", "2.0.0")

    change = await house.deployed("staging", "2.0.0")

    assert [op.service for op in change.plan.operations] == ["backend"]


async def test_an_unknown_version_is_refused_with_the_nearest_word(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")

    answer = await house.deploy("staging", "bakend")

    assert answer.change is None
    assert answer.reply is not None
    assert "backend and frontend have no version, branch or commit “bakend”. Did you mean “backend”?" in answer.reply


async def test_two_versions_at_once_are_refused(house: HealthBridge) -> None:
    answer = await house.deploy("staging", "1.0.0", "2.0.0")

    assert answer.reply == "I can deploy one version at a time, and read “1.0.0” and “2.0.0”."


async def test_several_services_are_one_change_and_a_service_said_twice_is_deployed_once(house: HealthBridge) -> None:
    house.source.commit("frontend", "1.0.0")
    house.source.commit("backend", "2.0.0")

    change = await house.deployed("staging", "frontend", "backend", "frontend")

    assert [op.service for op in change.plan.operations] == ["backend", "frontend"]


async def test_an_unknown_environment_is_refused_with_the_nearest_word(house: HealthBridge) -> None:
    answer = await house.deploy("stagign")

    assert answer.reply is not None
    assert "stagign" in answer.reply
    assert "staging" in answer.reply


async def test_a_service_that_has_no_place_there_is_refused(house: HealthBridge) -> None:
    answer = await house.deploy("development", "frontend")

    assert answer.reply == "frontend has no place in development; there are “backend”."


async def test_a_person_without_the_right_is_told_who_has_it(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")

    answer = await house.deploy("development", by=MARIA)

    assert answer.reply == ("Only developers may deploy to development, and you are not in developers.")
    assert house.backend.asks == []


async def test_a_dry_run_shows_the_plan_to_who_asked_and_moves_nothing(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")

    answer = await house.deploy("staging", "backend", dry_run=True)

    assert answer.change is None
    shown = json.loads(answer.reply or "")
    assert shown["plan"]["operations"][0]["to"]["version"] == "2.0.0"
    assert [gate["verdict"] for gate in shown["gates"]] == ["pass", "pass"]
    assert house.backend.asks == []
    assert house.runner.starts == []
    assert await house.live("backend", "staging") is None


async def test_a_commit_is_built_once_and_the_artefact_is_used_everywhere(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")

    await house.deployed("development", "backend")
    await house.deployed("staging", "backend")

    assert len(house.runner.starts) == 1
    assert len({effect.digest for effect in house.backend.effects}) == 1


async def test_a_backend_that_does_not_answer_blocks_the_change_until_it_is_checked_again(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")
    house.backend.down = "connection refused"

    blocked = await house.deployed("staging", "backend")
    assert blocked.state == "blocked"
    assert "the backend does not answer: connection refused" in blocked.words
    assert house.runner.starts == []

    house.backend.down = ""
    assert (await house.check_again(blocked)).state == "succeeded"


async def test_a_source_that_does_not_answer_is_told_and_nothing_changes(house: HealthBridge) -> None:
    house.source.down = "could not resolve host"

    answer = await house.deploy("staging")

    assert answer.reply == "I could not find out what to do: could not resolve host. Nothing was changed."


async def test_the_same_request_delivered_twice_is_one_request(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")
    args = {"environment": "staging"}

    await house.ask("deploy", NDAPEWA, args, key="trigger-1")
    async with house.world.ledger.transaction() as tx:
        again = await requests.take(tx, Deed("trigger-1", NDAPEWA, "C0DEPLOYM2", "deploy", args))
    await house.drain()

    assert again is None
    assert house.effects() == ["2.0.0"]


async def test_everything_that_happened_is_in_the_ledger(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")

    change = await house.deployed("development")

    assert await house.happened(f"change:{change.id}") == [
        "change.proposed",
        *["change.gate"] * 2,
        "change.cleared",
        "change.began",
        "change.finished",
    ]
    op = await house.op(change)
    assert await house.happened(f"operation:{op.id}") == [
        "operation.started",
        *["operation.step"] * 6,
        "operation.passed",
    ]
    assert await house.happened("target:backend/development") == ["target.live"]


async def test_who_asked_may_be_in_any_of_the_teams(house: HealthBridge) -> None:
    house.source.commit("backend", "2.0.0")

    assert (await house.deployed("staging", by=MARIA)).asked_by == MARIA
    assert (await house.deploy("staging", by=SELMA)).reply == (
        "Only developers or qa may deploy to staging, and you are not in developers or qa."
    )
