"""A small Bolt app over Socket Mode, with one of everything that the page must be able to show and send.

It is Slack's own framework and knows nothing of our bot; so a test of the page fails for the page's faults alone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.config import SlashCommand
from bot.sandbox.serving import Serving

Json = dict[str, Any]

COMMANDS = (
    SlashCommand("/card", "Post a card with buttons", "<title>"),
    SlashCommand("/form", "Open a form", ""),
    SlashCommand("/say", "Let the app say something", "<words>"),
    SlashCommand("/slow", "Never answer in time", ""),
    SlashCommand("/whisper", "Say something to you alone", "<words>", should_escape=True),
)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


TRIGGERS = [option("Critical bug", "bug"), option("Performance", "performance"), option("Security", "security")]


def card(title: str, line: str) -> list[Json]:
    confirm = {
        "title": plain("Reject it?"),
        "text": mrkdwn("It will *not* run."),
        "confirm": plain("Reject"),
        "deny": plain("Keep"),
    }
    return [
        {"type": "header", "text": plain(title)},
        {"type": "section", "text": mrkdwn(line)},
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "action_id": "approve",
                    "text": plain("Approve"),
                    "style": "primary",
                    "value": "change:42",
                },
                {
                    "type": "button",
                    "action_id": "reject",
                    "text": plain("Reject"),
                    "style": "danger",
                    "value": "change:42",
                    "confirm": confirm,
                },
                {"type": "static_select", "action_id": "trigger", "placeholder": plain("Trigger"), "options": TRIGGERS},
                {
                    "type": "overflow",
                    "action_id": "more",
                    "options": [option("Cancel it", "cancel"), option("Repeat it", "repeat")],
                },
            ],
        },
    ]


def field(block_id: str, label: str, element: Json, **more: object) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"action_id": block_id, **element},
        "optional": True,
        **more,
    }


def form(note: str = "Fill it in.") -> Json:
    buttons = [
        {"type": "button", "action_id": "redraw", "text": plain("Redraw")},
        {"type": "button", "action_id": "deeper", "text": plain("Deeper")},
    ]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("A form"),
        "submit": plain("Send"),
        "close": plain("Never mind"),
        "blocks": [
            {"type": "section", "block_id": "note", "text": mrkdwn(note)},
            {"type": "actions", "block_id": "buttons", "elements": buttons},
            field(
                "reason", "Reason", {"type": "plain_text_input", "multiline": True, "max_length": 50}, optional=False
            ),
            field("trigger", "Trigger", {"type": "static_select", "options": TRIGGERS}),
            field("effects", "Effects", {"type": "multi_static_select", "options": TRIGGERS}),
            field("who", "Who", {"type": "users_select"}),
            field("where", "Where", {"type": "channels_select"}),
            field("ticket", "Ticket", {"type": "external_select", "min_query_length": 1}),
            field("how", "How", {"type": "radio_buttons", "options": TRIGGERS}),
            field("also", "Also", {"type": "checkboxes", "options": TRIGGERS}),
            field("day", "Day", {"type": "datepicker"}),
            field("hour", "Hour", {"type": "timepicker"}),
            field("moment", "Moment", {"type": "datetimepicker"}),
            field("copies", "Copies", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}),
            field("mail", "Mail", {"type": "email_text_input"}),
            field("link", "Link", {"type": "url_text_input"}),
        ],
    }


def plainly(values: Json) -> Json:
    """Return `state.values` as {block: what was entered}, options as their values."""
    found = {}
    for block, actions in values.items():
        for state in actions.values():
            entered = next((value for key, value in state.items() if key != "type"), None)
            found[block] = _bare(entered)
    return found


def _bare(entered: object) -> object:
    if isinstance(entered, list):
        return [_bare(each) for each in entered]
    return entered["value"] if isinstance(entered, dict) else entered


class Harbour:
    """The app, and what it heard."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.app = AsyncApp(client=client, process_before_response=True)
        self.heard: list[tuple[str, object]] = []
        self.hold = asyncio.Event()
        self.hold.set()
        for name, answer in (
            ("/card", self._card),
            ("/form", self._form),
            ("/say", self._say),
            ("/whisper", self._whisper),
            ("/slow", self._slow),
        ):
            self.app.command(name)(answer)
        for action in ("approve", "reject", "trigger", "more"):
            self.app.action(action)(self._pressed)
        self.app.action("redraw")(self._redraw)
        self.app.action("deeper")(self._deeper)
        self.app.options("ticket")(self._tickets)
        self.app.view("form")(self._sent)
        self.app.event("app_home_opened")(self._home)
        self.app.event("message")(self._nothing)

    async def _card(self, ack: Callable[..., Awaitable[None]], command: Json, client: AsyncWebClient) -> None:
        await ack()
        title = command["text"] or "A card"
        await client.chat_postMessage(channel=command["channel_id"], text=title, blocks=card(title, "Waiting."))

    async def _say(self, ack: Callable[..., Awaitable[None]], command: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.chat_postMessage(channel=command["channel_id"], text=command["text"])

    async def _whisper(self, ack: Callable[..., Awaitable[None]], command: Json) -> None:
        self.heard.append(("whisper", command["text"]))
        await ack(f"psst {command['text']}")

    async def _slow(self, ack: Callable[..., Awaitable[None]]) -> None:
        await asyncio.sleep(3.5)  # longer than Slack waits
        await ack()

    async def _form(self, ack: Callable[..., Awaitable[None]], command: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=form())

    async def _pressed(
        self, ack: Callable[..., Awaitable[None]], body: Json, action: Json, client: AsyncWebClient
    ) -> None:
        await self.hold.wait()
        await ack()
        chosen = action.get("value") or (action.get("selected_option") or {}).get("value")
        self.heard.append((action["action_id"], chosen))
        line = f"{action['action_id']} {chosen} by <@{body['user']['id']}>"
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text=line, blocks=card("A card", line)
        )

    async def _redraw(self, ack: Callable[..., Awaitable[None]], body: Json, client: AsyncWebClient) -> None:
        await ack()
        self.heard.append(("redraw", plainly(body["view"]["state"]["values"])))
        await client.views_update(view_id=body["view"]["id"], view=form("Drawn *anew*."))

    async def _deeper(self, ack: Callable[..., Awaitable[None]], body: Json, client: AsyncWebClient) -> None:
        await ack()
        view = {
            "type": "modal",
            "title": plain("Deeper"),
            "blocks": [{"type": "section", "text": mrkdwn("Further down.")}],
        }
        await client.views_push(trigger_id=body["trigger_id"], view=view)

    async def _tickets(self, ack: Callable[..., Awaitable[None]], payload: Json) -> None:
        await ack(
            options=[
                option(f"Ticket {payload['value']}-{number}", f"{payload['value']}{number}") for number in (1, 2, 3)
            ]
        )

    async def _sent(self, ack: Callable[..., Awaitable[None]], view: Json) -> None:
        values = plainly(view["state"]["values"])
        if values["reason"] == "bad":
            await ack(response_action="errors", errors={"reason": "Please say more than that."})
            return
        await ack()
        self.heard.append(("form", values))

    async def _home(self, event: Json, client: AsyncWebClient) -> None:
        blocks = [
            {"type": "header", "text": plain("What is live")},
            {"type": "section", "text": mrkdwn("`backend` *1.5.0*")},
        ]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    async def _nothing(self) -> None:
        """Messages are nobody's business here."""

    def last(self, word: str) -> Any:  # noqa: ANN401 - whatever JSON the app was told
        """Return what came last under the word."""
        return next(value for heard, value in reversed(self.heard) if heard == word)

    def __str__(self) -> str:
        return json.dumps(self.heard, default=str)


@asynccontextmanager
async def moored(running: Serving) -> AsyncIterator[Harbour]:
    """Run the app beside a local Slack, connected by Socket Mode."""
    credentials = running.slack.credentials
    client = AsyncWebClient(token=credentials.bot_token, base_url=f"{running.base_url}/api/")
    harbour = Harbour(client)
    handler = AsyncSocketModeHandler(harbour.app, credentials.app_token)
    handler.client.web_client.base_url = f"{running.base_url}/api/"
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt says nothing of its type
    try:
        yield harbour
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # the same
