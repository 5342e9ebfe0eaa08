"""What a person's client makes of typed text before it is sent: entities escaped, mentions turned into mark-up."""

from __future__ import annotations

import re

from .workspace import Workspace

MARKUP = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!(?:channel|here|everyone)|!subteam\^S[A-Z0-9]+|https?://[^<>|\s]+)(?:\|[^<>]*)?>"
)
TYPED = re.compile(r"(?<![\w<@#])(?P<sign>[@#])(?P<word>[\w.-]*\w)")
BROADCASTS = ("channel", "here", "everyone")


def sent(text: str) -> str:
    """Return the text of a post as Slack stores it: mark-up kept, every other `&`, `<` and `>` escaped."""
    parts, end = [], 0
    for mark in MARKUP.finditer(text):
        parts += [_entities(text[end : mark.start()]), mark[0]]
        end = mark.end()
    return "".join([*parts, _entities(text[end:])])


def escaped(workspace: Workspace, text: str) -> str:
    """Return a command's text with `should_escape`: people and channels as `<@U…|name>` and `<#C…|name>`."""
    return TYPED.sub(lambda typed: _marked(workspace, typed["sign"], typed["word"]) or typed[0], sent(text))


def _marked(workspace: Workspace, sign: str, word: str) -> str | None:
    """Return the mark-up of one typed word, None when it means nobody."""
    if sign == "#":
        channel = workspace.channel_named(word)
        return f"<#{channel.id}|{channel.name}>" if channel and channel.is_public else None
    if word in BROADCASTS:
        return f"<!{word}>"
    if group := workspace.group_named(word):
        return f"<!subteam^{group.id}|@{group.handle}>"
    person = workspace.person_named(word)
    return f"<@{person.id}|{person.handle}>" if person else None


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
