"""What GitHub Actions promises beyond every backend: words for people, and what serves, by whose hand."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.domain.errors import GaveUp
from bot.domain.observation import Phase
from bot.domain.target import Target
from bot.ports import Preview
from integrations.github_actions import Config
from tests.contract.benches import OTHER, TARGET, brought, settled
from tests.contract.github_bench import COMMIT, GitHubBench
from tests.contract.github_town import Town, seen
from tests.contract.github_town import town as a_town

SECTION = {"repository": "acme/shop", "workflow": "deploy.yml"}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as made:
        yield made


@pytest.fixture
async def bench(town: Town) -> AsyncIterator[GitHubBench]:
    async with town.bot() as made:
        yield made


# --- what the card says ---------------------------------------------------------------------------------------------


async def test_a_run_tells_its_job_and_step(town: Town, bench: GitHubBench) -> None:
    town.server.hold = True
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    queued = await seen(bench, "k1")
    town.run.stage = 1
    working = await seen(bench, "k1")

    assert (queued.phase, working.phase) == (Phase.PROGRESSING, Phase.PROGRESSING)
    assert queued.detail == "run 1 is queued: no runner has taken deploy yet"
    assert working.detail == "deploy: Deploy it (step 2 of 2), job 2 of 2"


async def test_a_run_that_waits_for_reviewers_names_them(town: Town, bench: GitHubBench) -> None:
    town.server.hold = True
    people = [{"type": "User", "reviewer": {"login": "selma"}}, {"type": "Team", "reviewer": {"slug": "production"}}]
    town.server.repository.awaited = [{"environment": {"name": "staging"}, "reviewers": people}]
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.run.status = "waiting"

    look = await seen(bench, "k1")
    assert look.phase is Phase.PROGRESSING
    assert look.detail.startswith("run 1 waits for a review: staging by selma, production: https://")


@pytest.mark.parametrize(
    ("conclusion", "words"),
    [
        ("cancelled", "somebody cancelled it at GitHub"),
        ("timed_out", "it took longer than GitHub lets it"),
        ("startup_failure", "something is wrong in the workflow file"),
        ("skipped", "nothing was done"),
        ("neutral", "without saying whether it went well"),
        ("a_new_word", "it ended as a_new_word"),
    ],
)
async def test_an_end_that_is_no_success_is_explained(
    town: Town, bench: GitHubBench, conclusion: str, words: str
) -> None:
    town.server.hold = True
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.run.end(conclusion)

    look = await seen(bench, "k1")
    assert look.phase is Phase.FAILED
    assert words in look.detail


async def test_a_run_that_nobody_has_let_run_yet_is_under_way(town: Town, bench: GitHubBench) -> None:
    town.server.hold = True
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.run.end("action_required")

    look = await seen(bench, "k1")
    assert look.phase is Phase.PROGRESSING
    assert "waits until somebody with write access lets it run" in look.detail


async def test_a_failure_shows_the_job_the_step_and_the_last_lines_before_the_error(bench: GitHubBench) -> None:
    look = await brought(bench, bench.bad("2.0.0"), "k1")

    assert look.detail == (
        "run 1, job deploy, step Deploy it: it failed\n"
        "./deploy.sh\n"
        "cannot connect to the database\n"
        "Process completed with exit code 3."
    )


async def test_where_a_log_lies_elsewhere_our_token_does_not_come_along(town: Town, bench: GitHubBench) -> None:
    await brought(bench, bench.bad("2.0.0"), "k1")

    assert set(town.server.actions.told_blob) == {None}


async def test_a_run_is_asked_about_every_few_seconds_however_often_somebody_looks(town: Town) -> None:
    town.server.hold = True
    async with town.bot(look_every="3s") as bench:
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
        first = await seen(bench, "k1")
        asked = len(town.server.asked)
        again = [await seen(bench, "k1") for _ in range(10)]

    assert again == [first] * 10
    assert len(town.server.asked) == asked


async def test_a_plan_that_is_only_looked_at_says_what_would_be_run(town: Town, bench: GitHubBench) -> None:
    assert isinstance(bench.backend, Preview)
    await brought(bench, bench.good("1.0.0"), "k1")
    changes = town.server.changes()

    assert await bench.backend.preview(TARGET, bench.good("2.0.0")) == [
        "acme/shop: 1.0.0 → 2.0.0",
        "workflow deploy.yml is run on develop",
        "version: 2.0.0",
    ]
    assert town.server.changes() == changes


# --- what is written at GitHub --------------------------------------------------------------------------------------


async def test_the_workflow_is_told_what_the_section_says(town: Town) -> None:
    town.server.repository.workflows["deploy.yml"].inputs = ("what", "slipway")
    words = "{service} {environment} {version} {commit} {digest}"
    async with town.bot(inputs={"what": words}) as bench:
        desired = bench.good("1.0.0")
        await bench.backend.apply(TARGET, desired, key="k1")

    assert town.run.inputs["what"] == f"backend staging 1.0.0 {COMMIT} {desired.release.digest}"


async def test_a_deployment_tells_github_how_it_went(town: Town, bench: GitHubBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    await brought(bench, bench.bad("2.0.0"), "k2")
    await brought(bench, bench.good("3.0.0"), "k3")

    repository = town.server.repository
    told = [[one["state"] for one in repository.statuses[note["id"]]] for note in repository.deployments]
    assert told == [
        ["queued", "in_progress", "success", "inactive"],
        ["queued", "in_progress", "failure"],
        ["queued", "in_progress", "success"],
    ]
    assert {(note["environment"], note["task"]) for note in repository.deployments} == {
        ("staging", "slipway:backend/staging")
    }


async def test_an_end_is_written_once_and_looking_again_writes_nothing(town: Town, bench: GitHubBench) -> None:
    look = await brought(bench, bench.good("1.0.0"), "k1")
    changes = town.server.changes()

    assert [await seen(bench, "k1") for _ in range(5)] == [look] * 5
    assert town.server.changes() == changes


async def test_where_the_end_cannot_be_written_it_is_known_from_the_run(town: Town, bench: GitHubBench) -> None:
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.server.forbidden["POST .*/statuses"] = "deployments=write"

    assert (await settled(bench, "k1")).phase is Phase.LIVE
    assert (await seen(bench, "k1")).version == "1.0.0"


async def test_when_github_has_removed_the_run_its_deployment_still_tells(town: Town, bench: GitHubBench) -> None:
    live = await brought(bench, bench.good("1.0.0"), "k1")
    failed = await brought(bench, bench.bad("2.0.0"), "k2")
    town.server.repository.runs.clear()

    assert (await seen(bench, "k1")) == live
    after = await seen(bench, "k2")
    assert (after.phase, after.key) == (Phase.FAILED, "k1")
    assert after.detail == failed.detail.partition("\n")[0]


# --- by whose hand --------------------------------------------------------------------------------------------------


async def test_a_run_by_hand_has_taken_over(town: Town, bench: GitHubBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    town.server.repository.by_hand("f" * 40, "staging", town.clock.now())

    look = await seen(bench, "k1")
    assert look.phase is Phase.FAILED
    assert look.detail == "superseded: it was live until fffffff (run 2, which Slipway did not ask for) took over"
    assert (look.key, look.digest, look.version) == (None, None, "fffffff")


async def test_after_a_run_by_hand_slipway_brings_its_own_again(town: Town, bench: GitHubBench) -> None:
    town.server.repository.by_hand("f" * 40, "staging", town.clock.now())
    look = await brought(bench, bench.good("1.0.0"), "k1")

    assert (look.phase, look.key) == (Phase.LIVE, "k1")


async def test_what_actions_notes_of_our_own_run_is_no_stranger(town: Town, bench: GitHubBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    town.server.repository.noted_by_actions(town.run, COMMIT, "staging", town.clock.now())

    assert (await seen(bench, "k1")).phase is Phase.LIVE


@pytest.mark.parametrize("shows", [True, False])
async def test_what_a_neighbour_brings_by_the_same_workflow_is_no_stranger(
    town: Town, bench: GitHubBench, *, shows: bool
) -> None:
    town.server.repository.workflows["deploy.yml"].shows = shows
    await brought(bench, bench.good("1.0.0"), "k1")
    await brought(bench, bench.good("5.0.0", OTHER), "k2", OTHER)
    town.server.repository.noted_by_actions(town.run, COMMIT, "staging", town.clock.now())

    assert (await seen(bench, "k1")).phase is Phase.LIVE


async def test_a_run_by_hand_elsewhere_or_of_another_workflow_is_none_of_ours(town: Town, bench: GitHubBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    town.server.repository.by_hand("f" * 40, "production", town.clock.now())
    town.server.repository.by_hand("f" * 40, "staging", town.clock.now(), workflow="docs.yml")

    assert (await seen(bench, "k1")).phase is Phase.LIVE


async def test_a_failed_run_that_is_run_again_at_github_and_goes_well_is_live(town: Town, bench: GitHubBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    await brought(bench, bench.bad("2.0.0"), "k2")
    town.run.end("success")

    look = await seen(bench, "k2")
    assert (look.phase, look.version) == (Phase.LIVE, "2.0.0")
    assert "2.0.0 took over" in (await seen(bench, "k1")).detail


# --- what the catalog may say ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"repository": "https://github.com/acme/shop"}, "write owner/name"),
        ({"repository": "acme/shop.git"}, "write owner/name"),
        ({"workflow": ".github/workflows/deploy.yml"}, "not a file in .github/workflows, such as deploy.yml"),
        ({"workflow": "../deploy.yml"}, "such as deploy.yml"),
        ({"inputs": {"v": "{versoin}"}}, "{versoin} stands for nothing here: there are {service}"),
        ({"environment": "{version}"}, "{version} stands for nothing here: there are {service}, {environment}"),
        ({"inputs": {f"n{n}": "" for n in range(25)}}, "25 inputs are more than the 24"),
        ({"app": 1}, "an App needs both"),
        ({"app": 1, "installation": 2, "token": "X"}, "leave one of them out"),
        ({"api": "github.example.com"}, "not the address of an API"),
        ({"api": "https://ada:word@github.example.com"}, "not the address of an API"),
        ({"workfow": "x"}, "Extra inputs"),
    ],
)
def test_a_section_is_refused_with_words(said: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("{", r"\{")):
        Config.model_validate({**SECTION, **said})


async def test_a_section_that_is_wrong_all_the_same_names_the_target(bench: GitHubBench) -> None:
    section = {**bench.section(TARGET), "workflow": "x"}

    with pytest.raises(GaveUp, match=r"the backend section of backend/staging is wrong: workflow: “?.*x"):
        await bench.backend.observe(Target("backend", "staging"), key="k1", config=section)


async def test_a_release_on_no_branch_needs_a_ref(bench: GitHubBench, town: Town) -> None:
    good = bench.good("1.0.0")
    desired = replace(good, release=replace(good.release, branch=""))

    with pytest.raises(GaveUp, match="say in the backend section of backend/staging which `ref` is to be run"):
        await bench.backend.apply(TARGET, desired, key="k1")
    assert town.server.changes() == []
