"""views.*: windows in front of people, by a trigger that is three seconds young and unused."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.errors import SlackError
from bot.sandbox.views import View
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json


def open_(call: Call) -> Json:
    """Answer views.open."""
    return _triggered(call, call.slack.views.open)


def push(call: Call) -> Json:
    """Answer views.push."""
    return _triggered(call, call.slack.views.push)


def update(call: Call) -> Json:
    """Answer views.update, by view_id or the app's own external_id."""
    if not call.given("view_id") and not call.given("external_id"):
        raise SlackError.arguments("missing required field: view_id or external_id")
    views = call.slack.views
    view = views.find(call.text("view_id")) if call.given("view_id") else views.external(call.text("external_id"))
    if view is None:
        raise SlackError("not_found")
    return {"view": views.update(view, call.json("view"), call.given("hash")).shown()}


def publish(call: Call) -> Json:
    """Answer views.publish."""
    person = call.slack.workspace.people.get(call.text("user_id"))
    if person is None or person.is_bot:
        raise SlackError.arguments("invalid `user_id`")
    return {"view": call.slack.views.publish(person.id, call.json("view"), call.given("hash")).shown()}


def _triggered(call: Call, show: Callable[[str, object], View]) -> Json:
    """Show the view to whoever the trigger belongs to, and spend the trigger."""
    trigger = call.given("trigger_id") or call.given("interactivity_pointer")
    if trigger is None:
        raise SlackError.arguments("missing required field: trigger_id")
    view = show(call.slack.triggers.person(trigger), call.json("view"))
    call.slack.triggers.spend(trigger)
    return {"view": view.shown()}


METHODS = (
    Method("views.open", open_, required=("view",)),
    Method("views.push", push, required=("view",)),
    Method("views.update", update, required=("view",)),
    Method("views.publish", publish, required=("user_id", "view")),
)
