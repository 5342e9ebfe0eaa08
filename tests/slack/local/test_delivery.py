"""Events: envelopes, subscriptions, three repetitions with their headers, disorder on order, the hourly cap."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from bot.sandbox import cast
from bot.sandbox.driving import Misdriven
from tests.fakes.stage import Clock, Json, LocalSlack, ReceivingApp

Start = Callable[..., Awaitable[LocalSlack]]
FAST = 1_000_000.0


def retries(app: ReceivingApp) -> list[tuple[str | None, str | None]]:
    return [(h.get("x-slack-retry-num"), h.get("x-slack-retry-reason")) for h in app.headers]


async def test_the_envelope_has_every_field(local_slack: LocalSlack, app: ReceivingApp, clock: Clock) -> None:
    await local_slack.driver.person("tomas").post("general", "hi")
    sent = (await app.heard("message"))[0]

    assert sent["type"] == "event_callback"
    assert sent["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": cast.TEAM,
            "user_id": cast.BOT_USER,
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]
    assert {"token", "team_id", "api_app_id", "event_id", "event_time", "is_ext_shared_channel"} <= set(sent)
    assert {"type", "event_ts", "channel", "user", "text", "ts", "channel_type"} <= set(sent["event"])
    assert local_slack.is_signed(app.raw[0], app.headers[0], clock)


async def test_a_failed_event_comes_three_times_more_with_number_and_reason(
    start_slack: Start, app: ReceivingApp
) -> None:
    async def fail(_body: Json) -> object:
        return web.Response(status=500)

    app.answer = fail
    slack = await start_slack(request_url=app.url, retry_speed=FAST)
    await slack.driver.person("tomas").post("general", "hi")
    sent = await app.heard("message", 4)

    assert retries(app) == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({e["event_id"] for e in sent}) == 1


async def test_an_event_that_is_taken_in_the_end_stops_coming(start_slack: Start, app: ReceivingApp) -> None:
    async def fail_once(_body: Json) -> object:
        return web.Response(status=500 if len(app.received) == 1 else 200)

    app.answer = fail_once
    slack = await start_slack(request_url=app.url, retry_speed=FAST)
    await slack.driver.person("tomas").post("general", "first")
    await app.heard("message", 2)
    await slack.driver.person("tomas").post("general", "second")
    await app.heard("message", 3)

    assert [number for number, _ in retries(app)] == [None, "1", None]


async def test_an_app_may_ask_not_to_be_asked_again(start_slack: Start, app: ReceivingApp) -> None:
    async def never_again(_body: Json) -> object:
        return web.Response(status=500, headers={"x-slack-no-retry": "1"})

    app.answer = never_again
    slack = await start_slack(request_url=app.url, retry_speed=FAST)
    await slack.driver.person("tomas").post("general", "first")
    await app.heard("message", 1)
    await slack.driver.person("tomas").post("general", "second")
    await app.heard("message", 2)

    assert [number for number, _ in retries(app)] == [None, None]


async def test_a_slow_app_gets_the_repetition_while_it_still_works(start_slack: Start, app: ReceivingApp) -> None:
    release = asyncio.Event()

    async def dawdle(_body: Json) -> object:
        await release.wait()
        return None

    app.answer = dawdle
    slack = await start_slack(request_url=app.url, retry_speed=FAST, patience=0.1)
    await slack.driver.person("tomas").post("general", "hi")
    await app.heard("message", 2)
    release.set()

    assert retries(app)[1] == ("1", "http_timeout")


async def test_redirects_are_followed_twice_only(start_slack: Start, app: ReceivingApp) -> None:
    async def elsewhere(_body: Json) -> object:
        return web.Response(status=307, headers={"Location": app.url})

    app.answer = elsewhere
    slack = await start_slack(request_url=app.url, retry_speed=FAST)
    shown = await slack.driver.person("tomas").command("general", "/deploy")
    await slack.driver.person("tomas").post("general", "hi")
    await app.heard("message", 4)

    assert shown["error"] == "dispatch_failed"
    assert ("1", "too_many_redirects") in retries(app)


async def test_an_event_twice_on_order_is_one_event(local_slack: LocalSlack, app: ReceivingApp) -> None:
    await local_slack.driver.faults(duplicate_events={"count": 1})
    await local_slack.driver.person("tomas").post("general", "hi")

    first, second = await app.heard("message", 2)
    assert first == second


async def test_events_out_of_order_on_order(local_slack: LocalSlack, app: ReceivingApp) -> None:
    await local_slack.driver.faults(out_of_order={"count": 1})
    tomas = local_slack.driver.person("tomas")
    await tomas.post("general", "first")
    await tomas.post("general", "second")

    assert [e["event"]["text"] for e in await app.heard("message", 2)] == ["second", "first"]


async def test_only_subscribed_events_come_and_only_from_where_the_bot_is(
    start_slack: Start, app: ReceivingApp
) -> None:
    slack = await start_slack(request_url=app.url, events=frozenset({"app_mention", "message.im"}))
    tomas = slack.driver.person("tomas")
    await tomas.do("leave", channel="alerts", user=cast.BOT_USER)

    await tomas.post("general", "not subscribed")
    await tomas.post("general", f"<@{cast.BOT_USER}> come")
    await tomas.post(cast.BOT_USER, "just us")
    await app.heard("message")
    await app.heard("app_mention")

    assert [(e["event"]["type"], e["event"]["text"]) for e in app.received if "event" in e] in (
        [("app_mention", f"<@{cast.BOT_USER}> come"), ("message", "just us")],
        [("message", "just us"), ("app_mention", f"<@{cast.BOT_USER}> come")],
    )


async def test_above_the_cap_the_app_is_told_once_a_minute_and_gets_nothing(
    local_slack: LocalSlack, app: ReceivingApp, clock: Clock
) -> None:
    await local_slack.driver.faults(event_cap=2)
    tomas = local_slack.driver.person("tomas")
    for number in range(5):
        await tomas.post("general", str(number))
    clock.advance(60)
    await tomas.post("general", "still too many")
    told = await app.heard("app_rate_limited", 2)
    clock.advance(3600)
    await tomas.post("general", "welcome back")
    heard = await app.heard("message", 3)

    assert [e["event"]["text"] for e in heard] == ["0", "1", "welcome back"]
    assert "event" not in told[0]
    assert told[0]["minute_rate_limited"] % 60 == 0


async def test_a_request_url_is_verified_by_its_challenge(local_slack: LocalSlack, app: ReceivingApp) -> None:
    async def answer(body: Json) -> object:
        return {"challenge": body["challenge"]}

    with pytest.raises(Misdriven, match="did not respond with the value of the challenge"):
        await local_slack.driver.post("app", request_url=app.url, verify=True)
    app.answer = answer
    known = await local_slack.driver.post("app", request_url=app.url + "?v=2", verify=True)

    assert known["request_url"] == app.url + "?v=2"
    assert app.of("url_verification")[1]["challenge"]
    with pytest.raises(Misdriven, match="must begin with http"):
        await local_slack.driver.post("app", request_url="localhost:3000")


async def test_without_an_app_events_are_dropped_rather_than_kept_for_later(
    start_slack: Start, app: ReceivingApp
) -> None:
    slack = await start_slack(retry_speed=FAST)
    tomas = slack.driver.person("tomas")
    await tomas.post("general", "nobody listens")
    await slack.driver.post("app", request_url=app.url)
    await tomas.post("general", "somebody listens")

    assert [e["event"]["text"] for e in await app.heard("message")] == ["somebody listens"]
