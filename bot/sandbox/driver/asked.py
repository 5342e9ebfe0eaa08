"""What a driver call asks for: its fields, looked up, with a sentence for each way of getting them wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.elements import Placed
from bot.sandbox.errors import DriverError
from bot.sandbox.model import Channel, Message, Person
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.views import View
from bot.sandbox.wire import Json, parsed

WHO = "as"
"""Who asks; every call may say it."""
BAD, FOREIGN, MISSING, CONFLICT = 400, 403, 404, 409


@dataclass(frozen=True)
class Asked:
    """One driver call: query and body together."""

    slack: Sandbox
    fields: Json

    def given(self, name: str) -> str | None:
        """Return a field as text, None when absent or empty."""
        value = self.fields.get(name)
        return None if value is None or value == "" else str(value)

    def text(self, name: str) -> str:
        """Return a field as text. Raises DriverError when absent."""
        value = self.given(name)
        if value is None:
            raise DriverError(BAD, f"The field {name!r} is missing.")
        return value

    def person(self, name: str = "as") -> Person:
        """Return the person an id or handle names. Raises DriverError naming who there is."""
        word = self.text(name)
        person = self.slack.workspace.person_named(word)
        if person is None:
            known = ", ".join(f"{p.id} ({p.handle})" for p in self.slack.workspace.people.values())
            raise DriverError(MISSING, f"{name} is {word!r}, but there is nobody of that id; there are {known}.")
        return person

    def actor(self) -> Person:
        """Return the person of `as`; bots do nothing by hand."""
        person = self.person()
        if person.is_bot:
            raise DriverError(BAD, f"as is {person.id!r}, which is the bot; it acts by the Web API.")
        if person.deleted:
            raise DriverError(CONFLICT, f"as is {person.id!r}, whose account is deactivated; nobody acts by it.")
        return person

    def channel(self, viewer: Person | None = None) -> Channel:
        """Return the channel an id, a name or a person's id names, if the viewer may see it. Raises DriverError."""
        word = self.text("channel")
        workspace = self.slack.workspace
        if viewer is not None and word in workspace.people:
            return workspace.direct([viewer.id, word])
        channel = workspace.channel_named(word)
        if channel is None or (viewer is not None and not workspace.may_see(viewer.id, channel)):
            known = ", ".join(f"{c.id} ({c.name})" for c in workspace.channels.values() if c.is_public)
            raise DriverError(MISSING, f"channel is {word!r}, but there is no such channel; there are {known}.")
        return channel

    def message(self, channel: Channel, viewer: Person, name: str = "ts") -> Message:
        """Return the message as the viewer sees it. Raises DriverError."""
        ts = self.text(name)
        message = self.slack.workspace.messages.find(channel.id, ts)
        if message is None or not message.visible_to(viewer.id):
            raise DriverError(MISSING, f"{name} is {ts!r}, but {viewer.handle} sees no such message in {channel.id}.")
        return message

    def view(self, viewer: Person) -> View:
        """Return the viewer's open view (or App Home). Raises DriverError naming those that are open."""
        view_id = self.text("view_id")
        view = self.slack.views.find(view_id)
        if view is None or view.person != viewer.id:
            known = ", ".join(v.id for v in self.slack.views.stack(viewer.id)) or "none"
            raise DriverError(MISSING, f"view_id is {view_id!r}, which {viewer.handle} has not open; open: {known}.")
        return view

    def resolve(self, member: str, word: str) -> str:
        """Return the id of a person or channel that is to be chosen. Raises DriverError."""
        workspace = self.slack.workspace
        if member == "selected_user":
            return Asked(self.slack, {"value": word}).person("value").id
        if member == "selected_conversation" and word in workspace.people:
            return word
        return Asked(self.slack, {"channel": word}).channel().id

    def offered(self, viewer: Person, part: Placed) -> list[Json]:
        """Return the options the app has suggested to this person for an external select."""
        return self.slack.interactions.suggested.get((viewer.id, part.action_id), [])


@dataclass(frozen=True)
class Ask:
    """One call of the driver: what answers it, and the fields it may have (None: it checks them itself)."""

    answer: Callable[[Asked], Awaitable[object]]
    fields: str | None = ""

    def check(self, given: Json) -> None:
        """Raise DriverError naming a field that the call does not have, and those that it has."""
        if self.fields is None:
            return
        known = self.fields.split()
        for name in given:
            if name not in known and name != WHO:
                raise DriverError(BAD, f"There is no field {name!r} here; there are {', '.join(known) or 'none'}.")


def endpoint(slack: Sandbox, ask: Ask) -> Callable[[Request], Awaitable[Response]]:
    """Return Starlette's endpoint for one driver call."""

    async def serve(request: Request) -> Response:
        try:
            _at_home(request)
            fields = await _fields(request)
            ask.check(fields)
            return JSONResponse(await ask.answer(Asked(slack, fields)))
        except DriverError as error:
            return JSONResponse({"ok": False, "error": error.sentence}, error.status)

    return serve


def _at_home(request: Request) -> None:
    """Raise DriverError when a website elsewhere makes a browser call; scripts send no Origin."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise DriverError(FOREIGN, f"Origin is {origin!r}, but only this local Slack's own page may drive it.")


async def _fields(request: Request) -> Json:
    """Return the fields of query and JSON body. Raises DriverError when the body is not a JSON object."""
    raw = await request.body()
    body = parsed(raw) if raw.strip() else {}
    if not isinstance(body, dict):
        raise DriverError(BAD, "The body must be a JSON object.")
    return dict(request.query_params) | body
