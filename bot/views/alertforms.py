"""The windows that ask to whom alerts are given and why they are over, and what is said where they are not."""

from collections.abc import Sequence

from bot.domain.alertgroup import named
from bot.views.forms import modal
from bot.views.kit import Block, Message, actions, button, outside, plain, said, section

MOST_WORDS = 300


def assign(group: int, channel: str) -> Block:
    """Return the window that asks who is to be at it."""
    who: Block = {"type": "users_select", "action_id": "person", "placeholder": plain("Choose somebody")}
    hint = "They are at it from then on, and are mentioned in the thread once."
    row: Block = {
        "type": "input",
        "block_id": "person",
        "label": plain("Who is at it?"),
        "element": who,
        "hint": plain(hint),
    }
    return modal("assign", f"Assign alert group {group}", "Assign", [row], about=str(group), channel=channel)


def resolve(group: int, channel: str) -> Block:
    """Return the window that asks why it is over."""
    why: Block = {
        "type": "plain_text_input",
        "action_id": "why",
        "multiline": True,
        "max_length": 1000,
        "placeholder": plain("The host was taken out of service", 150),
    }
    row: Block = {"type": "input", "block_id": "why", "label": plain("Why is it over?"), "element": why}
    return modal("resolve", f"Resolve alert group {group}", "Resolve", [row], about=str(group), channel=channel)


def still_fires(group: int, firing: Sequence[str], *, silenceable: bool) -> Message:
    """Return what is said to whoever wants to resolve what still fires: what that is, and what can be done instead."""
    verb = "fires" if len(firing) == 1 else "fire"
    words = (
        f"*{outside(named(firing), MOST_WORDS)}* still {verb}, so it is not over. It is resolved by itself when the "
        "monitor says so."
    )
    if not silenceable:
        return said([section(words)])
    words += " Silence it, if nobody is to hear of it until then."
    return said([section(words), *actions([button("silence", "Silence…", group)])])
