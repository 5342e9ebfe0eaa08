"""A real Alertmanager, and answers as newer releases, proxies and broken lines give them."""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.adapters import alertmanagers
from bot.domain.errors import GaveUp, Retry
from bot.domain.silence import Matcher
from bot.ports import Unclear
from bot.web.alertmanager import parsed
from integrations.alertmanager import Alertmanager
from tests.contract.alertmanagers import Running, alertmanager, served
from tests.contract.living import WallClock, surroundings, until
from tests.fakes.catalog import EXAMPLE, read

HOUR = timedelta(hours=1)
DOWN = (Matcher("alertname", "Down"),)
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Running]:
    async with alertmanager(tmp_path) as made:
        yield made


@pytest.fixture
async def client(real: Running, tmp_path: Path) -> AsyncIterator[Alertmanager]:
    async with Alertmanager([real.url], surroundings(tmp_path)) as made:
        yield made


async def test_what_fires_is_seen_under_the_fingerprint_that_is_told(client: Alertmanager, real: Running) -> None:
    await real.fire(alertname="Down", instance="a", empty="", odd='x"y\\z ب')

    async def heard() -> bool:
        return bool(real.told)

    await until(heard)
    sight = await client.look()
    ((seen,), ((told,),)) = (sight.alerts, [one.alerts for one in parsed("", real.told[0])])
    assert (seen.fingerprint, seen.labels) == (told.fingerprint, told.labels)
    assert seen.told
    assert sight.whole
    assert sight.since is not None
    assert WallClock().now() - sight.since < timedelta(minutes=5)


async def test_a_silence_is_made_seen_extended_and_ended(client: Alertmanager, real: Running) -> None:
    await real.fire(alertname="Down", instance="a")
    ends_at = WallClock().now() + HOUR

    number = await client.make(DOWN, ends_at=ends_at, by="Selma", comment=f"c [slipway:{'a' * 32}]")

    async def silenced() -> bool:
        return [one.silenced_by for one in (await client.look()).alerts] == [[number]]

    await until(silenced)
    (held,) = (await client.look()).silences
    assert (held.id, held.matchers, held.by, held.key) == (number, [*DOWN], "Selma", "a" * 32)
    assert (held.active, held.begun) == (True, True)
    assert abs(held.ends_at - ends_at) < timedelta(seconds=1)

    assert await client.make((), ends_at=ends_at + HOUR, by="", comment="", instead=number) == number
    (held,) = (await client.look()).silences
    assert (held.by, abs(held.ends_at - ends_at - HOUR) < timedelta(seconds=1)) == ("Selma", True)

    await client.end(number)
    await client.end(number)
    assert [one.active for one in (await client.look()).silences] == [False]

    again = await client.make((), ends_at=ends_at + HOUR, by="", comment="", instead=number)
    assert again != number
    assert sorted(one.active for one in (await client.look()).silences) == [False, True]


async def test_what_is_not_known_has_ended_and_cannot_be_changed_but_is_made(client: Alertmanager) -> None:
    unknown = "11111111-1111-4111-8111-111111111111"

    await client.end(unknown)
    made = await client.make(DOWN, ends_at=WallClock().now() + HOUR, by="x", comment="y", instead=unknown)

    assert made != unknown


@pytest.mark.parametrize("matchers", [(), (Matcher("x", ""),), (Matcher("x", ".*", regex=True),)])
async def test_what_would_match_everything_is_refused_in_its_words(
    client: Alertmanager, matchers: tuple[Matcher, ...]
) -> None:
    with pytest.raises(GaveUp, match=r"Alertmanager: .*(match the empty string|at least 1 items)"):
        await client.make(matchers, ends_at=WallClock().now() + HOUR, by="x", comment="y")


async def test_a_peer_that_is_away_leaves_a_sight_that_is_not_whole(real: Running, tmp_path: Path) -> None:
    await real.fire(alertname="Down")

    async with Alertmanager([NOBODY, real.url], surroundings(tmp_path)) as client:
        sight = await client.look()
        number = await client.make(DOWN, ends_at=WallClock().now() + HOUR, by="x", comment="y")
        assert [one.id for one in (await client.look()).silences] == [number]

    assert (len(sight.alerts), sight.whole) == (1, False)


async def test_one_that_is_away_may_come_back(tmp_path: Path) -> None:
    async with Alertmanager([NOBODY], surroundings(tmp_path)) as client:
        with pytest.raises(Retry, match="cannot be reached"):
            await client.look()
        with pytest.raises(Retry, match="cannot be reached"):
            await client.make(DOWN, ends_at=WallClock().now() + HOUR, by="x", comment="y")


async def test_each_alertmanager_of_a_catalog_is_opened(tmp_path: Path) -> None:
    alerts = """alerts:
  alertmanager: { url: 'http://one', peers: ['http://two'] }
  routes:
    platform: { secret: TOKEN }
    hospital: { secret: TOKEN, alertmanager: { url: 'http://three', token: TOKEN } }
    grafana: { secret: TOKEN, json: { like: grafana } }
  acknowledge: { by: [production-team], for: 1h }

channels:"""
    catalog = read(EXAMPLE.replace("channels:", alerts, 1))

    async with AsyncExitStack() as stack:
        assert set(await alertmanagers(stack, catalog, surroundings(tmp_path))) == {"*", "hospital"}
        assert await alertmanagers(stack, read(), surroundings(tmp_path)) == {}
    monitors = [catalog.alerting.monitor_of(route) for route in ("platform", "hospital", "grafana", "gone")]
    assert monitors == ["*", "hospital", None, "*"]


# --- what answers instead of it, and what newer releases say ------------------------------------------------------

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(answer: Answer, tmp_path: Path, **ways: str) -> AsyncIterator[Alertmanager]:
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", answer)
    near = surroundings(tmp_path, TOKEN="an-invented-token", PASSWORD="an-invented-password")
    async with served(app) as url, Alertmanager([url], near, **ways) as client:
        yield client


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, "no", GaveUp, "does not let us in (HTTP 401): the secret TOKEN"),
        (400, '"silence invalid: label"', GaveUp, "Alertmanager: silence invalid: label"),
        (422, '{"code":602,"message":"comment in body is required"}', GaveUp, "comment in body is required"),
        (429, "slow down", Retry, "slow down"),
        (500, '"oh"', Unclear, "oh"),
        (502, "<html>bad gateway</html>", Unclear, "bad gateway"),
        (200, "<html>log in</html>", GaveUp, "is not Alertmanager"),
        (200, "{}", Unclear, "did not say under which id"),
        (302, "", GaveUp, "HTTP 302"),
    ],
)
async def test_each_answer_to_a_silence_says_whether_it_may_have_been_made(
    tmp_path: Path, status: int, body: str, kind: type[Exception], words: str
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body)

    async with answering(answer, tmp_path, token="TOKEN") as client:
        with pytest.raises(kind) as no:
            await client.make(DOWN, ends_at=WallClock().now() + HOUR, by="x", comment="y")

    assert words in str(no.value)
    assert "an-invented" not in str(no.value)


async def test_an_answer_that_breaks_off_leaves_open_whether_it_was_made(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with answering(answer, tmp_path) as client:
        with pytest.raises(Unclear, match="gave no answer"):
            await client.make(DOWN, ends_at=WallClock().now() + HOUR, by="x", comment="y")
        with pytest.raises(Retry, match="gave no answer"):
            await client.look()


async def test_credentials_are_sent_by_the_names_of_their_secrets(tmp_path: Path) -> None:
    came: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        came.append(request.headers.get("Authorization", ""))
        return web.json_response({"silenceID": "x"})

    for ways in ({"token": "TOKEN"}, {"user": "us", "password": "PASSWORD"}, {}):
        async with answering(answer, tmp_path, **ways) as client:
            await client.make(DOWN, ends_at=WallClock().now() + HOUR, by="x", comment="y")

    basic = base64.b64encode(b"us:an-invented-password").decode()
    assert came == ["Bearer an-invented-token", f"Basic {basic}", ""]


async def test_what_newer_releases_add_is_kept_and_let_be(tmp_path: Path) -> None:
    """A silence with annotations, alerts muted by time intervals, an unknown silence that is 404, Grafana's 202."""
    number = "11111111-1111-4111-8111-111111111111"
    silence = {
        "id": number,
        "status": {"state": "pending"},
        "updatedAt": "2026-03-02T09:00:00.000Z",
        "comment": "c",
        "createdBy": "layla",
        "startsAt": "2026-03-02T09:00:00.000Z",
        "endsAt": "2026-03-02T10:00:00.123456789Z",
        "matchers": [{"name": "a.b", "value": "ب", "isRegex": False, "isEqual": False}],
        "annotations": {"ticket": "OPS-7"},
    }
    alert = {
        "fingerprint": "f",
        "labels": {"alertname": "Down"},
        "annotations": {},
        "startsAt": "2026-03-02T09:00:00Z",
        "endsAt": "2026-03-02T10:00:00Z",
        "updatedAt": "2026-03-02T09:00:00Z",
        "receivers": [{"name": "hook"}],
        "generatorURL": "",
        "status": {"state": "suppressed", "silencedBy": [], "inhibitedBy": [], "mutedBy": ["night"]},
    }
    posted: list[dict[str, object]] = []

    async def answer(request: web.Request) -> web.Response:
        match request.method, request.path.removeprefix("/api/v2/"):
            case "GET", "alerts":
                return web.json_response([alert])
            case "GET", "silences":
                return web.json_response([silence])
            case "GET", "status":
                return web.json_response({"versionInfo": {"version": "0.34.0"}, "cluster": {"status": "ready"}})
            case "GET", _:
                return web.json_response(silence)
            case "DELETE", _:
                return web.Response(status=404)
        posted.append(await request.json())
        return web.json_response({"silenceID": number}, status=202)

    async with answering(answer, tmp_path) as client:
        sight = await client.look()
        assert await client.make(DOWN, ends_at=WallClock().now() + HOUR, by="x", comment="y", instead=number) == number
        await client.end(number)

    ((seen,), (held,)) = (sight.alerts, sight.silences)
    assert (seen.inhibited, seen.told, sight.since) == (True, False, None)
    assert (held.active, held.begun, held.matchers[0].words) == (True, False, "a.b!=ب")
    assert (posted[0]["annotations"], posted[0]["createdBy"]) == ({"ticket": "OPS-7"}, "layla")


def test_the_webhook_of_newer_releases_is_read_as_well() -> None:
    alert = {
        "status": "firing",
        "labels": {"alertname": "Down"},
        "startsAt": "2026-03-02T09:00:00Z",
        "fingerprint": "f",
    }
    newer = {
        "version": "4",
        "groupKey": "k",
        "alerts": [alert],
        "notification_reason": "new alerts",
        "truncatedAlerts": 2,
    }

    (told,) = parsed("", json.dumps(newer | {"groupLabels": None, "commonLabels": None, "routeID": "{}/0"}).encode())

    assert (told.key, told.missing, [one.name for one in told.alerts]) == ("k", 2, ["Down"])
