"""Slack's views: a modal or an App Home tab around a list of blocks."""

import json
from collections.abc import Iterator, Mapping

from bot.sandbox.validation.composition import plain
from bot.sandbox.validation.problem import VIEW_TOO_LARGE, Problem, at, wrong
from bot.sandbox.validation.shape import Check, Thing, anything, boolean, by_type, enum, listed, string, thing
from bot.sandbox.validation.surface import check_list

MOST_BYTES = 250_000

_ANY: dict[str, Check] = {
    "blocks": anything,
    "private_metadata": string(least=0, most=3000),
    "callback_id": string(least=0, most=255),
    "external_id": string(least=0, most=255),
}
_MODAL: dict[str, Check] = {
    "type": enum("modal"),
    "title": plain(24),
    "submit": plain(24),
    "close": plain(24),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
}
_VIEW = by_type(
    {
        "modal": thing(_MODAL | _ANY, required=["title", "blocks"]),
        "home": thing({"type": enum("home")} | _ANY, required=["blocks"]),
    }
)


def check_view(view: object) -> list[Problem]:
    """Find everything Slack would refuse in this view; pointers begin with `/view`."""
    problems = list(_VIEW(view, "/view"))
    if isinstance(view, Mapping) and view.get("type") in {"modal", "home"} and "blocks" in view:
        problems += check_list(view["blocks"], "/view/blocks", "modal" if view["type"] == "modal" else "home")
        problems += _submittable(view)
        problems += _size(view)
    return problems


def _submittable(view: Thing) -> Iterator[Problem]:
    """Require that a modal which asks for input says what its button is called; a home tab has no such button."""
    if view["type"] != "modal" or "submit" in view:
        return
    for index, block in enumerate(listed(view, "blocks")):
        if isinstance(block, Mapping) and block.get("type") == "input":
            place = at(f"/view/blocks/{index}", "input")
            yield wrong(place, "must define `submit` to use an `input` block in modals", "required")


def _size(view: Thing) -> Iterator[Problem]:
    size = len(json.dumps(view, ensure_ascii=False, separators=(",", ":"), default=str).encode())
    if size > MOST_BYTES:
        words = f"the view must be at most {MOST_BYTES} bytes, not {size}"
        yield wrong("/view", words, "max_bytes", expected=MOST_BYTES, code=VIEW_TOO_LARGE)
