"""What a message may say: the content of chat.*, of a response_url and of a command's answer, checked once, here.

Slack's clients send blocks as JSON or as a JSON string, and so does `draft` take them. What comes back is complete:
every block has a block_id and every element an action_id, because people will press them by those.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .elements import VALUE_MEMBER
from .errors import SlackError
from .validation import Problem, check_blocks, check_metadata, error_messages, slack_error
from .wire import Json, compact, parsed

LONGEST_TEXT = 40_000
LONGEST_MARKDOWN = 12_000
MOST_ATTACHMENTS = 100
INTERACTIVE = frozenset({"button", "workflow_button", "icon_button", *VALUE_MEMBER})


@dataclass(frozen=True)
class Content:
    """What was said; None means that nothing was said about it, `[]` and `{}` that it shall go."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None
    metadata: Json | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.text or self.blocks or self.attachments)


def draft(body: Json) -> Content:
    """Return the checked content of a call's arguments. Raises SlackError with Slack's code for what is wrong."""
    blocks, attachments = _list(body, "blocks"), _list(body, "attachments")
    text = body.get("text")
    if text is not None and not isinstance(text, str):
        text = str(text)
    if markdown := body.get("markdown_text"):
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        text, blocks = _markdown(str(markdown))
    _check(blocks, attachments)
    return Content(text, completed(blocks), _attachments(attachments), _metadata(body.get("metadata")))


def completed(blocks: list[Json] | None) -> list[Json] | None:
    """Return the blocks with an id wherever Slack would invent one."""
    if blocks is None:
        return None
    for block in blocks:
        if not block.get("block_id"):
            block["block_id"] = _short_id()
        _name_elements(block)
    return blocks


def refusal(problems: list[Problem], code: str) -> SlackError:
    """Return the error Slack gives for these problems."""
    messages = error_messages(problems)
    extra: Json = {"errors": [m.removeprefix("[ERROR] ") for m in messages]} if code == "invalid_blocks" else {}
    return SlackError(code, **extra, response_metadata={"messages": messages})


def _check(blocks: list[Json] | None, attachments: list[Json] | None) -> None:
    if blocks:
        problems = check_blocks(blocks, surface="message")
        if problems:
            raise refusal(problems, slack_error(problems, kind="blocks"))
    if attachments and len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")


def _attachments(attachments: list[Json] | None) -> list[Json] | None:
    """Return the attachments numbered, their blocks checked and completed."""
    for number, attachment in enumerate(attachments or [], start=1):
        attachment.setdefault("id", number)
        if attachment.get("blocks"):
            _check(attachment["blocks"], None)
            completed(attachment["blocks"])
    return attachments


def _markdown(text: str) -> tuple[str, list[Json]]:
    """Return text and blocks of a markdown_text."""
    if len(text) > LONGEST_MARKDOWN:
        raise SlackError("msg_too_long")
    return text, [{"type": "markdown", "text": text}]


def _metadata(given: object) -> Json | None:
    """Return the metadata, `{}` to remove it, None when nothing was said."""
    metadata = parsed(given) if isinstance(given, str) and given else given
    if given in (None, ""):
        return None
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    problems = check_metadata(metadata) if metadata else []
    if problems:
        raise refusal(problems, slack_error(problems, kind="metadata"))
    return metadata


def _list(body: Json, name: str) -> list[Json] | None:
    """Return a list argument that may have come as a JSON string."""
    given = body.get(name)
    if given is None or given == "":
        return None
    found = parsed(given) if isinstance(given, str) else parsed(compact(given))
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise SlackError("invalid_blocks_format" if name == "blocks" else "invalid_attachments")
    return found


def _name_elements(part: object) -> None:
    """Give every interactive element within an action_id."""
    if isinstance(part, list):
        for each in part:
            _name_elements(each)
    elif isinstance(part, dict):
        if part.get("type") in INTERACTIVE and not part.get("action_id"):
            part["action_id"] = _short_id()
        for name in ("elements", "element", "accessory", "blocks", "child_blocks", "actions"):
            _name_elements(part.get(name))


def _short_id() -> str:
    """Return an id as short as Slack's own."""
    return secrets.token_urlsafe(4)[:5]
