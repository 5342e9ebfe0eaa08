"""Slash commands: what the app gets, what people see, and what happens when the app does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from bot.sandbox import cast
from bot.sandbox.config import SlashCommand
from bot.sandbox.driving import Misdriven
from tests.fakes.stage import Clock, Json, LocalSlack, ReceivingApp

Start = Callable[..., Awaitable[LocalSlack]]
DEPLOY = SlashCommand("/deploy", "release something", "staging")
FIELDS = {
    "token",
    "team_id",
    "team_domain",
    "channel_id",
    "channel_name",
    "user_id",
    "user_name",
    "command",
    "text",
    "api_app_id",
    "is_enterprise_install",
    "response_url",
    "trigger_id",
}


def saying(answer: object) -> Callable[[Json], Awaitable[object]]:
    async def say(_body: Json) -> object:
        return answer

    return say


async def test_the_app_gets_every_field_signed_over_the_bytes_that_travel(
    local_slack: LocalSlack, app: ReceivingApp, clock: Clock
) -> None:
    shown = await local_slack.driver.person("layla").command("deployments", "/deploy  staging ليلى & <b>")

    sent = app.received[0]
    assert shown == {"ok": True, "response": None, "messages": [], "view_opened": None}
    assert set(sent) - {"type"} == FIELDS
    assert (sent["user_id"], sent["user_name"], sent["channel_name"]) == (cast.LAYLA, "layla", "deployments")
    assert (sent["command"], sent["text"]) == ("/deploy", "staging ليلى & <b>")
    assert local_slack.is_signed(app.raw[0], app.headers[0], clock)
    assert not local_slack.is_signed(app.raw[0] + b"&x=1", app.headers[0], clock)


async def test_an_answer_is_seen_by_whoever_asked(local_slack: LocalSlack, app: ReceivingApp) -> None:
    app.answer = saying("on it")
    tomas, selma = local_slack.driver.person("tomas"), local_slack.driver.person("selma")

    shown = await tomas.command("deployments", "/deploy staging")

    assert shown["response"] == {"text": "on it"}
    assert [m["text"] for m in shown["messages"]] == ["on it"]
    assert [(m["text"], m["is_ephemeral"], m["user"]) for m in await tomas.messages("deployments")] == [
        ("on it", True, cast.BOT_USER)
    ]
    assert await selma.messages("deployments") == []


async def test_an_answer_in_channel_is_seen_by_all(local_slack: LocalSlack, app: ReceivingApp) -> None:
    app.answer = saying({"response_type": "in_channel", "text": "for all"})

    await local_slack.driver.person("tomas").command("deployments", "/deploy staging")
    assert [m["text"] for m in await local_slack.driver.person("selma").messages("deployments")] == ["for all"]


async def test_an_answer_with_invalid_blocks_is_a_failure(local_slack: LocalSlack, app: ReceivingApp) -> None:
    app.answer = saying({"text": "x", "blocks": [{"type": "nonsense"}]})

    shown = await local_slack.driver.person("tomas").command("deployments", "/deploy staging")
    assert (shown["ok"], shown["error"], shown["reason"]) == (False, "invalid_command_response", "invalid_blocks")


async def test_too_slow_is_operation_timeout_and_is_never_repeated(start_slack: Start, app: ReceivingApp) -> None:
    async def dawdle(_body: Json) -> object:
        await asyncio.sleep(0.5)
        return "late"

    app.answer = dawdle
    slack = await start_slack(request_url=app.url, patience=0.1)
    tomas = slack.driver.person("tomas")

    shown = await tomas.command("deployments", "/deploy staging")

    words = '/deploy failed with the error "operation_timeout"'
    assert shown == {"ok": False, "error": "operation_timeout", "shown": words}
    assert [(m["user"], m["text"], m["is_ephemeral"]) for m in await tomas.messages("deployments")] == [
        (cast.SLACKBOT, words, True)
    ]
    assert len(app.received) == 1


@pytest.mark.parametrize("status", [404, 500, 301])
async def test_an_error_is_dispatch_failed(local_slack: LocalSlack, app: ReceivingApp, status: int) -> None:
    app.answer = saying(web.Response(status=status))

    shown = await local_slack.driver.person("tomas").command("deployments", "/deploy staging")
    assert shown["error"] == "dispatch_failed"
    assert len(app.of("command")) == 1


async def test_nobody_there_is_dispatch_failed(start_slack: Start) -> None:
    nowhere, closed = await start_slack(), await start_slack(request_url="http://127.0.0.1:9/slack/events")

    for slack in (nowhere, closed):
        shown = await slack.driver.person("tomas").command("deployments", "/deploy staging")
        assert shown["error"] == "dispatch_failed"


async def test_only_registered_commands_reach_the_app(start_slack: Start, app: ReceivingApp) -> None:
    slack = await start_slack(request_url=app.url, commands=(DEPLOY,))

    shown = await slack.driver.person("tomas").command("deployments", "/deplyo staging")
    listed = await slack.driver.get("commands")

    assert shown["error"] == "unknown_command"
    assert "`/deplyo` is not a valid command" in shown["shown"]
    assert app.received == []
    assert listed == [{"command": "/deploy", "description": "release something", "usage_hint": "staging"}]


async def test_commands_are_not_supported_in_threads(start_slack: Start, app: ReceivingApp) -> None:
    slack = await start_slack(request_url=app.url, commands=(DEPLOY,))
    tomas = slack.driver.person("tomas")
    ts = await tomas.post("deployments", "thread")

    refusal = await tomas.do("post", channel="deployments", text="/deploy staging", thread_ts=ts)
    assert (refusal["ok"], refusal["shown"]) == (False, "/deploy is not supported in threads. Sorry!")
    assert len(await tomas.messages("deployments", ts)) == 1


async def test_should_escape_turns_names_into_ids(start_slack: Start, app: ReceivingApp) -> None:
    slack = await start_slack(request_url=app.url, commands=(SlashCommand("/page", should_escape=True), DEPLOY))
    tomas = slack.driver.person("tomas")

    await tomas.command("general", "/page @layla in #alerts & <@U0SELMANA3> a@b.example @nobody")
    await tomas.command("general", "/deploy @layla")

    assert app.received[0]["text"] == (
        f"<@{cast.LAYLA}|layla> in <#C0ALERTSX4|alerts> &amp; <@U0SELMANA3> a@b.example @nobody"
    )
    assert app.received[1]["text"] == "@layla"


async def test_a_command_needs_a_slash_and_a_channel_one_is_in(local_slack: LocalSlack) -> None:
    tomas = local_slack.driver.person("tomas")
    await tomas.do("leave", channel="alerts")

    with pytest.raises(Misdriven, match="begins with a slash"):
        await tomas.command("general", "deploy")
    with pytest.raises(Misdriven, match="tomas cannot write in alerts"):
        await tomas.command("alerts", "/deploy")


async def test_direct_and_private_conversations_have_slacks_names(local_slack: LocalSlack, app: ReceivingApp) -> None:
    tomas = local_slack.driver.person("tomas")
    private = (await tomas.do("create", name="secret", is_private=True))["channel"]

    await tomas.command(cast.BOT_USER, "/deploy")
    await tomas.command(private, "/deploy")

    assert [body["channel_name"] for body in app.received if body["type"] == "command"] == [
        "directmessage",
        "privategroup",
    ]
