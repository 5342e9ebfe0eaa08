"""What the ledger knows of an incident: the alerts, the changes that belong to it, and when what happened.

It is read about an alert group or about a change, and either leads to the other: the change that touched what an alert
is about, and what was done to get away from that. Times of alerts are the monitor's own.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.domain.operation import Kind, Operation, State
from bot.domain.target import Target
from bot.domain.timeline import Entry, Happened, told
from bot.ledger import alertgroups, causes, chain, changes, operations, releases
from bot.ledger.ledger import Tx

MOST_GROUPS, MOST_OPERATIONS = 10, 50
A_MOMENT = timedelta(microseconds=1)
FAILURES = frozenset({"operation.failed", "operation.turnedback", "operation.lost"})
MOST_ALERTS = 200


@dataclass(frozen=True, slots=True)
class Live:
    """What was live on a target when it began."""

    target: Target
    version: str


@dataclass(frozen=True, slots=True)
class Incident:
    """What belongs together. `culprits` touched it before it began; `ways_back` led away from them."""

    groups: Sequence[tuple[Group, Sequence[Alert]]] = ()
    changes: Sequence[Change] = ()
    culprits: Sequence[Operation] = ()
    ways_back: Sequence[Operation] = ()
    live: Sequence[Live] = ()
    entries: Sequence[Entry] = ()
    failed_at: datetime | None = None
    versions: Mapping[int, str] = field(default_factory=dict)

    @property
    def alerts(self) -> list[Alert]:
        """Its alerts, those that began first before the others."""
        return sorted((one for _, alerts in self.groups for one in alerts), key=lambda one: one.starts_at)

    @property
    def triggers(self) -> list[str]:
        """For what its changes were rolled back."""
        return [one.trigger for one in self.changes if one.trigger]

    @property
    def began_at(self) -> datetime | None:
        """When it began: with the first alert, or with what touched it, or with the change itself.

        An alert that fires again says when it began anew, so it is at the latest when the monitor told of it first.
        """
        alerts = [*(one.starts_at for one in self.alerts), *self._told_at]
        first = alerts or [one.started_at for one in self.culprits if one.started_at]
        return min(first or [one.created_at for one in self.changes if one.created_at], default=None)

    @property
    def detected_at(self) -> datetime | None:
        """When something or somebody told of it first: the monitor, a step that failed, who asked for the way back."""
        asked = [one.created_at for one in self.changes if one.kind is Kind.ROLLBACK and one.created_at]
        return min([*self._told_at, *asked, *([self.failed_at] if self.failed_at else [])], default=None)

    @property
    def _told_at(self) -> list[datetime]:
        return [group.opened_at for group, _ in self.groups if group.opened_at]

    @property
    def mitigated_at(self) -> datetime | None:
        """When what was wrong was gone: with the way back, or when nothing fires any more, whichever came first."""
        back = [one.finished_at for one in self.ways_back if one.finished_at]
        return min([*back, *([self.quiet_at] if self.quiet_at else [])], default=None)

    @property
    def quiet_at(self) -> datetime | None:
        """When nothing of it fired any more; None while something does, or where nothing did."""
        ends = [group.resolved_at for group, _ in self.groups]
        return max((one for one in ends if one), default=None) if all(ends) else None


async def read(tx: Tx, subject: str) -> Incident:
    """Return what belongs to an alert group (`alertgroup:7`) or a change (`change:42`); `Refused` if there is none."""
    noun, _, number = subject.partition(":")
    found = await (_of_group(tx, int(number)) if noun == "alertgroup" else _of_change(tx, int(number)))
    ops = {op.id: op for op in [*found.culprits, *found.ways_back]}
    ops |= {op.id: op for change in found.changes for op in await operations.of_change(tx, change.id)}
    known = await releases.some(tx, [one for op in ops.values() for one in (op.to_release, op.from_release) if one])
    found = replace(found, versions={one.id: one.version for one in known.values()})
    events = await _events(tx, found, ops.values())
    failures = [one.at for one in events if one.kind in FAILURES and one.subject in map(_subject, found.culprits)]
    found = replace(found, failed_at=min(failures, default=None), entries=_entries(found, events, ops.values()))
    return replace(found, live=await _live(tx, found, ops.values()))


async def _of_group(tx: Tx, number: int) -> Incident:
    group = await alertgroups.get(tx, number)
    if group is None:
        raise Refused(f"There is no alert group {number}.")
    seen = [one for one in await causes.of_group(tx, number) if one.operation is not None]
    culprits = list((await operations.some(tx, [one.operation or 0 for one in seen])).values())
    return await _whole(tx, [group], culprits)


async def _of_change(tx: Tx, number: int) -> Incident:
    change = await changes.get(tx, number)
    if change is None:
        raise Refused(f"There is no change {number}.")
    culprits = [await _culprit(tx, op) for op in await operations.of_change(tx, number)]
    ids = {op.id: op for op in culprits if op is not None}
    numbers = dict.fromkeys(one.group for one in await causes.of_operations(tx, list(ids)))
    groups = [await alertgroups.get(tx, one) for one in list(numbers)[:MOST_GROUPS]]
    return await _whole(tx, [one for one in groups if one is not None], list(ids.values()), change)


async def _culprit(tx: Tx, op: Operation) -> Operation | None:
    """Return the operation that a change's operation leads away from, or, of one that is no rollback, itself."""
    if op.kind is not Kind.ROLLBACK:
        return op
    return await operations.brought(tx, op.target, op.from_release, before=op.id) if op.from_release else None


async def _whole(
    tx: Tx, groups: Sequence[Group], culprits: Sequence[Operation], change: Change | None = None
) -> Incident:
    """Put together what belongs to groups and operations: their alerts, changes, and the ways back from them."""
    with_alerts = [(group, (await alertgroups.alerts_of(tx, group.id))[:MOST_ALERTS]) for group in groups]
    back = [one for op in culprits for one in await _ways_back(tx, op)]
    numbers = {op.change_id for op in [*culprits, *back]} | ({change.id} if change else set())
    found = [await changes.get(tx, number) for number in sorted(numbers)]
    return Incident(with_alerts, [one for one in found if one is not None], culprits, back)


async def _ways_back(tx: Tx, culprit: Operation) -> list[Operation]:
    """Return what led away from what an operation brought, and went well: itself, or a rollback after it."""
    if culprit.state is State.ROLLED_BACK:
        return [culprit]
    rows = await operations.recent(tx, culprit.target.environment, culprit.target.service, most=MOST_OPERATIONS)
    left = [op for op, _ in rows if op.kind is Kind.ROLLBACK and op.from_release == culprit.to_release]
    return [op for op in reversed(left) if op.id > culprit.id and op.state is State.SUCCEEDED][:1]


async def _live(tx: Tx, found: Incident, ops: Iterable[Operation]) -> list[Live]:
    """Return what was live on the targets when it began, or else when it was noticed, by the ledger's events."""
    at = found.began_at if found.groups else found.detected_at
    targets = dict.fromkeys(op.target for op in [*found.culprits, *ops])
    if at is None:
        return []
    before = at if found.groups else at - A_MOMENT  # whoever asked for the way back saw what was there before it
    numbers = {target: await chain.live_at(tx, target, before) for target in targets}
    known = await releases.some(tx, [one for one in numbers.values() if one])
    return [Live(target, known[one].version) for target, one in numbers.items() if one in known]


async def _events(tx: Tx, found: Incident, ops: Iterable[Operation]) -> list[Happened]:
    """Return what the ledger's events say of all of it."""
    subjects = [*(alertgroups.subject(group.id) for group, _ in found.groups), *map(_subject, ops)]
    subjects += [changes.subject(one.id) for one in found.changes]
    rows = [row for subject in subjects for row in await chain.of_subject(tx, subject)]
    return [
        Happened(row["at"], row["actor"], row["subject"], row["kind"], json.loads(row["payload"]), row["id"])
        for row in rows
    ]


def _entries(found: Incident, events: Iterable[Happened], ops: Iterable[Operation]) -> list[Entry]:
    """Return the timeline: the events, and when each alert began, by its monitor."""
    targets = {_subject(op): str(op.target) for op in ops}
    began = [Entry(one.starts_at, f"{one.name} began to fire, says the monitor") for one in found.alerts]
    return sorted([*began, *told(events, targets)], key=lambda one: one.at)


def _subject(op: Operation) -> str:
    return operations.subject(op.id)
