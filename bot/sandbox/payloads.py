"""The payloads of commands and interactions, with every member Slack's own types list.

Pure but for trigger ids and response_urls, which are issued here because every payload carries its own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from . import cast, shapes
from .credentials import Credentials
from .elements import Placed, state
from .model import Channel, Message, Person
from .responses import Responses, ResponseUrl
from .triggers import Triggers
from .views import View
from .wire import Json
from .workspace import Workspace


@dataclass(frozen=True)
class Payloads:
    """Builds what the app receives."""

    workspace: Workspace
    triggers: Triggers
    responses: Responses
    credentials: Credentials
    base_url: str

    def command(self, person: Person, channel: Channel, command: str, text: str) -> tuple[Json, ResponseUrl]:
        """Return the form fields of a slash command, and where its answers go."""
        handle = self.responses.issue(channel.id, person.id)
        return {
            "token": self.credentials.verification_token,
            "team_id": cast.TEAM,
            "team_domain": cast.TEAM_DOMAIN,
            "channel_id": channel.id,
            "channel_name": shapes.payload_channel(channel)["name"],
            "user_id": person.id,
            "user_name": person.handle,
            "command": command,
            "text": text,
            "api_app_id": cast.APP,
            "is_enterprise_install": "false",
            "response_url": self.url(handle),
            "trigger_id": self.triggers.issue(person.id),
        }, handle

    def press_message(self, person: Person, channel: Channel, message: Message, action: Json, entered: Json) -> Json:
        """Return block_actions from a message; `entered` is the recorded state of its elements."""
        ephemeral = message.ephemeral_to is not None
        handle = self.responses.issue(channel.id, person.id, ts=message.ts, thread_ts=message.thread_ts)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
            "is_app_unfurl": False,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        if (attachment := _attachment(message, action["block_id"])) is not None:
            container |= {"type": "message_attachment", "attachment_id": attachment}
        body = self._common("block_actions", person) | {
            "container": container,
            "channel": shapes.payload_channel(channel),
        }
        if not ephemeral:
            body["message"] = shapes.message(self.workspace, message, metadata=True)
        return body | {
            "trigger_id": self.triggers.issue(person.id),
            "response_url": self.url(handle),
            "state": {"values": state(message.blocks, entered)},
            "actions": [action],
        }

    def press_view(self, person: Person, view: View, action: Json) -> Json:
        """Return block_actions from a modal or an App Home."""
        return self._common("block_actions", person) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.triggers.issue(person.id),
            "view": view.shown(),
            "actions": [action],
        }

    def submission(self, person: Person, view: View, response_urls: list[Json]) -> Json:
        """Return view_submission."""
        return self._common("view_submission", person) | {
            "trigger_id": self.triggers.issue(person.id),
            "view": view.shown(),
            "response_urls": response_urls,
        }

    def closed(self, person: Person, view: View, *, is_cleared: bool) -> Json:
        """Return view_closed."""
        return self._common("view_closed", person) | {"view": view.shown(), "is_cleared": is_cleared}

    def suggestion(self, person: Person, part: Placed, value: str, where: Json) -> Json:
        """Return block_suggestion; `where` is the view, or channel and message, it is asked in."""
        about = {"action_id": part.action_id, "block_id": part.block_id, "value": value}
        return self._common("block_suggestion", person) | about | where

    def shortcut(self, person: Person, callback_id: str) -> Json:
        """Return a global shortcut."""
        return self._common("shortcut", person) | {
            "callback_id": callback_id,
            "trigger_id": self.triggers.issue(person.id),
            "action_ts": self._action_ts(),
        }

    def message_shortcut(self, person: Person, callback_id: str, channel: Channel, message: Message) -> Json:
        """Return a shortcut on a message."""
        handle = self.responses.issue(channel.id, person.id, thread_ts=message.thread_ts)
        return self.shortcut(person, callback_id) | {
            "type": "message_action",
            "message_ts": message.ts,
            "response_url": self.url(handle),
            "channel": shapes.payload_channel(channel),
            "message": shapes.message(self.workspace, message, metadata=True),
        }

    def action(self, part: Placed, value: Json) -> Json:
        """Return one entry of `actions`; `value` is the element's new state, empty for a button."""
        carried = {n: part.element[n] for n in ("text", "value", "style", "url", "placeholder") if n in part.element}
        if part.is_stateful:
            carried.pop("value", None)
        starting = {name: v for name, v in part.element.items() if name.startswith("initial_")}
        about = {"type": part.kind, "action_id": part.action_id, "block_id": part.block_id}
        return carried | starting | value | about | {"action_ts": self._action_ts()}

    def url(self, handle: ResponseUrl) -> str:
        """Return the response_url."""
        return f"{self.base_url}/response/{handle.id}"

    def _common(self, kind: str, person: Person) -> Json:
        return {
            "type": kind,
            "team": shapes.payload_team(),
            "user": shapes.payload_user(person),
            "api_app_id": cast.APP,
            "token": self.credentials.verification_token,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _action_ts(self) -> str:
        return f"{self.workspace.now():.3f}{secrets.randbelow(1000):03d}"


def _attachment(message: Message, block_id: str) -> int | None:
    """Return the number of the attachment the block is in, None when it is in the message itself."""
    for attachment in message.attachments or []:
        if any(block.get("block_id") == block_id for block in attachment.get("blocks") or []):
            return int(attachment["id"])
    return None
