"""The inputs that modals are made of. Every input's block and action bear the name of the value they give."""

from collections.abc import Sequence

from bot.views.kit import Block, plain


def row(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    """Return an input with its label."""
    block: Block = {"type": "input", "block_id": name, "label": plain(label, 2000), "element": element}
    if hint:
        block["hint"] = plain(hint, 2000)
    return block | ({"optional": True} if optional else {})


def select(name: str, options: Sequence[Block], *, many: bool = False, initial: Block | None = None) -> Block:
    """Return a choice of one, or of many."""
    made: Block = {
        "type": "multi_static_select" if many else "static_select",
        "action_id": name,
        "options": list(options),
    }
    return made | ({"initial_option": initial} if initial else {})


def text(name: str, placeholder: str, *, most: int, many: bool = False, initial: str = "") -> Block:
    """Return a field to write in."""
    made: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": many,
        "max_length": most,
        "placeholder": plain(placeholder, 150),
    }
    return made | ({"initial_value": initial[:most]} if initial else {})


def checks(name: str, options: Sequence[Block]) -> Block:
    """Return boxes to tick."""
    return {"type": "checkboxes", "action_id": name, "options": list(options)}
