"""`/slipway help`, App Home, and the answer to a word nobody knows: made from the commands themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.views.kit import Block, Message, context, escape, fitted, section


@dataclass(frozen=True, slots=True)
class Line:
    """A command as the help shows it: its word, how its arguments are written, what it does, examples."""

    word: str
    hint: str
    summary: str
    examples: Sequence[str] = ()


def blocks(lines: Sequence[Line]) -> list[Block]:
    """Return every command with its usage and an example."""
    made: list[Block] = [section("*Slipway* deploys, rolls back, and keeps the record.")]
    for line in lines:
        shown = "\n".join(f"`/{example}`" for example in line.examples)
        made.append(section(f"*/{line.word}*{escape(line.hint)}\n{line.summary}\n{shown}".rstrip()))
    made.append(context("Every word works as `/slipway &lt;word&gt;` too, where its own name is taken."))
    return fitted(made)


def page(lines: Sequence[Line]) -> Message:
    """Return the help."""
    return Message("Slipway: " + ", ".join(f"/{line.word}" for line in lines), blocks(lines))
