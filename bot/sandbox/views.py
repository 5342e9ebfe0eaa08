"""Windows in front of people: a stack of at most three modals each, and everybody's App Home.

What a person typed survives `views.update` only where block_id, action_id and type stay the same, as in Slack. Open
modals live in memory (they go when the browser goes); the App Home is kept.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from . import cast
from .drafts import completed, refusal
from .elements import state, surviving
from .errors import SlackError
from .store import Store
from .stream import Stream
from .validation import check_view, slack_error
from .wire import Json, compact, parsed
from .workspace import Workspace, new_id

MOST_MODALS = 3
FIELDS = (
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "private_metadata",
    "callback_id",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
)


@dataclass
class View:
    """One window; `body` is what the app sent, `recorded` what the person entered, by block and action."""

    id: str
    person: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    recorded: Json = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks."""
        blocks: list[Json] = self.body["blocks"]
        return blocks

    def values(self) -> Json:
        """Return `state.values`."""
        return state(self.blocks, self.recorded)

    def shown(self) -> Json:
        """Return the view object of payloads and answers."""
        optional = {"title": None, "submit": None, "close": None, "private_metadata": "", "callback_id": ""}
        flags = {"external_id": "", "clear_on_close": False, "notify_on_close": False, "submit_disabled": False}
        return {
            "id": self.id,
            "team_id": cast.TEAM,
            "app_id": cast.APP,
            "app_installed_team_id": cast.TEAM,
            "bot_id": cast.BOT,
            **optional,
            **flags,
            **self.body,
            "state": {"values": self.values()},
            "hash": self.hash,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id,
        }


class Views:
    """All open windows."""

    def __init__(self, store: Store, workspace: Workspace, stream: Stream) -> None:
        self._store = store
        self._workspace = workspace
        self._stream = stream
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        for record in store.all("home"):
            self._homes[record["person"]] = View(**record)

    def stack(self, person: str) -> list[View]:
        """Return the person's open modals, the top one last."""
        return self._stacks.get(person, [])

    def home(self, person: str) -> View | None:
        """Return what the app published for the person."""
        return self._homes.get(person)

    def find(self, view_id: str) -> View | None:
        """Return the open modal or the home with this id."""
        known = [*(view for stack in self._stacks.values() for view in stack), *self._homes.values()]
        return next((view for view in known if view.id == view_id), None)

    def external(self, external_id: str) -> View | None:
        """Return the open view with the app's own id."""
        known = [view for stack in self._stacks.values() for view in stack]
        return next((view for view in known if external_id and view.body.get("external_id") == external_id), None)

    def open(self, person: str, given: object) -> View:
        """Open a modal in front of the person, in the place of what was open. Raises SlackError."""
        body = self._checked(given, kind="modal")
        view = self._new(person, body)
        self._stacks[person] = [view]
        self._tell(person)
        return view

    def push(self, person: str, given: object) -> View:
        """Put a modal on top. Raises SlackError: push_limit_reached with three open, not_found with none."""
        stack = self.stack(person)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= MOST_MODALS:
            raise SlackError("push_limit_reached")
        view = self._new(person, self._checked(given, kind="modal"))
        view.root_id, view.previous_id = stack[0].id, stack[-1].id
        stack.append(view)
        self._tell(person)
        return view

    def update(self, view: View, given: object, expected_hash: str | None = None) -> View:
        """Change an open view. Raises SlackError: hash_conflict, or what is wrong with the view."""
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        body = self._checked(given, kind=str(view.body["type"]), own=view)
        view.body, view.hash, view.errors = body, self._hash(), {}
        view.recorded = surviving(view.blocks, view.recorded)
        self._tell(view.person)
        return view

    def publish(self, person: str, given: object, expected_hash: str | None = None) -> View:
        """Show the person this App Home. Raises SlackError."""
        known = self._homes.get(person)
        if expected_hash and known is not None and expected_hash != known.hash:
            raise SlackError("hash_conflict")
        body = self._checked(given, kind="home", own=known)
        view = known or self._new(person, body)
        view.body, view.hash = body, self._hash()
        self._homes[person] = view
        record = {name: getattr(view, name) for name in ("id", "person", "body", "hash", "root_id")}
        self._store.put("home", person, record)
        self._stream.tell([person], {"kind": "home", "view": view.shown()})
        return view

    def record(self, view: View, block_id: str, action_id: str, value: Json) -> None:
        """Remember what the person entered."""
        view.recorded.setdefault(block_id, {})[action_id] = value

    def complain(self, view: View, errors: dict[str, str]) -> None:
        """Show errors under the inputs."""
        view.errors = errors
        self._tell(view.person)

    def close(self, view: View) -> list[View]:
        """Close the view and whatever is above it; return what was closed, the top one first."""
        stack = self.stack(view.person)
        place = stack.index(view)
        closed = stack[place:][::-1]
        del stack[place:]
        self._tell(view.person)
        return closed

    def clear(self, person: str) -> list[View]:
        """Close everything in front of the person; return what was closed, the top one first."""
        stack = self.stack(person)
        return self.close(stack[0]) if stack else []

    def shown(self, person: str) -> list[Json]:
        """Return the stack as the driver shows it."""
        return [view.shown() | {"errors": view.errors} for view in self.stack(person)]

    def _checked(self, given: object, *, kind: str, own: View | None = None) -> Json:
        """Return the view's body, valid and complete. Raises SlackError."""
        body = parsed(given) if isinstance(given, str) else parsed(compact(given))
        if not isinstance(body, dict):
            raise SlackError.arguments("invalid view [json-pointer:/view]")
        problems = check_view(body)
        if problems:
            raise refusal(problems, slack_error(problems, kind="view"))
        if body["type"] != kind:
            raise SlackError.arguments(f"must be one of: {kind} [json-pointer:/view/type]")
        same = self.external(body.get("external_id") or "")
        if same is not None and same is not own:
            raise SlackError("duplicate_external_id")
        completed(body["blocks"])
        return {name: body[name] for name in FIELDS if name in body}

    def _new(self, person: str, body: Json) -> View:
        id_ = new_id("V")
        return View(id_, person, body, self._hash(), id_)

    def _hash(self) -> str:
        """Return a new hash, `1700000000.abcdef12`."""
        return f"{int(self._workspace.now())}.{secrets.token_hex(4)}"

    def _tell(self, person: str) -> None:
        self._stream.tell([person], {"kind": "views", "views": self.shown(person)})
