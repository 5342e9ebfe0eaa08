"""Who a message mentions: what decides whether an unread mark is a number or only bold.

Only mark-up that Slack would turn into a ping counts: `<@U…>`, `<!channel>`, `<!here>`, `<!everyone>` and
`<!subteam^S…>` in mrkdwn, and the user, usergroup and broadcast elements of rich text. The same words in plain_text or
escaped (`&lt;!channel&gt;`) are letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .model import Channel, Message
from .wire import Json
from .workspace import Workspace

MARKS = re.compile(
    r"<(?:@(?P<user>[UW][A-Z0-9]+)|!(?P<broadcast>channel|here|everyone)|!subteam\^(?P<group>S[A-Z0-9]+))(?:\|[^>]*)?>"
)


def mentioned(workspace: Workspace, channel: Channel, message: Message) -> list[str]:
    """Return the ids of the people the message pings, its author excepted."""
    found: dict[str, None] = {}
    for text in [message.text, *_mrkdwn([*(message.blocks or []), *(message.attachments or [])])]:
        for mark in MARKS.finditer(text):
            found |= dict.fromkeys(_pinged(workspace, channel, mark))
    if channel.is_im:
        found |= dict.fromkeys(channel.members)
    found.pop(message.user, None)
    return [person for person in found if person in workspace.people]


def _pinged(workspace: Workspace, channel: Channel, mark: re.Match[str]) -> list[str]:
    """Return who one mark pings."""
    if user := mark["user"]:
        return [user]
    if group := mark["group"]:
        return list(workspace.groups[group].users) if group in workspace.groups else []
    return list(channel.members)


def _mrkdwn(part: object) -> Iterator[str]:
    """Yield every mrkdwn text of blocks, and rich text's mentions in the form of mrkdwn."""
    if isinstance(part, list):
        for each in part:
            yield from _mrkdwn(each)
    elif isinstance(part, dict):
        yield from _own_text(part)
        for value in part.values():
            if isinstance(value, dict | list):
                yield from _mrkdwn(value)


def _own_text(part: Json) -> Iterator[str]:
    """Yield what one object itself says in mark-up."""
    match part.get("type"):
        case "mrkdwn" | "markdown" if isinstance(part.get("text"), str):
            yield part["text"]
        case "user" if "user_id" in part:
            yield f"<@{part['user_id']}>"
        case "usergroup" if "usergroup_id" in part:
            yield f"<!subteam^{part['usergroup_id']}>"
        case "broadcast" if "range" in part:
            yield f"<!{part['range']}>"
