"""Telling one thing to one by one way: first that it is going to be, then asking, then how it ended.

What fails is told by the step's next way at once; after the last, the next step is taken at once. What got no answer
may have arrived: where the other side knows keys it is asked again under the same one, and else it is `unknown`. Either
way the next way is tried meanwhile: told twice is better than not at all.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain import escalation as domain
from bot.domain.alert import Alert, Severity
from bot.domain.alertgroup import Group
from bot.domain.errors import GaveUp, Retry
from bot.domain.escalation import CHANNEL, DM, Escalation, Taken
from bot.domain.escalation import State as Standing
from bot.domain.notification import Notification, State, Verb
from bot.ledger import alertgroups, cards, escalations, notifications
from bot.ledger.ledger import Stale, Tx
from bot.plugins import OpenPager
from bot.ports import Follows, Page, Unclear
from bot.usecases import covering, oncall, recipients
from bot.usecases.recipients import Recipients
from bot.world import World

MOST_TRIES = 6
PAUSES = tuple(timedelta(seconds=one) for one in (1, 2, 5, 10, 20, 30))  # between tries; the next way waits for none
ASKING = timedelta(seconds=15)  # longer than a pager takes to answer or not
MEND = "mend"  # the role of the message to whoever can mend what kept somebody from being told
MOST_FACTS, MOST_WORDS, SHOWN = 12, 500, 8


async def notify(world: World, number: int) -> None:
    """Tell what a notification says, or go on where that was left; `Retry` when it is to be tried again."""
    ready = await _ready(world, number)
    if ready is None:
        return
    one, severity = ready
    if one.verb is not Verb.TELL:
        await _page(world, one, Recipients())
        return
    try:
        found = await recipients.find(world, one, severity)
    except GaveUp as no:
        await fail(world, one, no.reason)
    except Retry as later:
        async with world.ledger.transaction() as tx:
            await notifications.count_try(tx, one)
        await _later(world, one, later)
    else:
        await _tell(world, one, found)


async def _ready(world: World, number: int) -> tuple[Notification, Severity] | None:
    """Return what is to be told, and how bad it is; None where it is told, is the painter's, or is needed no more."""
    async with world.ledger.transaction() as tx:
        one = await notifications.locked(tx, number)
        if one is None or one.final or (one.in_slack and one.state is State.ASKED):
            return None
        escalated = await escalations.get(tx, one.escalation)
        assert escalated is not None  # noqa: S101 - a foreign key holds it
        if await _silenced(world, tx, one, escalated):
            return None
        if _needless(one, escalated):
            await _settle(tx, one, State.DROPPED, "it was no longer needed")
            return None
        waits = one.verb is not Verb.TELL and await notifications.is_being_told(tx, one, within=ASKING)
    if waits:
        raise Retry("it is only just being told", after=PAUSES[1])
    return one, escalated.severity


async def _silenced(world: World, tx: Tx, one: Notification, escalated: Escalation) -> bool:
    """Whether all that fires is silenced by now: then nobody is told, and the step is taken anew after the silence."""
    runs = escalated.hushed or escalated.state is Standing.OPEN
    if one.verb is not Verb.TELL or one.by_hand is not None or not runs:
        return False
    if not escalated.hushed and not await covering.wholly(world, tx, [one.group_id]):
        return False
    await _settle(tx, one, State.DROPPED, "it is silenced")
    now = await escalations.locked(tx, one.escalation)
    if now is not None and (now.hushed or now.state is Standing.OPEN):
        await escalations.hush(tx, [domain.put_back(now, one.number, one.round, tx.now)])
    return True


def _needless(one: Notification, escalated: Escalation) -> bool:
    """Whether somebody is at it by now, or it is over. What a pager may have heard is followed up all the same."""
    if one.verb is not Verb.TELL or (one.by_hand is not None and escalated.state is not Standing.ENDED):
        return False
    return escalated.state is not Standing.OPEN


async def _tell(world: World, one: Notification, found: Recipients) -> None:
    if found.hole:
        await _complain(world, one, found.hole)
    if found.quiet is not None:
        async with world.ledger.transaction() as tx:
            for person in found.people:
                await oncall.defer(tx, person, one.group_id, until=found.quiet)
            await _settle(tx, one, State.DEFERRED, f"until {found.quiet.isoformat()}", who=found.people)
    elif one.in_slack:
        await _hang(world, one, found)
    else:
        await _page(world, one, found)


async def _hang(world: World, one: Notification, found: Recipients) -> None:
    """Have it told in Slack: the painter posts it, and says what became of it."""
    async with world.ledger.transaction() as tx:
        live = await cards.of(tx, alertgroups.subject(one.group_id), "live")
        assert live is not None  # noqa: S101 - a group is written with its card
        notifications.ask(tx, one, who=found.people)
        subject = notifications.subject(one.id)
        if one.way == CHANNEL:
            await cards.add(tx, subject, one.way, one.whom.name, urgent=True)
        elif one.way == DM:
            for person in found.people:
                await cards.add(tx, subject, f"{one.way}/{person}", person, urgent=True)
        else:
            await cards.add(tx, subject, one.way, live.channel, thread_of=live.id, urgent=True)
        _touch(tx, one)


async def _page(world: World, one: Notification, found: Recipients) -> None:
    """Ask a pager: the intent is committed before, the outcome after."""
    opened = world.pagers.get(one.way)
    if opened is None:
        await fail(world, one, f"there is no pager “{one.way}” in the catalog any more")
        return
    if one.state is State.ASKED and not opened.kind.keyed:
        await _unknown(world, one, "it was sent off, and whether it arrived cannot be told")
        return
    try:
        page = await _asked(world, one, opened, found)
    except Stale:
        return  # another is at it
    try:
        said = await _ask(opened, one.verb, page)
    except GaveUp as no:
        await fail(world, one, no.reason)
    except Retry as later:
        await _later(world, one, later)
    except Unclear as unclear:
        await _unclear(world, one, opened, str(unclear))
    else:
        async with world.ledger.transaction() as tx:
            await _settle(tx, one, State.DELIVERED, world.mask(said))


async def _asked(world: World, one: Notification, opened: OpenPager, found: Recipients) -> Page:
    """Commit that somebody is asked now; return what they are told."""
    async with world.ledger.transaction() as tx:
        follows = isinstance(opened.pager, Follows)
        notifications.ask(tx, one, who=found.people, follows=follows)
        group = await alertgroups.get(tx, one.group_id)
        assert group is not None  # noqa: S101 - groups are never deleted
        alerts = await alertgroups.alerts_of(tx, group.id)
        places = await cards.places(tx, [alertgroups.subject(group.id)])
    place = places.get(alertgroups.subject(group.id))
    link = world.directory.link(place.channel, place.ts) if place else None
    key = one.key if follows else f"{one.key}.{one.id}"
    return _paged(group, alerts, key, link, found.addresses)


def _paged(group: Group, alerts: Sequence[Alert], key: str, link: str | None, to: Sequence[str]) -> Page:
    firing = sorted((one for one in alerts if one.firing), key=lambda one: (-one.severity, one.starts_at)) or alerts
    names = list(dict.fromkeys(one.name for one in firing))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    lines = [one.annotations.get("summary") or one.annotations.get("description") or one.name for one in firing[:SHOWN]]
    lines += [f"… and {len(firing) - SHOWN} more"] if len(firing) > SHOWN else []
    return Page(
        key=key,
        title=f"{names[0] if names else 'Alerts'}{more}",
        severity=group.severity.word,
        at=min((one.starts_at for one in firing), default=group.opened_at) or firing[0].starts_at,
        text="\n".join(line[:MOST_WORDS] for line in lines),
        to=to,
        source=group.labels.get("service") or group.labels.get("instance") or group.route,
        link=link,
        facts={**dict(sorted(group.labels.items())[:MOST_FACTS]), "alert group": str(group.id)},
    )


async def _ask(opened: OpenPager, verb: Verb, page: Page) -> str:
    pager = opened.pager
    match verb:
        case Verb.TELL:
            return await pager.tell(page)
        case Verb.ACKNOWLEDGE if isinstance(pager, Follows):
            return await pager.acknowledge(page)
        case Verb.RESOLVE if isinstance(pager, Follows):
            return await pager.resolve(page)
        case _:
            raise GaveUp(f"{opened.kind.name} cannot be told more of what it was told")


async def fail(world: World, one: Notification, reason: str) -> None:
    """Note that somebody could not be told; have the next way tried, and tell who can mend it."""
    reason = world.mask(reason)
    async with world.ledger.transaction() as tx:
        if await _settle(tx, one, State.FAILED, reason):
            await next_way(tx, one)
    await _complain(world, one, reason)


async def _unknown(world: World, one: Notification, reason: str) -> None:
    async with world.ledger.transaction() as tx:
        if await _settle(tx, one, State.UNKNOWN, world.mask(reason)):
            await next_way(tx, one)


async def _later(world: World, one: Notification, later: Retry, state: State = State.DUE) -> None:
    """Have it tried again, and the next way at once; when it has been tried often enough, it has failed.

    `state` is `asked` where it may have arrived all the same.
    """
    if one.attempts + 1 >= MOST_TRIES:
        await fail(world, one, later.reason)
        return
    async with world.ledger.transaction() as tx:
        await notifications.tried(tx, one, world.mask(later.reason), state)
        await next_way(tx, one)
        _touch(tx, one)
    raise Retry(later.reason, after=later.after or PAUSES[one.attempts])


async def _unclear(world: World, one: Notification, opened: OpenPager, reason: str) -> None:
    """Ask again under the same key where that is as once; else it stays unknown."""
    if not opened.kind.keyed or one.attempts + 1 >= MOST_TRIES:
        await _unknown(world, one, reason)
        return
    await _later(world, one, Retry(reason), State.ASKED)


async def next_way(tx: Tx, one: Notification) -> None:
    """Tell by the step's next way, once; after the last way, the next step is taken at once."""
    if one.verb is not Verb.TELL:
        return
    escalated = await escalations.locked(tx, one.escalation)
    if escalated is None or (escalated.state is not Standing.OPEN and one.by_hand is None):
        return
    step = escalated.policy.steps[one.number]
    if one.place + 1 < len(step.by):
        taken = Taken(escalated.id, one.turn, one.round, one.number, step)
        await notifications.tell(tx, [(escalated, taken)], place=one.place + 1, by_hand=one.by_hand)
        return
    hurried = domain.hurry(escalated, one.number, one.round, tx.now)
    if hurried is not escalated:
        escalations.write(tx, [hurried])


async def _settle(tx: Tx, one: Notification, state: State, said: str = "", who: Sequence[str] = ()) -> bool:
    """Note how it ended, with whom it was about; it is in the ledger's chain, and on the card."""
    if not await notifications.settle(tx, one, state, said):
        return False
    about = {"verb": one.verb, "way": one.way, "whom": str(one.whom), "said": said, "who": list(who or one.who)}
    tx.record(f"notification.{state}", actor="engine", subject=alertgroups.subject(one.group_id), **about)
    _touch(tx, one)
    return True


async def delivered(tx: Tx, one: Notification) -> None:
    """Note that its message hangs where it is to be seen."""
    await _settle(tx, one, State.DELIVERED)


async def not_shown(tx: Tx, one: Notification, reason: str, *, ever: bool) -> None:
    """Note that its message cannot be shown: never, or not for the time being."""
    if not ever:
        await notifications.tried(tx, one, reason, State.ASKED)
        await next_way(tx, one)
        _touch(tx, one)
    elif await _settle(tx, one, State.FAILED, reason):
        await next_way(tx, one)
        await _mend(tx, one, reason)


async def _complain(world: World, one: Notification, reason: str) -> None:
    async with world.ledger.transaction() as tx:
        await _mend(tx, one, reason)


async def _mend(tx: Tx, one: Notification, reason: str) -> None:
    """Have whoever can mend it told, in the thread of the card; once for each reason of an escalation."""
    live = await cards.of(tx, alertgroups.subject(one.group_id), "live")
    if await notifications.find_flaw(tx, one, reason) and live is not None:
        await cards.add(tx, notifications.subject(one.id), MEND, live.channel, thread_of=live.id)


def _touch(tx: Tx, one: Notification) -> None:
    cards.touch(tx, alertgroups.subject(one.group_id), role="live")
