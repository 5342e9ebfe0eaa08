"""The message above what programs printed; the pages are in its thread, drawn as every log is."""

from bot.domain.duration import spoken
from bot.domain.excerpt import Excerpt
from bot.views.kit import Message, context, moment, outside, said, section


def head(excerpt: Excerpt, *, name: str) -> Message:
    """Return what was asked for, by whom, and how much there is."""
    printed = f"📜 *{outside(str(excerpt.target))}* · what it printed in the last {spoken(excerpt.span)}"
    when = f"{moment(excerpt.since, '{time}')} to {moment(excerpt.until, '{time}')}"
    return said([section(printed), context(f"asked by {outside(name, 80)} · {when} · {_amount(excerpt)}")])


def _amount(excerpt: Excerpt) -> str:
    pages = len(excerpt.pages)
    if not pages:
        return "nothing was printed; `--since` looks further back"
    count = "1 page" if pages == 1 else f"{pages} pages"
    return f"the newest {count}; there is more" if excerpt.more else f"{count} in the thread"
