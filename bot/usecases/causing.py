"""Which operation touched what an alert group is about, shortly before it began: looked at once, and then it stands.

The first alert about a target counts, whatever joins later: a deploy into a fire did not light it. A group that was
quiet and fires again is looked at again, but only for what was done since.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.catalog import target_of
from bot.domain.alert import Alert
from bot.domain.cause import SKEW, Cause, Onset, Touch, suspects
from bot.domain.operation import Operation
from bot.domain.step import State as StepState
from bot.domain.step import Step
from bot.domain.target import Target
from bot.ledger import alertgroups, cards, causes, operations, steps
from bot.ledger.ledger import Tx
from bot.ledger.queue import Job
from bot.stepkind import StepKind
from bot.usecases.planning import step_kinds
from bot.world import World

MOST = 50  # operations on a target that are looked at, the newest


def fired(world: World, tx: Tx, group_id: int, alerts: Iterable[Alert]) -> None:
    """Have a group looked at in which alerts began to fire, if they are about anything that the catalog knows."""
    if any(target_of(world.catalog, one.labels) for one in alerts):
        tx.enqueue(Job("cause", group_id))


async def ended(tx: Tx, group_id: int) -> None:
    """Have those changes' cards say it that say since when a group fires."""
    seen = [one.operation for one in await causes.of_group(tx, group_id) if one.operation is not None]
    for op in (await operations.some(tx, seen)).values() if seen else ():
        tx.enqueue(cards.touched(op.change_id))


async def find(world: World, group_id: int) -> None:
    """Look what touched the targets of a group before it began, and write it down; done again it changes nothing."""
    async with world.ledger.transaction() as tx:
        group = await alertgroups.locked(tx, group_id)
        if group is None:
            return
        quiet = await causes.quiet_at(tx, group_id)
        known = await causes.looked_since(tx, group_id, quiet)
        told = group.opened_at if quiet is None and not known and group.opened_at else tx.now
        onsets = _onsets(world, await alertgroups.alerts_of(tx, group_id), told=told, quiet=quiet)
        for target, onset in onsets.items():
            if target not in known:
                await _look(world, tx, Cause(group_id, target, onset), quiet)
        await ended(tx, group_id)


def _onsets(world: World, alerts: Sequence[Alert], *, told: datetime, quiet: datetime | None) -> dict[Target, Onset]:
    """Return when the first alert about each target of a group began, since it was quiet last."""
    found: dict[Target, Onset] = {}
    for alert in sorted(alerts, key=lambda one: one.starts_at):
        target = target_of(world.catalog, alert.labels)
        spent = quiet is not None and alert.ends_at is not None and alert.ends_at <= quiet
        if target is not None and not spent:
            found.setdefault(target, Onset(alert.starts_at, told, alert.name))
    return found


async def _look(world: World, tx: Tx, cause: Cause, quiet: datetime | None) -> None:
    """Look at what was done on one target, and write down what may have caused it, or that nothing did."""
    within = world.catalog.alerting.causes.within
    touches = await _touches(tx, cause)
    found = suspects(list(touches), cause.onset, within=within, quiet=quiet)
    if not found:
        await causes.add(tx, cause)
        return
    newest, op = found[0], touches[found[0]]
    seen = Cause(
        cause.group, cause.target, cause.onset, op.id, newest.began_at, newest.live_at, more=_others(found, touches)
    )
    await causes.add(tx, seen)
    about = {"alert": cause.onset.name, "operation": op.id, "change": op.change_id, "began": cause.onset.began_at}
    tx.record("alertgroup.suspected", actor="engine", subject=alertgroups.subject(cause.group), **about)
    cards.touch(tx, alertgroups.subject(cause.group), role="live", urgent=True)


def _others(found: Sequence[Touch], touches: dict[Touch, Operation]) -> int:
    return len({touches[one].change_id for one in found} - {touches[found[0]].change_id})


async def _touches(tx: Tx, cause: Cause) -> dict[Touch, Operation]:
    """Return what has touched a target before a time: not what ended before its first step that turns it."""
    target, kinds = cause.target, step_kinds()
    rows = await operations.recent(tx, target.environment, target.service, until=cause.onset.began_at + SKEW, most=MOST)
    found = await steps.of_operations(tx, [op.id for op, _ in rows])
    touches: dict[Touch, Operation] = {}
    for op, _ in rows:
        began = _turned_at(found[op.id], kinds)
        if began is not None:
            live = await causes.live_since(tx, target, op.id, began, restart=not op.kind.brings)
            touches[Touch(op.id, began, live, op.finished_at)] = op
    return touches


def _turned_at(done: Sequence[Step], kinds: dict[str, StepKind]) -> datetime | None:
    """Return when an operation began to turn its target; None when it never came that far."""
    turning = [one for one in done if kinds[one.kind].turns_target and one.state is not StepState.PENDING]
    return min((one.started_at for one in turning if one.started_at is not None), default=None)
