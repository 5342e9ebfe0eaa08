"""A real Prometheus that scrapes a real program: its numbers, its NaN, and its own words when something is wrong."""

import base64
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.adapters import prometheus as prometheus_of
from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from integrations.environment_secrets import EnvironmentSecrets
from integrations.prometheus import Prometheus
from tests.contract.living import WallClock, surroundings, until
from tests.contract.scraped import Stack, prometheus
from tests.fakes.catalog import EXAMPLE, read

SECRETS = EnvironmentSecrets({"TOKEN": "an-invented-token", "PASSWORD": "an-invented-password"}, lambda _: None)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with prometheus(tmp_path_factory.mktemp("prometheus")) as made:
        yield made


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[Prometheus]:
    async with Prometheus(stack.url, SECRETS) as made:
        yield made


async def values(client: Prometheus, query: str) -> list[float]:
    try:
        return [series.points[0][1] for series in await client.instant(query)]
    except Retry:  # it has not started yet
        return []


async def scraped(client: Prometheus, stack: Stack, line: str, value: float) -> None:
    """Have the program say something, and wait until Prometheus knows it."""
    stack.lines[line] = value

    async def known() -> bool:
        found = await values(client, line)
        return len(found) == 1 and (found[0] == value or (math.isnan(found[0]) and math.isnan(value)))

    await until(known, 30)


async def test_a_query_gives_its_series_with_labels_time_and_value(client: Prometheus, stack: Stack) -> None:
    await scraped(client, stack, 'requests{service="backend"}', 7)

    (series,) = await client.instant("requests")
    assert dict(series.labels)["service"] == "backend"
    ((at, value),) = series.points
    assert value == 7
    assert abs(WallClock().now() - at) < timedelta(minutes=1)


async def test_a_moment_in_the_past_is_answered_as_it_was_then(client: Prometheus, stack: Stack) -> None:
    await scraped(client, stack, "moving", 1)
    then = WallClock().now()
    await scraped(client, stack, "moving", 2)

    assert (await client.instant("moving", at=then))[0].points[0][1] == 1
    assert await client.instant("moving", at=then - timedelta(hours=1)) == []


async def test_what_nobody_measures_is_empty_and_nothing_by_nothing_is_nan(client: Prometheus, stack: Stack) -> None:
    await scraped(client, stack, "idle", 0)

    assert await client.instant("nobody_measures_this") == []
    assert math.isnan((await values(client, "idle / idle"))[0])
    assert await values(client, "1 / idle") == [math.inf]
    assert await values(client, "scalar(idle)") == [0]


async def test_a_time_gives_points_in_order(client: Prometheus, stack: Stack) -> None:
    await scraped(client, stack, "graph", 3)
    now = WallClock().now()

    (series,) = await client.range("graph", start=now, end=now + timedelta(seconds=2), step=timedelta(seconds=1))
    assert [value for _, value in series.points] == [3, 3, 3]
    assert [at for at, _ in series.points] == sorted(at for at, _ in series.points)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("rate(requests", "parse error: unclosed left parenthesis"),
        ("vector(1) * on(x) group_left vector(1) or sum(up) +", "parse error"),
        ('"text"', "gives a string, and not numbers"),
    ],
)
async def test_a_query_that_is_wrong_is_given_up_in_its_own_words(
    client: Prometheus, stack: Stack, query: str, words: str
) -> None:
    await scraped(client, stack, "awake", 1)

    with pytest.raises(GaveUp, match="Prometheus: ") as no:
        await client.instant(query)
    assert words in no.value.reason


async def test_series_that_cannot_be_matched_are_given_up_in_its_own_words(client: Prometheus, stack: Stack) -> None:
    for number in (1, 2):
        await scraped(client, stack, f'many{{n="{number}",same="x"}}', number)

    with pytest.raises(GaveUp, match="found duplicate series for the match group"):
        await client.instant("many + on(same) many")


async def test_a_prometheus_that_is_away_may_come_back() -> None:
    async with Prometheus("http://127.0.0.1:1", SECRETS) as client:
        with pytest.raises(Retry, match=r"Prometheus at http://127\.0\.0\.1:1 cannot be reached"):
            await client.instant("up")


async def test_each_prometheus_of_a_catalog_is_opened_once_for_all_its_environments(tmp_path: Path) -> None:
    head = "organisation: HealthBridge\n"
    text = EXAMPLE.replace(head, f"{head}prometheus: {{ url: 'http://one' }}\n")
    text = text.replace("    branch: main\n", "    branch: main\n    prometheus: { url: 'http://two', token: TOKEN }\n")

    async with AsyncExitStack() as stack:
        opened = await prometheus_of(stack, read(text), surroundings(tmp_path))
        bare = await prometheus_of(stack, read(), surroundings(tmp_path))

    assert opened["development"] is opened["staging"]
    assert opened["production"] is not opened["staging"]
    assert bare == {}


# --- what answers instead of it -----------------------------------------------------------------------------------


@asynccontextmanager
async def answers(status: int, body: str) -> AsyncIterator[tuple[str, list[str]]]:
    """Serve the same answer to every question; give the address, and the credentials that came."""
    came: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        came.append(request.headers.get("Authorization", ""))
        return web.Response(status=status, text=body)

    app = web.Application()
    app.router.add_post("/{any:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", came
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, "Unauthorized", GaveUp, "does not let us in (HTTP 401): the secret TOKEN"),
        (404, "<html>not here</html>", GaveUp, "answered HTTP 404, and not as Prometheus does: <html>not here</html>"),
        (302, "", GaveUp, "answered HTTP 302, and not as Prometheus does: nothing"),
        (200, "<html>log in</html>", GaveUp, "and not as Prometheus does: <html>log in</html>"),
        (502, "bad gateway", Retry, "answered HTTP 502"),
        (429, "", Retry, "answered HTTP 429"),
        (
            503,
            '{"status":"error","errorType":"timeout","error":"query timed out"}',
            Retry,
            "Prometheus: query timed out",
        ),
        (200, '{"status":"success","data":[]}', Retry, "Prometheus: HTTP 200"),
    ],
)
async def test_what_answers_badly_says_whether_it_may_be_asked_again(
    status: int, body: str, kind: type[GaveUp | Retry], words: str
) -> None:
    async with answers(status, body) as (url, _):
        async with Prometheus(url, SECRETS, token="TOKEN") as client:
            with pytest.raises(kind) as no:
                await client.instant("up")
        assert words in no.value.reason
        assert "an-invented" not in no.value.reason


async def test_credentials_are_sent_by_the_names_of_their_secrets() -> None:
    empty = '{"status":"success","data":{"resultType":"vector","result":[]}}'
    async with answers(200, empty) as (url, came):
        for ways in ({"token": "TOKEN"}, {"user": "us", "password": "PASSWORD"}, {}):
            async with Prometheus(url, SECRETS, **ways) as client:
                assert await client.instant("up") == []

    basic = base64.b64encode(b"us:an-invented-password").decode()
    assert came == ["Bearer an-invented-token", f"Basic {basic}", ""]


async def test_a_secret_that_is_missing_is_named() -> None:
    async with Prometheus("http://127.0.0.1:1", SECRETS, token="MISSING") as client:
        with pytest.raises(GaveUp, match="the secret MISSING is not set"):
            await client.instant("up")


async def test_an_answer_without_end_is_not_read_to_it() -> None:
    async with answers(200, "x" * (9 * 1024 * 1024)) as (url, _), Prometheus(url, SECRETS) as client:
        with pytest.raises(GaveUp, match="longer than"):
            await client.instant("up")


async def test_what_is_not_prometheus_is_masked_before_it_is_cut() -> None:
    mask = Mask(["zebra-quartz-lamp-0042"])
    async with (
        answers(502, "x" * 190 + " zebra-quartz-lamp-0042") as (url, _),
        Prometheus(url, SECRETS, mask) as client,
    ):
        with pytest.raises(Retry) as no:
            await client.instant("up")

    assert no.value.reason.endswith(f": {'x' * 190} •••")
