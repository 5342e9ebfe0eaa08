"""A graph in Slack: the picture, what it shows in words, and why there is none where there is none."""

from bot.domain.graph import State, Wanted
from bot.views.kit import Block, Message, clip, code, context, escape, fitted, outside, section, spoken

MOST_SAID = 1900  # characters; Slack takes 2,000


def shown(graph: Wanted, *, name: str) -> Message:
    """Return the message that shows a graph; `name` is of who asked for it, if somebody did."""
    asked = [context(f"asked by {outside(name, 80)}")] if name else []
    if graph.state is not State.DRAWN or graph.file is None:
        words = f"There is no picture of *{outside(graph.wish.title)}*: {outside(graph.said, 300)}."
        return Message(spoken([section(words)]), fitted([section(words), *asked]))
    return Message(escape(clip(graph.said, MOST_SAID)), fitted([_picture(graph), *(asked or _expression(graph))]))


def _picture(graph: Wanted) -> Block:
    return {
        "type": "image",
        "title": {"type": "plain_text", "text": clip(graph.wish.title, 150), "emoji": False},
        "slack_file": {"id": graph.file},
        "alt_text": clip(graph.said, MOST_SAID),
    }


def _expression(graph: Wanted) -> list[Block]:
    """Say what an alert's graph shows: an expression is written for who knows it, and no picture has room for it."""
    return [context(code(panel.title, 300)) for panel in graph.wish.panels[:1]]


def missing(graph: Wanted) -> list[Block]:
    """Return the line on an alert's card that says why it has no graph; none where it has one, or will."""
    return [context(f"No graph: {outside(graph.said, 200)}")] if graph.state is State.FAILED else []
