"""`/slipway help`, App Home, and the answer to a word nobody knows: made from the commands themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.views.kit import Block, Message, context, escape, fitted, paragraphs, said, section


@dataclass(frozen=True, slots=True)
class Line:
    """A command as the help shows it: its word, how its arguments are written, what it does, whether people are named.

    `examples` are shown where all of one word is asked for.
    """

    word: str
    hint: str
    summary: str
    examples: Sequence[str] = ()
    mentions: bool = False


def blocks(lines: Sequence[Line]) -> list[Block]:
    """Return every command in a line: how it is written, and what it does."""
    told = [f"`/{line.word}{escape(line.hint)}` {line.summary}" for line in lines]
    more = "`/deploy help` says more of one of them. Every word works as `/slipway &lt;word&gt;` too."
    return fitted([section("*Slipway* deploys, rolls back, and keeps the record."), *paragraphs(told), context(more)])


def one(line: Line) -> Message:
    """Return all there is to say of one command: its usage, and examples."""
    shown = "\n".join(f"`/{example}`" for example in line.examples)
    return said([section(f"*/{line.word}*{escape(line.hint)}\n{line.summary}\n{shown}".rstrip())])


def page(lines: Sequence[Line]) -> Message:
    """Return the help."""
    return Message("Slipway: " + ", ".join(f"/{line.word}" for line in lines), blocks(lines))
