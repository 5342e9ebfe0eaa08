"""The few Block Kit pieces that Slipway's messages are made of, and the escaping of outside words.

Limits are Slack's: a section holds 3,000 characters, a message 50 blocks and some 13,000 characters.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

Block = dict[str, object]

SECTION, MESSAGE_BLOCKS, CONTEXT = 3000, 50, 2000
MESSAGE_TEXT = 12_000  # Slack refuses a message at about 13,200 characters of block text, and does not say so
MENU = 5  # choices that a menu of buttons may have
TAIL = 3  # the decision and the buttons, which stand at the end
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]")
_ISOLATES = re.compile(r"[\u2066-\u2069]")
_LED = re.compile(r"^(?=(?:<https?://[^|>]*\||[^A-Za-z\u2068\n])*\u2068[^\u2069\n]*\u2069.*[A-Za-z])", re.MULTILINE)
_LTR = "\u200e"  # a letter that is not seen, and reads from the left
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


@dataclass(frozen=True, slots=True)
class Message:
    """A message: `text` for notifications, `blocks` for the eye."""

    text: str
    blocks: Sequence[Block] = field(default_factory=tuple)


def escape(text: str) -> str:
    """Return outside words as they are to be read: nothing in them can ping, link or end up as a control character."""
    plain = _ISOLATES.sub("", _CONTROL.sub("", text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"\u2068{plain}\u2069" if _RTL.search(plain) else plain


def clip(text: str, most: int) -> str:
    """Return the text, shortened with an ellipsis to at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


_MARKS = str.maketrans({"`": "ˋ", "*": "∗", "~": "∼"})
_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")


def outside(text: str, most: int = 150) -> str:
    """Return a few outside words within mark-up, on one line: clipped, escaped, and without marks of their own.

    Mark-up cannot be escaped in Slack, so its marks are replaced by their likenesses; longer words from outside go
    into a `literal`, where they stay exactly as they are.
    """
    return _UNDERSCORE.sub("ˍ", escape(clip(" ".join(text.split()), most)).translate(_MARKS))


def code(text: str, most: int = 60) -> str:
    """Return a short outside word in fixed pitch."""
    return f"`{escape(clip(' '.join(text.split()), most)).replace('`', 'ˋ')}`"


def isolated(text: str, most: int) -> str:
    """Return outside words for a `literal` line with others: their direction does not turn the line around."""
    return f"\u2068{_ISOLATES.sub('', clip(' '.join(text.split()), most))}\u2069"


def literal(text: str, most: int = 1000) -> Block:
    """Return outside words as a paragraph that shows them exactly, marks and all."""
    shown = _CONTROL.sub("", clip(text.strip(), most)) or " "
    return {"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}}


def preformatted(text: str) -> Block:
    """Return lines from outside in fixed pitch, as they are but for what turns lines around: nothing is a mark."""
    shown: Block = {"type": "text", "text": _ISOLATES.sub("", _CONTROL.sub("", text)) or " "}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [shown]}]}


def moment(at: datetime, form: str = "{date_short_pretty} {time}") -> str:
    """Return a moment that every reader sees in their own time zone."""
    fallback = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{form}^{fallback}>"


def section(text: str, *, accessory: Block | None = None) -> Block:
    """Return a paragraph."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": whole(_turned(text), SECTION)}}
    return block | ({"accessory": accessory} if accessory else {})


def context(text: str) -> Block:
    """Return a line in small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": whole(_turned(text), CONTEXT)}]}


def _turned(text: str) -> str:
    """Return mark-up whose lines read from the left though one begins with a name that does not.

    Slack's page takes a line's direction from its first letter, and an isolated one counts.
    """
    return _LED.sub(_LTR, text)


def small(text: str, most: int = 1500) -> Block:
    """Return outside words in small print that shows them exactly, marks and all."""
    shown = _CONTROL.sub("", clip(text.strip(), most)) or " "
    return {"type": "context", "elements": [{"type": "plain_text", "text": shown, "emoji": False}]}


def paragraphs(lines: Iterable[str]) -> list[Block]:
    """Return lines as few paragraphs, each as long as Slack lets it be, and no line cut in two."""
    made: list[str] = []
    for line in (whole(one, SECTION) for one in lines):
        if made and len(made[-1]) + 1 + len(line) <= SECTION:
            made[-1] += f"\n{line}"
        else:
            made.append(line)
    return [section(text) for text in made]


def link(url: str | None, words: str) -> str:
    """Return words of ours that lead somewhere, or the bare words where that place is not known."""
    return f"<{url}|{words}>" if url else words


def divider() -> Block:
    """Return a rule."""
    return {"type": "divider"}


def whole(text: str, most: int) -> str:
    """Return mark-up cut at a line's end where it is too long, so that no entity or link is cut in two."""
    if len(text) <= most:
        return text
    kept: list[str] = []
    left = most - 2
    for line in text.split("\n"):
        if len(line) + 1 > left:
            break
        kept.append(line)
        left -= len(line) + 1
    return "\n".join([*kept, "…"])


@dataclass(frozen=True, slots=True)
class Sure:
    """The question that is asked before a button does harm."""

    title: str
    text: str
    yes: str
    no: str = "Not now"


def button(action: str, text: str, value: object, *, style: str | None = None, sure: Sure | None = None) -> Block:
    """Return a button: its action is a word, its value the subject's number."""
    made: Block = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": clip(text, 75), "emoji": True},
        "value": str(value),
    }
    if style:
        made["style"] = style
    if sure:
        made["confirm"] = {
            "title": {"type": "plain_text", "text": clip(sure.title, 100)},
            "text": {"type": "plain_text", "text": clip(sure.text, 300)},
            "confirm": {"type": "plain_text", "text": clip(sure.yes, 30)},
            "deny": {"type": "plain_text", "text": clip(sure.no, 30)},
        }
    return made


def actions(buttons: Iterable[Block], *, block_id: str | None = None) -> list[Block]:
    """Return a row of buttons, or nothing where there are none."""
    made = list(buttons)
    if not made:
        return []
    row: Block = {"type": "actions", "elements": made}
    return [row | ({"block_id": block_id} if block_id else {})]


def toolbar(buttons: Sequence[Block], *, most: int = 4) -> list[Block]:
    """Return a row of so many buttons and a menu of the rest: more in a row are a wall on a phone.

    A menu asks no question before it acts, so a button that does (`Sure`) stays in the row, however many there are. In
    a menu's choice stand the button's action and value: `silence:7`.
    """
    shown = [one for place, one in enumerate(buttons) if place < most or "confirm" in one or "url" in one]
    rest = [one for one in buttons if one not in shown]
    menus = [rest[start : start + MENU] for start in range(0, len(rest), MENU)]
    return actions([*shown, *(_menu(number, some) for number, some in enumerate(menus))])


def _menu(number: int, buttons: Sequence[Block]) -> Block:
    choices = [{"text": one["text"], "value": f"{one['action_id']}:{one['value']}"} for one in buttons]
    return {"type": "overflow", "action_id": f"more-{number}", "options": choices}


def fitted(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks, some before the end left out where they are more, or longer, than a message holds."""
    head, tail = list(blocks[:-TAIL]), list(blocks[-TAIL:])
    kept: list[Block] = []
    room = MESSAGE_TEXT - sum(_length(block) for block in tail)
    for block in head:
        room -= _length(block)
        if room < 0 or len(kept) + TAIL + 1 >= MESSAGE_BLOCKS:
            return [*kept, context(f"… {len(head) - len(kept)} more parts are left out here."), *tail]
        kept.append(block)
    return [*kept, *tail]


def said(blocks: Sequence[Block]) -> Message:
    """Return the blocks as a message whose text says what they say."""
    return Message(spoken(blocks), fitted(blocks))


def spoken(blocks: Sequence[Block], most: int = 3000) -> str:
    """Return what blocks say as text alone, for notifications and for who has it read out."""
    return whole("\n".join(line for block in blocks for line in _lines(block)), most)


_LINK, _OURS = re.compile(r"<https?://[^|>]*\|([^>]*)>"), str.maketrans("", "", "*`")


def _lines(block: Block) -> list[str]:
    """Return what a block says, as text: without our marks, and with outside words escaped."""
    elements = block.get("elements")
    if block["type"] == "rich_text":
        return [escape(line) for line in _letters(elements)]
    parts = [block.get("text"), *(elements if isinstance(elements, list) and block["type"] == "context" else [])]
    lines = []
    for part in parts:
        match part:
            case {"type": "mrkdwn", "text": str(text)}:
                lines.append(_LINK.sub(r"\1", text).translate(_OURS))
            case {"type": "plain_text", "text": str(text)}:
                lines.append(escape(text))
            case _:
                pass  # buttons and pictures
    return lines


def _letters(thing: object) -> list[str]:
    """Return the lines of text within rich text."""
    match thing:
        case {"type": "text", "text": str(text)}:
            return text.split("\n")
        case {"elements": elements}:
            return _letters(elements)
        case list():
            return [line for part in thing for line in _letters(part)]
        case _:
            return []


def _length(thing: object) -> int:
    """Return how many characters of text a block, or a part of one, holds."""
    match thing:
        case {"text": str(text)}:
            return len(text)
        case dict():
            return sum(_length(part) for part in thing.values())
        case list():
            return sum(_length(part) for part in thing)
        case _:
            return 0


def plain(text: str, most: int = 75) -> Block:
    """Return a text that is shown as it is."""
    return {"type": "plain_text", "text": clip(text, most), "emoji": True}


def option(text: str, value: str, description: str = "") -> Block:
    """Return a choice of a select."""
    made: Block = {"text": plain(text), "value": clip(value, 150)}
    return made | ({"description": plain(description)} if description else {})
