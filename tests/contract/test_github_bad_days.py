"""Bad days with GitHub: whatever breaks and whenever, one run at most is asked for, and what cannot be told says so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Phase
from bot.plugins import Surroundings
from integrations.environment_secrets import EnvironmentSecrets
from integrations.github_actions import BACKEND
from tests.contract.benches import TARGET, brought, settled
from tests.contract.github_bench import GitHubBench
from tests.contract.github_town import Town, carried_through, seen
from tests.contract.github_town import town as a_town
from tests.fakes.clock import FakeClock
from tests.fakes.github import Trouble
from tests.fakes.github.trouble import primary

REQUESTS_OF_AN_APPLY = 9
DISPATCH = "POST .*/dispatches"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as made:
        yield made


@pytest.fixture
async def bench(town: Town) -> AsyncIterator[GitHubBench]:
    async with town.bot() as made:
        yield made


# --- an answer that is lost, a list that is late --------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 500, 502])
async def test_an_answer_that_is_lost_after_the_work_was_done(town: Town, bench: GitHubBench, status: int) -> None:
    town.server.actions.list_delay = 3
    town.server.troubles = [Trouble(DISPATCH, status, done=True)]
    with pytest.raises(Retry):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    between = await seen(bench, "k1")
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

    assert (between.phase, between.detail) == (Phase.PROGRESSING, "the run was asked for; it is not listed yet")
    assert (await settled(bench, "k1")).phase is Phase.LIVE
    assert town.server.dispatches == 1


@pytest.mark.parametrize("ahead", [-6, 6])
async def test_a_clock_that_is_wrong_makes_no_run_unknown_before_its_time(town: Town, ahead: int) -> None:
    ours = FakeClock(town.clock.now() + timedelta(minutes=ahead))
    surroundings = Surroundings(town.data, ours, EnvironmentSecrets(town.secrets, lambda _: None))
    async with BACKEND.open(surroundings) as backend:
        bench = GitHubBench(backend, "acme/shop", said={"api": town.server.url}, server=town.server)
        town.server.troubles = [Trouble(DISPATCH, 500)]
        with pytest.raises(Retry):
            await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
        early = await seen(bench, "k1")
        town.clock.move(timedelta(minutes=6))
        ours.move(timedelta(minutes=6))
        late = await seen(bench, "k1")

    assert (early.phase, early.detail) == (Phase.PROGRESSING, "the run was asked for; it is not listed yet")
    assert late.phase is Phase.UNKNOWN


@pytest.mark.parametrize("status", [0, 500])
async def test_what_may_have_been_asked_for_and_never_comes_is_unknown_and_never_asked_for_again(
    town: Town, bench: GitHubBench, status: int
) -> None:
    town.server.troubles = [Trouble(DISPATCH, status)]
    look = await carried_through(town, bench, "k1")

    assert look.phase is Phase.UNKNOWN
    assert "none with slipway-" in look.detail
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    assert town.server.dispatches == 0


async def test_where_github_does_not_say_which_run_it_is_it_is_found_by_its_name(
    town: Town, bench: GitHubBench
) -> None:
    town.server.actions.knows_run_details = False
    town.server.actions.list_delay = 2
    look = await carried_through(town, bench, "k1")

    assert (look.phase, look.version) == (Phase.LIVE, "1.0.0")
    assert town.server.dispatches == 1


async def test_a_run_that_cannot_be_told_from_others_is_unknown_and_says_what_to_mend(
    town: Town, bench: GitHubBench
) -> None:
    town.server.actions.knows_run_details = False
    town.server.repository.workflows["deploy.yml"].shows = False

    look = await carried_through(town, bench, "k1")
    assert look.phase is Phase.UNKNOWN
    assert "does its run-name show the input that Slipway gives?" in look.detail


async def test_a_run_that_comes_late_after_all_is_taken_for_what_it_is(town: Town, bench: GitHubBench) -> None:
    town.server.actions.list_delay = 1000
    town.server.troubles = [Trouble(DISPATCH, done=True)]
    unknown = await carried_through(town, bench, "k1")
    town.run.hidden = 0

    assert unknown.phase is Phase.UNKNOWN
    assert (await settled(bench, "k1")).phase is Phase.LIVE


async def test_a_run_that_somebody_deleted_is_unknown(town: Town, bench: GitHubBench) -> None:
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.server.repository.runs.clear()
    early = await seen(bench, "k1")
    town.clock.move(timedelta(minutes=6))
    late = await seen(bench, "k1")

    assert (early.phase, late.phase) == (Phase.PROGRESSING, Phase.UNKNOWN)
    assert "GitHub no longer knows run" in late.detail


# --- a bot that dies, a connection that breaks, two bots at once ----------------------------------------------------


@pytest.mark.parametrize("at", range(1, REQUESTS_OF_AN_APPLY + 1))
async def test_a_bot_that_is_killed_after_any_request_asks_for_one_run_at_most(town: Town, at: int) -> None:
    async with town.bot() as first:
        dying = asyncio.ensure_future(first.backend.apply(TARGET, first.good("1.0.0"), key="k1"))
        town.server.heard = lambda: dying.cancel() if len(town.server.asked) == at else None
        with contextlib.suppress(asyncio.CancelledError):
            await dying
        town.server.heard = lambda: None
    asked_before = town.server.dispatches
    async with town.bot() as second:
        look = await carried_through(town, second, "k1", asked=False)

    assert town.server.dispatches <= 1
    assert look.phase in {Phase.LIVE, Phase.UNKNOWN}
    if asked_before:
        assert look.phase is Phase.LIVE


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("at", range(1, REQUESTS_OF_AN_APPLY + 1))
async def test_a_connection_that_breaks_at_any_request_asks_for_one_run_at_most(
    town: Town, bench: GitHubBench, at: int, *, done: bool
) -> None:
    def break_the_next() -> None:
        if len(town.server.asked) == at - 1:
            town.server.troubles = [Trouble(".", done=done)]

    town.server.heard = break_the_next
    break_the_next()
    look = await carried_through(town, bench, "k1")

    assert town.server.dispatches == (look.phase is Phase.LIVE)
    assert look.phase in {Phase.LIVE, Phase.UNKNOWN}


@pytest.mark.parametrize("lag", [0, 1])
async def test_bots_that_ask_at_the_same_moment_ask_for_one_run(town: Town, lag: int) -> None:
    town.server.deployments.lag = lag
    async with contextlib.AsyncExitStack() as stack:
        bots = [await stack.enter_async_context(town.bot()) for _ in range(5)]
        await asyncio.gather(*(bot.backend.apply(TARGET, bot.good("1.0.0"), key="k1") for bot in bots))
        looks = [await settled(bot, "k1") for bot in bots]

    assert {look.phase for look in looks} == {Phase.LIVE}
    assert town.server.dispatches == 1


@pytest.mark.parametrize("what", ["GET", "POST"])
async def test_github_is_away_at_the_start_and_comes_back(town: Town, bench: GitHubBench, what: str) -> None:
    town.server.troubles = [Trouble(what, 503, "Unicorn!", times=3)]
    with pytest.raises(Retry, match=r"GitHub could not answer: Unicorn! \(503\)"):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

    assert (await carried_through(town, bench, "k1")).phase is Phase.LIVE


async def test_nobody_answers_at_the_address(town: Town, bench: GitHubBench) -> None:
    await town.server.close()

    for ask in (bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1"), seen(bench, "k1")):
        with pytest.raises(Retry, match=r"GitHub cannot be reached at http://127\.0\.0\.1:\d+/api/v3: "):
            await ask


async def test_github_is_away_while_the_run_goes_on(town: Town, bench: GitHubBench) -> None:
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.server.troubles = [Trouble("GET", times=4)]
    with pytest.raises(Retry, match="did not answer"):
        await seen(bench, "k1")

    assert (await carried_through(town, bench, "k1", asked=True)).phase is Phase.LIVE


async def test_a_run_that_never_ends_is_under_way_for_as_long_as_somebody_looks(town: Town, bench: GitHubBench) -> None:
    town.server.hold = True
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.run.stage = 1
    town.clock.move(timedelta(hours=30))

    look = await seen(bench, "k1")
    assert (look.phase, look.detail) == (Phase.PROGRESSING, "deploy: Deploy it (step 2 of 2), job 2 of 2")


# --- GitHub says no -------------------------------------------------------------------------------------------------


async def test_a_secret_that_is_no_longer_good_is_named_and_a_new_one_counts_at_once(
    town: Town, bench: GitHubBench
) -> None:
    town.server.tokens = {"github_pat_the_next"}
    with pytest.raises(
        GaveUp, match=r"does not accept the secret GITHUB_TOKEN: Bad credentials \(401, request ABCD:1234"
    ):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.secrets["GITHUB_TOKEN"] = "github_pat_the_next"

    assert (await brought(bench, bench.good("1.0.0"), "k1")).phase is Phase.LIVE


async def test_a_secret_that_ends_while_the_run_goes_on(town: Town, bench: GitHubBench) -> None:
    await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    town.server.tokens = set()

    with pytest.raises(GaveUp, match="the secret GITHUB_TOKEN"):
        await seen(bench, "k1")


async def test_a_secret_that_is_not_set(town: Town, bench: GitHubBench) -> None:
    town.secrets.clear()

    with pytest.raises(GaveUp, match="the secret GITHUB_TOKEN is not set"):
        await seen(bench, "k1")


async def test_a_workflow_that_is_not_there_fails_and_stays_failed(town: Town) -> None:
    async with town.bot(workflow="missing.yml") as bench:
        with pytest.raises(GaveUp, match=r"knows no workflow missing.yml to run on develop in acme/shop: Not Found"):
            await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

        look = await seen(bench, "k1")
    assert look.phase is Phase.FAILED
    assert "missing.yml" in look.detail


async def test_a_repository_that_is_not_there_or_not_shown(town: Town) -> None:
    async with town.bot(repository="acme/shopp") as bench:
        with pytest.raises(GaveUp, match=r"in acme/shopp: .*the secret GITHUB_TOKEN gives no access to it") as no:
            await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

    assert "github_pat" not in no.value.reason


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"ref": "nowhere"}, "No ref found for: nowhere"),
        ({"inputs": {"verzion": "1"}}, r"Unexpected inputs provided: \['verzion'\]"),
    ],
)
async def test_what_github_will_not_run_is_said_in_its_own_words(
    town: Town, said: dict[str, object], words: str
) -> None:
    async with town.bot(**said) as bench:
        with pytest.raises(GaveUp, match=words):
            await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

        assert (await seen(bench, "k1")).phase is Phase.FAILED
    assert town.server.dispatches == 0


async def test_what_is_not_allowed_names_the_permission(town: Town, bench: GitHubBench) -> None:
    town.server.forbidden[DISPATCH] = "actions=write"

    with pytest.raises(GaveUp, match=r"the secret GITHUB_TOKEN does not allow workflow .*It needs actions=write"):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")


@pytest.mark.parametrize(
    ("status", "words", "headers", "pause"),
    [
        (403, "API rate limit exceeded for user ID 1.", {"primary": "1500"}, 1500),
        (429, "API rate limit exceeded for user ID 1.", {"primary": "60"}, 60),
        (403, "You have exceeded a secondary rate limit.", {"retry-after": "90"}, 90),
        (429, "You have exceeded a secondary rate limit.", {"retry-after": "7"}, 7),
        (403, "You have exceeded a secondary rate limit.", {}, 60),
        (429, "Slow down", {}, 60),
    ],
)
async def test_a_rate_limit_is_waited_for_and_then_the_run_is_asked_for_once(
    town: Town, bench: GitHubBench, status: int, words: str, headers: dict[str, str], pause: int
) -> None:
    if "primary" in headers:
        headers = primary(int(town.clock.now().timestamp()) + int(headers["primary"]))
    town.server.troubles = [Trouble(DISPATCH, status, words, headers)]
    with pytest.raises(Retry, match="GitHub asks to wait") as later:
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    between = await seen(bench, "k1")

    assert later.value.after == timedelta(seconds=pause)
    assert between.phase is Phase.ABSENT
    assert (await carried_through(town, bench, "k1")).phase is Phase.LIVE
    assert town.server.dispatches == 1


async def test_a_rate_limit_that_another_bot_met_is_unknown_to_this_one(town: Town) -> None:
    town.server.troubles = [Trouble(DISPATCH, 429, "Slow down")]
    async with town.bot() as first:
        with pytest.raises(Retry):
            await first.backend.apply(TARGET, first.good("1.0.0"), key="k1")
    async with town.bot() as second:
        look = await carried_through(town, second, "k1")

    assert look.phase is Phase.UNKNOWN
    assert town.server.dispatches == 0


async def test_an_answer_that_cannot_be_read_is_not_now(town: Town, bench: GitHubBench) -> None:
    town.server.troubles = [Trouble("GET .*/deployments$", 200, 'a page of something else", "x": "')]
    with pytest.raises(Retry, match="answer about deployments cannot be read"):
        await seen(bench, "k1")


async def test_a_repository_that_has_moved_is_to_be_named_anew(town: Town, bench: GitHubBench) -> None:
    town.server.troubles = [Trouble("GET", 301, "Moved Permanently", {"location": "/elsewhere"})]
    with pytest.raises(GaveUp, match="acme/shop has moved: Moved Permanently"):
        await seen(bench, "k1")


# --- a great deal of it ---------------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_a_log_of_200_megabytes_is_read_with_bounded_memory(town: Town, bench: GitHubBench) -> None:
    await bench.backend.apply(TARGET, bench.bad("2.0.0"), key="k1")
    town.server.actions.long_log = 200_000_000
    process = psutil.Process()
    before = process.memory_info().rss
    sizes = [before]
    town.server.actions.sent = lambda: sizes.append(process.memory_info().rss)

    look = await settled(bench, "k1")
    assert "cannot connect to the database" in look.detail
    assert len(sizes) > 1000
    assert max(sizes) - before <= 20_000_000


async def test_many_deployments_of_a_target_are_looked_through_page_by_page(town: Town, bench: GitHubBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    first = dict(town.server.repository.deployments[0])
    for number in range(230):
        payload = {"slipway": {**first["payload"]["slipway"], "key": f"later-{number}"}}
        note = {**first, "id": next(town.server.repository.numbers), "payload": payload}
        town.server.repository.deployments.append(note)
        state = {"id": note["id"] * 10, "state": "success", "created_at": first["created_at"]}
        town.server.repository.statuses[note["id"]] = [state]

    look = await seen(bench, "k1")
    assert (look.phase, look.key) == (Phase.FAILED, "later-229")
    assert "superseded" in look.detail
