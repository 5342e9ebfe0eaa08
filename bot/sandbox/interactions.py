"""What happens when a person types a command, presses, chooses, submits, closes.

Each goes to the app once, with three seconds to answer, and is never repeated; what the person then sees is returned
and told to the pages. Whether the person may do it, and whether the element exists, the driver has checked before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from . import cast, picture
from .elements import Placed, placed
from .errors import NotDelivered, SlackError
from .faults import Faults
from .forms import complaints
from .model import Channel, Message, Person
from .outbound import Kind, Outbound
from .payloads import Payloads
from .posting import Posting
from .responses import Responses
from .stream import Stream
from .views import View, Views
from .wire import Json
from .workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass
class Interactions:
    """People's gestures, sent to the app."""

    workspace: Workspace
    posting: Posting
    views: Views
    stream: Stream
    outbound: Outbound
    payloads: Payloads
    responses: Responses
    faults: Faults
    entered: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    suggested: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    _again: set[asyncio.Task[Any]] = field(default_factory=set)

    async def command(self, person: Person, channel: Channel, command: str, text: str) -> Json:
        """Send a slash command; return what Slack shows."""
        payload, handle = self.payloads.command(person, channel, command, text)
        before = {view.id for view in self.views.stack(person.id)}
        try:
            answer = await self._send("slash_commands", payload)
            message = self.responses.answer(handle, answer) if answer and _says_something(answer) else None
        except NotDelivered as error:
            return self._command_failed(person, channel, command, error.code)
        except SlackError as error:
            return self._command_failed(person, channel, command, "invalid_command_response") | {"reason": error.code}
        opened = [view.id for view in self.views.stack(person.id) if view.id not in before]
        shown = [picture.message(self.workspace, message)] if message else []
        return {"ok": True, "response": answer, "messages": shown, "view_opened": opened[-1] if opened else None}

    def slackbot(self, person: Person, channel: Channel, text: str) -> Message:
        """Let Slackbot say something to the person alone."""
        ts = self.workspace.messages.next_ts()
        message = Message(channel.id, ts, cast.SLACKBOT, text, ephemeral_to=person.id)
        return self.posting.post(channel, message)

    async def press(self, person: Person, channel: Channel, message: Message, part: Placed, value: Json) -> Json:
        """Use an element of a message; one in an input block only remembers."""
        key = (person.id, channel.id, message.ts)
        if part.is_stateful:
            self.entered.setdefault(key, {}).setdefault(part.block_id, {})[part.action_id] = value
        if part.is_input:
            return {"ok": True, "dispatched": False}
        action = self.payloads.action(part, value)
        payload = self.payloads.press_message(person, channel, message, action, self.entered.get(key, {}))
        return await self._gesture(person, payload)

    async def press_view(self, person: Person, view: View, part: Placed, value: Json) -> Json:
        """Use an element of a modal or an App Home."""
        if part.is_stateful:
            self.views.record(view, part.block_id, part.action_id, value)
        if part.is_input:
            return {"ok": True, "dispatched": False}
        payload = self.payloads.press_view(person, view, self.payloads.action(part, value))
        return await self._gesture(person, payload)

    async def shortcut(self, person: Person, payload: Json) -> Json:
        """Send a shortcut's payload."""
        return await self._gesture(person, payload)

    async def suggest(self, person: Person, part: Placed, value: str, where: Json) -> Json:
        """Ask the app for an external select's options."""
        try:
            answer = await self._send("interactive", self.payloads.suggestion(person, part, value, where)) or {}
        except NotDelivered as error:
            return {"ok": False, "error": error.code, "options": []}
        groups: list[Json] = answer.get("option_groups") or []
        options = [*(answer.get("options") or []), *(o for group in groups for o in group.get("options") or [])]
        known = self.suggested.setdefault((person.id, part.action_id), [])
        known.extend(option for option in options if option not in known)
        return {"ok": True, "options": options, "option_groups": groups}

    async def submit(self, person: Person, view: View) -> Json:
        """Submit a modal as it stands: first Slack's own checks, then the app's."""
        errors = complaints(view.blocks, view.values())
        if errors:
            self.views.complain(view, errors)
            return {"ok": False, "errors": errors}
        before = {each.id for each in self.views.stack(person.id)}
        try:
            answer = await self._send("interactive", self.payloads.submission(person, view, self._response_urls(view)))
            return {"ok": True} | self._follow(person, view, answer or {}, before)
        except NotDelivered as error:
            return self._trouble(person, error.code)
        except SlackError as error:
            return self._trouble(person, "invalid_response_action") | {"reason": error.code}

    async def close(self, person: Person, view: View, *, everything: bool) -> Json:
        """Close the view (or all) by hand; views that asked are told to the app."""
        closed = self.views.clear(person.id) if everything else self.views.close(view)
        for each in closed:
            if each.body.get("notify_on_close"):
                self._later(self._send("interactive", self.payloads.closed(person, each, is_cleared=everything)))
        return {"ok": True, "closed": [each.id for each in closed]}

    async def finish(self) -> None:
        """Give up what is still under way."""
        for task in self._again:
            task.cancel()
        await asyncio.gather(*self._again, return_exceptions=True)

    def _follow(self, person: Person, view: View, answer: Json, before: set[str]) -> Json:
        """Do what the answer to a submission says. Raises SlackError when it cannot be done."""
        match answer.get("response_action"):
            case "errors":
                return self._rejected(view, answer.get("errors") or {})
            case "update":
                self.views.update(view, answer.get("view"))
                return {"closed": False, "view": view.shown()}
            case "push":
                return {"closed": False, "view": self.views.push(person.id, answer.get("view")).shown()}
            case "clear":
                return {"closed": [each.id for each in self.views.clear(person.id)]}
            case None:
                return self._done(person, view, before)
            case other:
                raise SlackError("invalid_response_action", response_action=other)

    def _done(self, person: Person, view: View, before: set[str]) -> Json:
        """Close the submitted view, unless it is gone already."""
        if view in self.views.stack(person.id):
            self.views.close(view)
        opened = [each.id for each in self.views.stack(person.id) if each.id not in before]
        return {"closed": [view.id], "view_opened": opened[-1] if opened else None}

    def _rejected(self, view: View, errors: Json) -> Json:
        """Show the app's errors; Slack refuses errors for blocks that are not inputs of the view."""
        inputs = {part.block_id for part in placed(view.blocks) if part.block.get("type") == "input"}
        if not errors or not set(errors) <= inputs:
            raise SlackError("invalid_errors")
        self.views.complain(view, {block: str(text) for block, text in errors.items()})
        return {"ok": False, "errors": view.errors}

    def _response_urls(self, view: View) -> list[Json]:
        """Return the response_urls of selects that ask for one."""
        found: list[Json] = []
        for part in placed(view.blocks):
            channel = view.values().get(part.block_id, {}).get(part.action_id, {}).get(part.member)
            if part.element.get("response_url_enabled") and isinstance(channel, str):
                url = self.payloads.url(self.responses.issue(channel, view.person))
                about = {"block_id": part.block_id, "action_id": part.action_id, "channel_id": channel}
                found.append(about | {"response_url": url})
        return found

    async def _gesture(self, person: Person, payload: Json) -> Json:
        """Send an interaction whose answer's body Slack ignores."""
        try:
            await self._send("interactive", payload)
        except NotDelivered as error:
            return self._trouble(person, error.code)
        return {"ok": True, "dispatched": True}

    async def _send(self, kind: Kind, payload: Json) -> Json | None:
        if self.faults.strikes("duplicate_interactions"):
            self._later(self.outbound.send(kind, payload))
        return await self.outbound.send(kind, payload)

    def _later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run the sending in the background, whatever becomes of it."""
        task = asyncio.get_running_loop().create_task(_unheeded(work))
        self._again.add(task)
        task.add_done_callback(self._again.discard)

    def _trouble(self, person: Person, code: str) -> Json:
        self.stream.tell([person.id], {"kind": "toast", "text": TROUBLE, "tone": "error", "error": code})
        return {"ok": False, "error": code, "shown": TROUBLE}

    def _command_failed(self, person: Person, channel: Channel, command: str, code: str) -> Json:
        shown = f'{command} failed with the error "{code}"'
        self.slackbot(person, channel, shown)
        self.stream.tell([person.id], {"kind": "toast", "text": shown, "tone": "error", "error": code})
        return {"ok": False, "error": code, "shown": shown}


async def _unheeded(work: Coroutine[Any, Any, Any]) -> None:
    """Await a sending that nobody waits for."""
    try:
        await work
    except NotDelivered:
        return


def _says_something(answer: Json) -> bool:
    """Whether the app's answer to a command is a message."""
    return any(answer.get(name) for name in ("text", "blocks", "attachments"))
