"""What a payload of Slack's says, in our words. Its shape has been checked by the guard."""

import json
from typing import Any

from bot.domain.errors import Refused

Body = dict[str, Any]


def meant(action: Body) -> tuple[str, object]:
    """Return the action of a button and its value; a menu of buttons (`kit.menu`) says both in what was chosen."""
    if action.get("type") != "overflow":
        return str(action["action_id"]), action.get("value")
    name, _, value = str((action.get("selected_option") or {}).get("value", "")).partition(":")
    return name, value


def thread_of(body: Body) -> str | None:
    """Return the message in whose thread something was pressed, or None."""
    container = body.get("container") or {}
    thread = container.get("thread_ts")
    return str(thread) if thread and thread != container.get("message_ts") else None


def id_of(body: Body) -> str:
    """Return the id of an event, which is the same when Slack tells it again."""
    return str(body.get("event_id") or "")


def is_talk(event: Body) -> bool:
    """Whether a message is a person's, and new: not a bot's, not an edit."""
    return event.get("subtype") in {None, "thread_broadcast"} and not event.get("bot_id")


def about(view: Body) -> Body:
    """Return what we wrote into a view when we opened it; one of another version of ours may say something else."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Filled(dict[str, str | tuple[str, ...] | None]):
    """What was filled in; an input that is not there was not in that window when it was opened."""

    def __missing__(self, name: str) -> str:
        raise Refused(f"That window has no “{name}”: it is from another time. Please open it anew.")


def values(view: Body) -> Filled:
    """Return what was filled in, by action id, as plain words."""
    found = Filled()
    for inputs in view["state"]["values"].values():
        for action_id, state in inputs.items():
            found[action_id] = _value(state)
    return found


def _value(state: Body) -> str | tuple[str, ...] | None:
    if "selected_options" in state:
        return tuple(str(one["value"]) for one in state["selected_options"] or [])
    if "selected_user" in state:
        return str(state["selected_user"]) if state["selected_user"] else None
    if "selected_option" in state:
        chosen = state["selected_option"]
        return str(chosen["value"]) if chosen else None
    written = state.get("value")
    return str(written) if written is not None else None
