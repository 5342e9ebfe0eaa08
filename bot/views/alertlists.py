"""`/alerts`, and the lists to choose from: each group is one short line, the worst first."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.alertgroup import Group, State
from bot.domain.alertlist import Listed, Listing
from bot.domain.duration import spoken
from bot.views.alerts import SIGNS
from bot.views.kit import Block, Message, button, context, link, moment, outside, paragraphs, said, section

TITLE = 80


def listing(shown: Listing, *, about: str = "", ended: bool = False) -> Message:
    """Return the open groups, or that there are none; `about` says which were asked for, as they were typed."""
    if not shown.groups:
        return said([section(_none(about, shown.page, ended=ended))])
    following = [f"`/alerts{about} --page {shown.page + 1}` shows what follows."] if shown.more else []
    return said([section("*Alerts*"), *paragraphs(_line(shown, one) for one in shown.groups), *map(context, following)])


def _none(about: str, page: int, *, ended: bool) -> str:
    if page > 1:
        return f"There is no page {page}; `/alerts{about}` shows the first."
    what = f"Nothing fires that is {outside(about.strip())}." if about.strip() else "Nothing fires."
    return f"{what} `/alerts{about} --all` shows what ended lately, too." if not ended else f"{what} Nor did it lately."


def choice(shown: Listing, question: str, action: str, words: str) -> Message:
    """Return groups to choose one of, each with a button."""
    rows: list[Block] = [
        section(_line(shown, one), accessory=button(action, words, one.group.id)) for one in shown.groups
    ]
    more = [context("There are more: `/alerts` lists them all.")] if shown.more else []
    return said([section(question), *rows, *more])


def at_it(group: Group) -> Message:
    """Return what is said to whoever has just said that they are at it."""
    asked = f" You are asked again {moment(group.acked_until)}." if group.acked_until else ""
    return said([section(f"You are at alert group {group.id}.{asked} `/unack {group.id}` takes it back.")])


def _line(shown: Listing, one: Listed) -> str:
    group = one.group
    name = link(shown.links.get(group.id), outside(one.called, TITLE))
    sign = "✅" if group.state is State.RESOLVED else SIGNS[group.severity]
    return " · ".join([f"{sign} {name}", f"group {group.id}", *_since(shown, one), _whose(shown, group)])


def _since(shown: Listing, one: Listed) -> Sequence[str]:
    if one.group.resolved_at is not None:
        return [f"ended {_ago(one.group.resolved_at - shown.now)} ago"]
    counted = [f"{one.firing} firing"] if one.firing > 1 else []
    return [*counted, f"for {_ago(one.since - shown.now)}"] if one.since else counted


def _ago(span: timedelta) -> str:
    """Return for how long, in one unit: there is one line for each group."""
    return spoken(timedelta(seconds=int(abs(span).total_seconds()))).split()[0]


def _whose(shown: Listing, group: Group) -> str:
    if group.state is State.RESOLVED:
        return f"closed by {outside(shown.names[group.closed_by], 60)}" if group.closed_by else "resolved"
    return f"{outside(shown.names[group.acked_by], 60)} is at it" if group.acked_by else "*nobody is at it*"
