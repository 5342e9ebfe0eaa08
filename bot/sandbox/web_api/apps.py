"""What is about the app rather than the workspace: Socket Mode, the manifest, blocks.validate, api.test; and the stubs.

Files and canvases are refused with codes Slack documents for workspaces that have switched them off, so an app meets
the refusal it must be able to bear.
"""

from __future__ import annotations

from bot.sandbox.errors import SlackError
from bot.sandbox.validation import Problem, check_blocks, check_manifest, check_view
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.wire import Json, parsed


def api_test(call: Call) -> Json:
    """Answer api.test: what was sent comes back, and `error` is the error."""
    if error := call.given("error"):
        raise SlackError(error, args=call.arguments)
    return {"args": call.arguments}


def open_connection(call: Call) -> Json:
    """Answer apps.connections.open."""
    address = call.slack.config.base_url.replace("http", "ws", 1)
    return {"url": call.slack.sockets.ticket(address)}


def validate_manifest(call: Call) -> Json:
    """Answer apps.manifest.validate."""
    manifest = call.json("manifest")
    problems = check_manifest(manifest)
    if problems:
        errors = [{"message": problem.words, "pointer": problem.pointer} for problem in problems]
        raise SlackError("invalid_manifest", errors=errors)
    return {"errors": []}


def validate_blocks(call: Call) -> Json:
    """Answer blocks.validate: exactly one of blocks, message and view."""
    given = [name for name in ("blocks", "message", "view") if call.given(name)]
    if len(given) != 1:
        words = "must provide exactly one of `blocks`, `view`, or `message`"
        raise SlackError("invalid_arguments", response_metadata={"messages": [words]})
    name = given[0]
    problems = _problems(name, call.json(name))
    if problems:
        under = "/view" if name == "view" else "/blocks"
        raise SlackError(f"invalid_{name}", errors=[problem.as_entry(under=under) for problem in problems])
    return {}


def _problems(name: str, value: object) -> list[Problem]:
    match name, value:
        case "view", _:
            return check_view(value)
        case "message", {"blocks": blocks}:
            return check_blocks(parsed(blocks) if isinstance(blocks, str) else blocks, surface="message")
        case "message", dict():
            return []
        case _:
            return check_blocks(value, surface="message")


def no_canvases(_call: Call) -> Json:
    """Refuse: this workspace is on the free plan."""
    raise SlackError("free_teams_cannot_create_standalone_canvases")


def no_channel_canvas(_call: Call) -> Json:
    """Refuse: this workspace is on the free plan."""
    raise SlackError("team_tier_cannot_create_channel_canvases")


def no_such_canvas(_call: Call) -> Json:
    """Refuse: there are no canvases."""
    raise SlackError("canvas_not_found")


CANVASES = ("canvases:write",)
METHODS = (
    Method("api.test", api_test, token="none"),  # noqa: S106 - the kind of a token, not one
    Method("blocks.validate", validate_blocks, token="none"),  # noqa: S106 - the same
    Method("apps.connections.open", open_connection, token="app"),  # noqa: S106 - the same
    Method("apps.manifest.validate", validate_manifest, required=("manifest",), token="any"),  # noqa: S106 - the same
    Method("canvases.create", no_canvases, CANVASES),
    Method("canvases.edit", no_such_canvas, CANVASES, ("canvas_id", "changes")),
    Method("conversations.canvases.create", no_channel_canvas, CANVASES, ("channel_id",)),
)
