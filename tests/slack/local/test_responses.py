"""response_urls: five uses, thirty minutes, replace, delete, in_channel; member or not."""

from __future__ import annotations

import aiohttp
import pytest

from bot.sandbox import cast
from tests.fakes.stage import Clock, Json, LocalSlack, ReceivingApp

BUTTON = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
    }
]


async def answer(url: str, body: object) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as said:
        return said.status, await said.text()


@pytest.fixture
async def url(local_slack: LocalSlack, app: ReceivingApp) -> str:
    """The response_url of a command that Tomas typed in #deployments."""
    await local_slack.driver.person("tomas").command("deployments", "/deploy staging")
    return str(app.of("command")[0]["response_url"])


async def seen(local_slack: LocalSlack, who: str = "tomas") -> list[str]:
    return [m["text"] for m in await local_slack.driver.person(who).messages("deployments")]


async def test_it_works_five_times(local_slack: LocalSlack, url: str) -> None:
    said = [await answer(url, {"text": str(number)}) for number in range(6)]

    assert said == [(200, "ok")] * 5 + [(404, "used_url")]
    assert await seen(local_slack) == ["0", "1", "2", "3", "4"]
    assert await seen(local_slack, "selma") == []


async def test_it_works_for_thirty_minutes(local_slack: LocalSlack, url: str, clock: Clock) -> None:
    clock.advance(30 * 60)
    assert await answer(url, {"text": "just"}) == (200, "ok")
    clock.advance(1)
    assert await answer(url, {"text": "late"}) == (404, "expired_url")
    assert await seen(local_slack) == ["just"]


async def test_it_needs_no_membership(local_slack: LocalSlack, url: str) -> None:
    await local_slack.driver.person("tomas").do("leave", channel="deployments", user=cast.BOT_USER)

    assert await answer(url, {"text": "still", "response_type": "in_channel"}) == (200, "ok")
    assert "still" in await seen(local_slack, "selma")


@pytest.mark.parametrize(
    ("body", "said"),
    [({}, "no_text"), ({"text": "x", "blocks": [{"type": "no"}]}, "invalid_blocks"), ([], "invalid_payload")],
)
async def test_what_is_wrong_is_said_and_costs_no_use(url: str, body: Json, said: str) -> None:
    for _ in range(6):
        assert await answer(url, body) == (400, said)


async def test_replacing_and_deleting_an_ephemeral_message(
    local_slack: LocalSlack, app: ReceivingApp, url: str
) -> None:
    tomas = local_slack.driver.person("tomas")
    await answer(url, {"text": "press", "blocks": BUTTON})
    message = (await tomas.messages("deployments"))[0]
    await tomas.press("deployments", message["ts"], "go")
    press = app.of("block_actions")[0]

    await answer(press["response_url"], {"replace_original": True, "text": "pressed"})
    replaced = await tomas.messages("deployments")
    await answer(press["response_url"], {"delete_original": True})

    assert (press["container"]["is_ephemeral"], "message" in press) == (True, False)
    assert [(m["ts"], m["text"], m["blocks"]) for m in replaced] == [(message["ts"], "pressed", None)]
    assert await seen(local_slack) == []


async def test_replacing_a_message_for_all(local_slack: LocalSlack, app: ReceivingApp) -> None:
    posted = await local_slack.web.chat_postMessage(channel="deployments", text="press", blocks=BUTTON)
    await local_slack.driver.person("tomas").press("deployments", posted["ts"], "go")

    await answer(app.of("block_actions")[0]["response_url"], {"replace_original": "true", "text": "pressed"})
    assert await seen(local_slack, "selma") == ["pressed"]


async def test_without_replace_original_it_is_a_new_message_in_the_thread(
    local_slack: LocalSlack, app: ReceivingApp
) -> None:
    parent = await local_slack.web.chat_postMessage(channel="deployments", text="parent")
    reply = await local_slack.web.chat_postMessage(
        channel="deployments", text="press", blocks=BUTTON, thread_ts=parent["ts"]
    )
    tomas = local_slack.driver.person("tomas")
    await tomas.press("deployments", reply["ts"], "go")

    await answer(app.of("block_actions")[0]["response_url"], {"text": "there"})
    assert [m["text"] for m in await tomas.messages("deployments", parent["ts"])] == ["parent", "press", "there"]
