"""A page of an operation's log in the thread of its card: literal text, whatever is in it."""

from bot.views.kit import Message, clip, escape, preformatted


def page(text: str, number: int, *, target: str, last: bool) -> Message:
    """Return one page; the last page that fits says where the rest is."""
    blocks = [preformatted(text)]
    if last:
        blocks.append(
            {
                "type": "context",
                "elements": [{"type": "plain_text", "text": "The log is longer; the rest stays where it was written."}],
            }
        )
    first = clip(" ".join(text.split()), 120)
    return Message(f"Log of {target}, page {number}: {escape(first)}", blocks)
