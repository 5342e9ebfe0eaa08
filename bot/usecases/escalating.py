"""Who is told next of alerts that nobody is at: policies are frozen, steps are taken when they are due, or at once.

A step is taken in one transaction: the next one's time and what is told are written together, so that however many
replicas look and however often they are killed, it is taken once. Whoever is told is asked after that, by a job.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import uuid4

from bot.catalog.escalation import Escalating, frozen, guides
from bot.domain import escalation
from bot.domain.alert import Severity
from bot.domain.alertgroup import Group
from bot.domain.alertgroup import State as GroupState
from bot.domain.errors import Refused
from bot.domain.escalation import Escalation, Kind, Policy, Taken, Whom
from bot.ledger import alertgroups, cards, escalations, notifications
from bot.ledger.ledger import Tx
from bot.usecases import covering, oncall
from bot.world import World

BATCH = 200  # steps in one transaction
STALE = timedelta(hours=1)  # what is later than that was due while nobody was here
SETTLES = timedelta(minutes=5)  # within which monitors tell once more what fires, and the reconciler has asked
MOST_SILENCED = 2000  # escalations that are looked at in one transaction


def policy_for(world: World, route: str, severity: Severity) -> Policy | None:
    """Return the policy for what a route tells of a severity, as the catalog has it; None where nobody is called."""
    said = world.catalog.alerts.escalation if world.catalog.alerts else None
    name = said.chosen(route, severity) if said else None
    if said is None or name is None:
        return None
    addressed = [one for one in said.pagers if one in world.pagers and world.pagers[one].kind.needs is not None]
    if name in said.policies:
        return frozen(name, said.policies[name], addressed)
    alone = [one for one in said.pagers if one in world.pagers and world.pagers[one].kind.needs is None]
    first, *following = _levels(world, said, route)
    called = first.kind is Kind.TEAM and first.name in world.catalog.called()
    return guides(name, first, following, addressed, alone, called=called)


def _levels(world: World, said: Escalating, route: str) -> list[Whom]:
    """Return whom the guide's policies tell, level by level: those on call, and the lead."""
    levels = [Whom(Kind.ROTATION, name) for name in oncall.serving(world, route)]
    alerts = world.catalog.alerting
    levels = levels or [Whom(Kind.TEAM, name) for name in alerts.call or alerts.acknowledge.by]
    return [*levels, *([Whom(Kind.TEAM, said.lead)] if said.lead else [])]


def opened(world: World, tx: Tx, group: Group) -> None:
    """Freeze the policy for a group that has just opened."""
    policy = policy_for(world, group.route, group.severity)
    if policy is not None:
        escalations.open_one(tx, group, policy, key=uuid4().hex)


def raised(world: World, tx: Tx, group: Group) -> None:
    """Freeze it anew: something worse has joined, or it fires again."""
    policy = policy_for(world, group.route, group.severity)
    if policy is not None:
        escalations.replace(tx, group, policy, key=uuid4().hex)


def heard_again(world: World, tx: Tx, group: Group) -> None:
    """Go on where it stood when all was silenced, or begin where nothing has: it can be heard again."""
    escalations.hear_again(tx, group, policy_for(world, group.route, group.severity), key=uuid4().hex)


def silenced(tx: Tx, group: Group, *, actor: str) -> None:
    """Stand still though nobody is at it any more: all that fires is silenced."""
    escalations.follow(tx, group, actor=actor, silenced=True)


async def take_due(world: World) -> bool:
    """Take the steps that are due, at most a batch of them; return whether there are more, or some follow at once.

    What is silenced stands still instead. What is long overdue, because nobody was here to take it, waits a little:
    much of it will have ended meanwhile, and monitors tell that, or are asked, within minutes.
    """
    async with world.ledger.transaction() as tx:
        due = await escalations.due(tx, most=BATCH)
        quiet = await covering.wholly(world, tx, {one.group_id for one in due})
        await escalations.hush(tx, [one for one in due if one.group_id in quiet])
        loud = [one for one in due if one.group_id not in quiet]
        stale = [one for one in loud if one.next_at is not None and tx.now - one.next_at > STALE]
        escalations.write(tx, [escalation.put_off(one, tx.now + SETTLES) for one in stale])
        steps = [escalation.take(one, tx.now) for one in loud if one not in stale]
        await _taken(tx, steps)
        if due:
            cards.touch_now(tx, [alertgroups.subject(one.group_id) for one in due], "live", urgent=False)
    return len(due) == BATCH or any(one.due(tx.now) for one, _ in steps)


async def hush(world: World, groups: Collection[int]) -> None:
    """Let the escalations of those groups stand still of which all that fires is silenced now."""
    async with world.ledger.transaction() as tx:
        quiet = await covering.wholly(world, tx, groups)
        ones = await escalations.running_in(tx, quiet) if quiet else []
        await escalations.hush(tx, ones)
        for one in ones:
            cards.touch(tx, alertgroups.subject(one.group_id), role="live")


async def go_on(world: World) -> bool:
    """Let those escalations go on that stand still though what fires is silenced no longer; return whether any did.

    Usually the end of a silence has done that already. This is for where a silence, the catalog or the alerts became
    something else.
    """
    async with world.ledger.transaction() as tx:
        held = await escalations.silenced(tx, most=MOST_SILENCED)
        quiet = await covering.wholly(world, tx, {one.group_id for one in held})
        loud = [one for one in held if one.group_id not in quiet]
        await escalations.go_on(tx, loud)
        for one in loud:
            cards.touch(tx, alertgroups.subject(one.group_id), role="live")
    return bool(loud)


async def _taken(tx: Tx, steps: Sequence[tuple[Escalation, Taken]], *, by: str | None = None) -> None:
    if not steps:
        return
    escalations.write(tx, [one for one, _ in steps])
    await notifications.tell(tx, steps, by_hand=by)
    for one, taken in steps:
        tx.record(
            "escalation.step",
            actor=by or "engine",
            subject=alertgroups.subject(one.group_id),
            policy=one.policy.name,
            step=taken.number + 1,
            round=taken.round,
            whom=str(taken.step.whom),
            late=taken.late,
        )


async def now(world: World, group_id: int, *, by: str) -> Taken:
    """Take the next step at once, because somebody wants it: also while somebody is at it, or after the last step.

    What has no policy, because it is low, is escalated by the least severe one that there is.
    """
    await world.require(by, world.catalog.acknowledgers(), "escalate alerts")
    async with world.ledger.transaction() as tx:
        group = await alertgroups.locked(tx, group_id)
        if group is None:
            raise Refused(f"There is no alert group {group_id}.")
        if group.state is GroupState.RESOLVED:
            raise Refused("Nothing of it fires any more, so nobody needs to be told.")
        one = await escalations.live_locked(tx, group_id) or await _begun(world, tx, group)
        after, taken = escalation.take(one, tx.now)
        await _taken(tx, [(after, taken)], by=by)
        cards.touch(tx, alertgroups.subject(group_id), role="live", urgent=True)
    return taken


async def _begun(world: World, tx: Tx, group: Group) -> Escalation:
    worse = (policy_for(world, group.route, one) for one in sorted(Severity) if one >= group.severity)
    policy = next((one for one in worse if one is not None), None)
    if policy is None:
        raise Refused(
            "The catalog does not say who is told next: give `alerts` an `escalation` (`{}` is the guide's way)."
        )
    escalations.open_one(tx, group, policy, key=uuid4().hex)
    one = await escalations.live_locked(tx, group.id)
    assert one is not None  # noqa: S101 - it has just been written
    return one


def lateness(world: World) -> timedelta:
    """Return from when on a step that is not taken is complained of."""
    said = world.catalog.alerts.escalation if world.catalog.alerts else None
    return said.late if said else timedelta(minutes=1)
