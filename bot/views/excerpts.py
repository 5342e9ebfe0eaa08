"""The message above what programs printed; the pages are in its thread, drawn as every log is."""

from dataclasses import dataclass

from bot.domain.duration import spoken
from bot.domain.excerpt import Excerpt
from bot.views.kit import Message, context, link, moment, outside, said, section


@dataclass(frozen=True, slots=True)
class Silence:
    """Why nothing may have been printed: nothing was ever `deployed` there, or it does not run (`dead`).

    `change` is the newest one that brought something there, and `url` where its card hangs: what an earlier release
    printed while it was brought is in its thread.
    """

    deployed: bool = True
    dead: bool = False
    change: int | None = None
    url: str | None = None


def head(excerpt: Excerpt, *, name: str, silence: Silence | None = None) -> Message:
    """Return what was asked for, by whom, and how much there is."""
    printed = f"📜 *{outside(str(excerpt.target))}* · what it printed in the last {spoken(excerpt.span)}"
    when = f"{moment(excerpt.since, '{time}')} to {moment(excerpt.until, '{time}')}"
    asked = f"asked by {outside(name, 80)} · {when} · {_amount(excerpt, silence or Silence())}"
    earlier = _earlier(silence) if silence is not None and not excerpt.pages else ""
    return said([section(printed), context(asked), *([context(earlier)] if earlier else [])])


def _amount(excerpt: Excerpt, silence: Silence) -> str:
    pages = len(excerpt.pages)
    if not pages and not silence.deployed:
        return "nothing was ever deployed there"
    if not pages and silence.dead:
        return "it is not running, and printed nothing"
    if not pages:
        return "nothing was printed; `--since` looks further back"
    count = "1 page" if pages == 1 else f"{pages} pages"
    return f"the newest {count}; there is more" if excerpt.more else f"{count} in the thread"


def _earlier(silence: Silence) -> str:
    if silence.change is None:
        return ""
    where = link(silence.url, f"change {silence.change}")
    return f"What a release said while it was deployed is in the thread of its card; the last was {where}."
