"""The line in a thread that says which alerts have joined or ended. It calls nobody."""

from collections.abc import Sequence

from bot.domain.joining import Turn
from bot.views.kit import Message, context, outside, said


def line(turn: Turn) -> Message:
    """Return the line."""
    parts = []
    if turn.joined:
        parts.append(f"🔥 {_counted(turn.joined, 'more fires', 'more fire')}: {_names(turn.named_joined, turn.joined)}")
    if turn.ended:
        parts.append(f"✅ {turn.ended} resolved: {_names(turn.named_ended, turn.ended)}")
    if turn.over:
        parts.append("nothing fires any more")
    return said([context(" · ".join(parts))])


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _names(names: Sequence[str], count: int) -> str:
    more = f" and {count - len(names)} more" if count > len(names) else ""
    return ", ".join(outside(name, 80) for name in names) + more
