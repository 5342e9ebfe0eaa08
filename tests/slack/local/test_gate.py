"""What every Web API call meets first: how arguments travel, tokens, scopes, rate limits, and bad days."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import cast
from bot.sandbox.driving import Misdriven
from tests.fakes.stage import Clock, Json, LocalSlack, refused

Start = Callable[..., Awaitable[LocalSlack]]


async def call(slack: LocalSlack, how: str, method: str, **request: object) -> tuple[int, Json]:
    async with (
        aiohttp.ClientSession() as http,
        http.request(how, f"{slack.base_url}/api/{method}", **request) as answer,  # type: ignore[arg-type]
    ):
        return answer.status, await answer.json()


async def test_arguments_may_come_as_query_form_or_json_and_the_token_in_header_or_field(
    local_slack: LocalSlack,
) -> None:
    token = local_slack.info["bot_token"]
    header = {"Authorization": f"Bearer {token}"}
    said = {"channel": "deployments", "text": "hi", "blocks": '[{"type":"divider"}]'}

    answers = [
        await call(local_slack, "GET", "chat.postMessage", params=said | {"token": token}),
        await call(local_slack, "POST", "chat.postMessage", params=said, headers=header),
        await call(local_slack, "POST", "chat.postMessage", data=said | {"token": token}),
        await call(
            local_slack, "POST", "chat.postMessage", json=said | {"blocks": [{"type": "divider"}]}, headers=header
        ),
    ]

    assert [(status, body["ok"], body["message"]["blocks"][0]["type"]) for status, body in answers] == [
        (200, True, "divider")
    ] * 4


@pytest.mark.parametrize(
    ("how", "path"), [("GET", "nope"), ("POST", "nope/at/all"), ("GET", "press"), ("POST", "info")]
)
async def test_what_the_driver_does_not_know_is_told_in_json_with_all_that_it_knows(
    local_slack: LocalSlack, how: str, path: str
) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.request(how, f"{local_slack.base_url}/driver/{path}") as answer,
    ):
        status, said = answer.status, await answer.json()

    assert (status, said["ok"]) == (404, False)
    assert said["error"].startswith(f"There is no {how} /driver/{path}; there are GET /driver/stream, ")
    assert "GET /driver/info" in said["error"]
    assert "POST /driver/press" in said["error"]


async def test_json_is_not_read_where_slack_does_not_read_it(local_slack: LocalSlack) -> None:
    header = {"Authorization": f"Bearer {local_slack.info['bot_token']}"}

    _, body = await call(local_slack, "POST", "users.info", json={"user": cast.TOMAS}, headers=header)
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] missing required field: user"]


async def test_with_a_json_body_the_token_must_be_in_the_header(local_slack: LocalSlack) -> None:
    body = {"token": local_slack.info["bot_token"], "channel": "deployments", "text": "x"}

    assert (await call(local_slack, "POST", "chat.postMessage", json=body))[1]["error"] == "not_authed"


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [(b"{", "application/json", "invalid_json"), (b"[]", "application/json", "json_not_object")],
)
async def test_a_body_that_is_not_an_object_is_named(
    local_slack: LocalSlack, data: bytes, kind: str, code: str
) -> None:
    headers = {"Authorization": f"Bearer {local_slack.info['bot_token']}", "Content-Type": kind}

    assert await call(local_slack, "POST", "chat.postMessage", data=data, headers=headers) == (
        200,
        {"ok": False, "error": code},
    )


async def test_tokens_open_only_what_they_are_for(local_slack: LocalSlack) -> None:
    api, info = local_slack.info["web_api_url"], local_slack.info
    nobody, stranger = AsyncWebClient(base_url=api), AsyncWebClient("xoxb-not-ours", base_url=api)
    app = AsyncWebClient(info["app_token"], base_url=api)

    assert await refused(nobody.auth_test()) == "not_authed"
    assert await refused(stranger.auth_test()) == "invalid_auth"
    assert await refused(app.chat_postMessage(channel="general", text="x")) == "not_allowed_token_type"
    assert await refused(local_slack.web.apps_connections_open(app_token=info["bot_token"])) == "not_allowed_token_type"
    assert (await app.apps_connections_open(app_token=info["app_token"]))["url"].startswith("ws://127.0.0.1:")


async def test_a_missing_scope_is_named_with_those_there_are(start_slack: Start) -> None:
    slack = await start_slack(scopes=frozenset({"chat:write", "users:read"}))

    with pytest.raises(SlackApiError) as caught:
        await slack.web.reactions_add(channel="C0GENERAL1", name="eyes", timestamp="1.1")

    answer = caught.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "reactions:write")
    assert answer["provided"] == "chat:write,users:read"
    assert await refused(slack.web.conversations_history(channel="C0GENERAL1")) == "missing_scope"


async def test_the_scopes_travel_in_headers(start_slack: Start) -> None:
    slack = await start_slack(scopes=frozenset({"chat:write"}))

    answer = await slack.web.auth_test()
    assert answer.headers["x-oauth-scopes"] == "chat:write"
    assert answer.headers["x-slack-req-id"]


async def test_chat_write_public_posts_from_outside(start_slack: Start) -> None:
    slack = await start_slack(scopes=frozenset({"chat:write", "chat:write.public"}))
    await slack.driver.person("tomas").do("leave", channel="alerts", user=cast.BOT_USER)

    assert (await slack.web.chat_postMessage(channel="alerts", text="x"))["ok"]


async def test_an_email_needs_its_own_scope(start_slack: Start) -> None:
    slack = await start_slack(scopes=frozenset({"users:read"}))

    assert "email" not in (await slack.web.users_info(user=cast.TOMAS))["user"]["profile"]


async def test_methods_that_are_not_here_say_so(local_slack: LocalSlack) -> None:
    assert await refused(local_slack.web.api_call("admin.users.list")) == "unknown_method"


async def test_posting_faster_than_slack_allows_is_429_with_the_seconds_to_wait(
    local_slack: LocalSlack, clock: Clock
) -> None:
    for number in range(5):
        await local_slack.web.chat_postMessage(channel="deployments", text=str(number))
    with pytest.raises(SlackApiError) as caught:
        await local_slack.web.chat_postMessage(channel="deployments", text="too soon")
    answer = caught.value.response
    clock.advance(int(answer.headers["Retry-After"]))

    assert (answer.status_code, answer["error"]) == (429, "ratelimited")
    assert (await local_slack.web.chat_postMessage(channel="C0DEPLOYM2", text="now"))["ok"]


async def test_a_channel_is_one_bucket_however_it_is_named(local_slack: LocalSlack) -> None:
    for name in ("deployments", "#deployments", "C0DEPLOYM2", "deployments", "#deployments"):
        await local_slack.web.chat_postMessage(channel=name, text="x")

    assert await refused(local_slack.web.chat_postMessage(channel="C0DEPLOYM2", text="x")) == "ratelimited"
    assert (await local_slack.web.chat_postMessage(channel="general", text="x"))["ok"]


async def test_pace_zero_lifts_the_limits(local_slack: LocalSlack) -> None:
    await local_slack.driver.faults(pace=0)

    for number in range(40):
        assert (await local_slack.web.chat_postMessage(channel="deployments", text=str(number)))["ok"]


async def test_a_429_on_order_strikes_as_often_as_asked_and_only_those_methods(local_slack: LocalSlack) -> None:
    await local_slack.driver.faults(rate_limit={"methods": ["chat.update"], "retry_after": 7, "count": 1})
    posted = await local_slack.web.chat_postMessage(channel="deployments", text="x")
    where = {"channel": posted["channel"], "ts": posted["ts"]}

    with pytest.raises(SlackApiError) as caught:
        await local_slack.web.chat_update(**where, text="y")

    assert caught.value.response.headers["Retry-After"] == "7"
    assert (await local_slack.web.chat_update(**where, text="y"))["ok"]


async def test_down_is_503_or_silence_and_ends_by_itself(local_slack: LocalSlack, clock: Clock) -> None:
    await local_slack.driver.faults(down={"for_seconds": 60})
    status, _ = await call(local_slack, "POST", "api.test")
    clock.advance(61)
    after, _ = await call(local_slack, "POST", "api.test")
    await local_slack.driver.faults(down={"mode": "drop", "count": 1})
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call(local_slack, "POST", "api.test")
    again, _ = await call(local_slack, "POST", "api.test")

    assert (status, after, again) == (503, 200, 200)


async def test_a_lost_answer_is_lost_after_the_work_was_done(local_slack: LocalSlack) -> None:
    await local_slack.driver.faults(lose_answer={"methods": ["chat.postMessage"], "count": 1})
    request = {"data": {"channel": "deployments", "text": "once", "token": local_slack.info["bot_token"]}}

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call(local_slack, "POST", "chat.postMessage", **request)

    assert [m["text"] for m in await local_slack.driver.person("tomas").messages("deployments")] == ["once"]
    assert "lose_answer" not in await local_slack.driver.get("faults")  # type: ignore[operator]


async def test_slow_holds_an_answer_back(local_slack: LocalSlack) -> None:
    await local_slack.driver.faults(slow={"seconds": 0.2, "methods": ["auth.test"], "count": 1})
    impatient = AsyncWebClient(local_slack.info["bot_token"], base_url=local_slack.info["web_api_url"], timeout=30)

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.1)) as http:
        with pytest.raises(TimeoutError):
            await http.post(f"{local_slack.base_url}/api/auth.test")
    assert (await impatient.auth_test())["ok"]


async def test_faults_are_shown_with_what_remains_and_can_be_cleared(local_slack: LocalSlack) -> None:
    shown = await local_slack.driver.faults(down={"count": 3}, pace=2, duplicate_events={"count": 1})
    fewer = await local_slack.driver.faults(down=None)
    cleared = await local_slack.driver.faults(clear=True)

    assert shown["down"] == {"mode": "503", "count": 3}
    assert (shown["pace"], "down" in fewer, fewer["duplicate_events"]) == (2, False, {"count": 1})
    assert cleared == {"pace": 1.0, "retry_speed": 1.0, "event_cap": 30_000}


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"earthquake": {}}, "There is no fault 'earthquake'"),
        ({"down": {"mode": "maybe"}}, "503 or drop"),
        ({"slow": {"second": 1}}, "slow has no 'second'; it has methods, seconds, count"),
        ({"lose_answer": {"count": 0}}, "too small"),
        ({"pace": -1}, "pace is -1"),
        ({"down": True}, "must be an object"),
    ],
)
async def test_a_wrong_knob_is_refused_with_a_sentence(local_slack: LocalSlack, knobs: Json, words: str) -> None:
    with pytest.raises(Misdriven, match=words):
        await local_slack.driver.faults(**knobs)


async def test_blocks_can_be_validated_without_a_token(local_slack: LocalSlack) -> None:
    bad = '[{"type":"section","text":{"type":"invalid","text":"x"}}]'

    _, good = await call(local_slack, "POST", "blocks.validate", json={"blocks": [{"type": "divider"}]})
    _, wrong = await call(local_slack, "POST", "blocks.validate", data={"blocks": bad})
    _, none = await call(local_slack, "POST", "blocks.validate", json={})

    assert good == {"ok": True}
    assert (wrong["error"], wrong["errors"][0]["pointer"]) == ("invalid_blocks", "/0/text/type")
    assert none["error"] == "invalid_arguments"


async def test_a_manifest_can_be_validated(local_slack: LocalSlack) -> None:
    with pytest.raises(SlackApiError) as caught:
        await local_slack.web.api_call("apps.manifest.validate", json={"manifest": {"display_information": {}}})

    assert caught.value.response["error"] == "invalid_manifest"
    assert caught.value.response["errors"][0]["pointer"]


async def test_a_website_elsewhere_cannot_drive_it(local_slack: LocalSlack) -> None:
    body = '{"as":"tomas","channel":"general","text":"x"}'
    async with aiohttp.ClientSession(local_slack.base_url) as http:
        async with http.post("/driver/post", data=body, headers={"Origin": "https://evil.example"}) as foreign:
            pass
        async with http.get("/driver/info", headers={"Host": "evil.example"}) as renamed:
            pass

    assert (foreign.status, renamed.status) == (403, 400)


async def test_canvases_are_refused_as_switched_off(local_slack: LocalSlack) -> None:
    assert await refused(local_slack.web.canvases_create(title="x")) == "free_teams_cannot_create_standalone_canvases"
