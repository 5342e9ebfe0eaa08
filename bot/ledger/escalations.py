"""Escalations: whose next step is when, and what becomes of them when the group they belong to moves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, Integer, bindparam, func, insert, select, text, update

from bot.domain import escalation
from bot.domain.alert import Severity
from bot.domain.alertgroup import Group
from bot.domain.alertgroup import State as GroupState
from bot.domain.escalation import Escalation, Policy, State
from bot.ledger import following
from bot.ledger.escalation_tables import SILENCED
from bot.ledger.escalation_tables import escalations as table
from bot.ledger.ledger import Tx
from bot.ledger.statement import Reads, Row, Statement

_MOVING = ("state", "step", "round", "turn", "next_at", "since", "held_by", "resumed_at")
# as they stand in the conditions of the indexes: what is bound would not be found there
_RUNS, _LIVES = text("escalations.state = 'open'"), text("escalations.state <> 'ended'")
_OPEN = Statement(
    insert(table).values(
        {name: bindparam(name) for name in ("group_id", "severity", "policy", "key", "next_at")}
        | {"state": State.OPEN.value, "since": bindparam("now"), "opened_at": bindparam("now")}
    )
)
_DUE = Statement(
    select(table)
    .where(_RUNS, table.c.next_at <= bindparam("now", type_=table.c.next_at.type))
    .order_by(table.c.next_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True, key_share=True)
)
_LIVE = select(table).where(table.c.group_id == bindparam("its_group"), _LIVES)
_LIVE_LOCKED, _LIVE_READ = Statement(_LIVE.with_for_update(key_share=True)), Statement(_LIVE)
_GET = Statement(select(table).where(table.c.id == bindparam("its_id")))
_LOCKED = Statement(select(table).where(table.c.id == bindparam("its_id")).with_for_update(key_share=True))
_RUNNING_IN = Statement(
    select(table)
    .where(_RUNS, table.c.group_id == func.any(bindparam("among", type_=ARRAY(table.c.group_id.type))))
    .order_by(table.c.id)
    .with_for_update(key_share=True)
)
_SILENCED = Statement(
    select(table)
    .where(text(SILENCED))
    .order_by(table.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True, key_share=True)
)
_NEWEST = Statement(
    select(table).where(table.c.group_id == bindparam("its_group")).order_by(table.c.id.desc()).limit(1)
)


def _writing() -> Statement:
    columns = {"its_id": table.c.id, "seen": table.c.revision, **{name: table.c[name] for name in _MOVING}}
    told = select(*(func.unnest(bindparam(name, type_=ARRAY(one.type))).label(name) for name, one in columns.items()))
    rows = told.subquery("told")
    moved = {name: rows.c[name] for name in _MOVING}
    return Statement(
        update(table)
        .where(table.c.id == rows.c.its_id, table.c.revision == rows.c.seen)
        .values({**moved, "revision": table.c.revision + 1})
    )


_WRITE = _writing()


def subject(number: int) -> str:
    """Return how events name an escalation."""
    return f"escalation:{number}"


def read(row: Row) -> Escalation:
    """Return the escalation of a row."""
    return Escalation(
        id=row["id"],
        group_id=row["group_id"],
        severity=Severity(row["severity"]),
        policy=escalation.read(row["policy"]),
        key=row["key"],
        state=State(row["state"]),
        step=row["step"],
        round=row["round"],
        turn=row["turn"],
        next_at=row["next_at"],
        since=row["since"],
        held_by=row["held_by"],
        resumed_at=row["resumed_at"],
        revision=row["revision"],
    )


def open_one(tx: Tx, group: Group, policy: Policy, *, key: str) -> None:
    """Freeze a policy for a group that has no live escalation."""
    first = escalation.begin(policy, tx.now)
    values = {"group_id": group.id, "severity": group.severity, "policy": policy.written(), "key": key}
    tx.write(_OPEN, **values, next_at=first, now=tx.now)


async def due(tx: Tx, *, most: int) -> list[Escalation]:
    """Return escalations whose next step is to be taken, the longest due first; nobody else has them until the commit.

    Those that somebody else has are passed over.
    """
    return [read(row) for row in await tx.rows(_DUE, now=tx.now, most=most)]


def write(tx: Tx, moved: Sequence[Escalation]) -> None:
    """Write down how escalations stand now; each has the revision that was read, and was locked by who read it."""
    if moved:
        values = {name: [_plain(getattr(one, name)) for one in moved] for name in _MOVING}
        tx.write(_WRITE, its_id=[one.id for one in moved], seen=[one.revision for one in moved], **values)


def _plain(value: object) -> object:
    return value.value if isinstance(value, State) else value


async def live(tx: Reads, group_id: int) -> Escalation | None:
    """Return a group's escalation that has not ended, or None."""
    row = await tx.row(_LIVE_READ, its_group=group_id)
    return read(row) if row else None


async def live_locked(tx: Tx, group_id: int) -> Escalation | None:
    """Return the same, and let nobody else change it until the commit."""
    row = await tx.row(_LIVE_LOCKED, its_group=group_id)
    return read(row) if row else None


async def running_in(tx: Tx, groups: Iterable[int]) -> list[Escalation]:
    """Return the escalations of groups whose clock runs, and let nobody else change them until the commit."""
    return [read(row) for row in await tx.rows(_RUNNING_IN, among=sorted(groups))]


async def silenced(tx: Tx, *, most: int) -> list[Escalation]:
    """Return escalations that stand still because of a silence; nobody else has them until the commit."""
    return [read(row) for row in await tx.rows(_SILENCED, most=most)]


async def hush(tx: Tx, ones: Iterable[Escalation]) -> None:
    """Let the clocks of escalations stand still, because all that fires is silenced; they are locked."""
    held = [(one, escalation.hold(one, escalation.SILENCE, tx.now)) for one in ones]
    write(tx, [after for _, after in held])
    for one, _ in held:
        await following.acknowledge(tx, one, actor=escalation.SILENCE)


async def go_on(tx: Tx, ones: Iterable[Escalation]) -> None:
    """Let escalations that stand still go on; they are locked."""
    resumed = [(one, escalation.resume(one, tx.now)) for one in ones]
    write(tx, [after for one, after in resumed if after is not one])
    for one, after in resumed:
        if after is not one:
            await following.tell_anew(tx, one, after)


async def newest(tx: Reads, group_id: int) -> Escalation | None:
    """Return a group's newest escalation, ended or not, or None."""
    row = await tx.row(_NEWEST, its_group=group_id)
    return read(row) if row else None


async def get(tx: Reads, number: int) -> Escalation | None:
    """Return an escalation by its number, or None."""
    row = await tx.row(_GET, its_id=number)
    return read(row) if row else None


async def locked(tx: Tx, number: int) -> Escalation | None:
    """Return an escalation that nobody else changes until the commit, or None."""
    row = await tx.row(_LOCKED, its_id=number)
    return read(row) if row else None


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many open escalations are behind their time, and the longest of them since when."""

    escalations: int
    since: datetime | None


async def overdue(tx: Tx, *, by: timedelta) -> Overdue:
    """Return how many open escalations are behind their time by so much."""
    query = select(func.count(), func.min(table.c.next_at)).where(_RUNS, table.c.next_at < tx.now - by)
    row = (await tx.execute(query)).one()
    return Overdue(row[0], row[1])


async def counts(tx: Tx) -> dict[str, int]:
    """Return how many escalations have not ended, by their state."""
    query = select(table.c.state, func.count()).where(_LIVES).group_by(table.c.state)
    return {row[0]: row[1] for row in await tx.execute(query)}


def follow(tx: Tx, group: Group, *, actor: str, silenced: bool = False) -> None:
    """Have a group's escalation do, before the commit, as the group has done: stand still, go on, or end.

    What is `silenced` does not go on.
    """
    anew = isinstance(tx.to_do_at_the_end(("escalation", group.id)), _Replace)
    if not anew or group.state is GroupState.RESOLVED:
        tx.at_the_end(("escalation", group.id), _Follow(group, actor, silenced), first=True)


def hear_again(tx: Tx, group: Group, policy: Policy | None, *, key: str) -> None:
    """Have a group's escalation go on before the commit, or begin by a policy where there is none."""
    tx.at_the_end(("escalation", group.id), _HearAgain(group, policy, key), first=True)


def replace(tx: Tx, group: Group, policy: Policy, *, key: str) -> None:
    """Have a policy frozen anew for a group before the commit, in the place of the one it has."""
    tx.at_the_end(("escalation", group.id), _Replace(group, policy, key), first=True)


@dataclass(frozen=True, slots=True)
class _Follow:
    """What an escalation does because its group has moved."""

    group: Group
    actor: str
    silenced: bool

    async def __call__(self, tx: Tx) -> None:
        one = await live_locked(tx, self.group.id)
        if one is None:
            return
        tx.enqueue(following.repainting(self.group.id))
        match self.group.state:
            case GroupState.ACKNOWLEDGED:
                after = escalation.hold(one, self.actor, tx.now)
                await following.acknowledge(tx, one, actor=self.actor)
            case GroupState.FIRING if self.silenced:
                after = replaced(one, held_by=escalation.SILENCE)
            case GroupState.FIRING:
                await go_on(tx, [one])
                return
            case GroupState.RESOLVED:
                after = escalation.end(one, tx.now)
                await following.resolve(tx, one)
        if after is not one:
            write(tx, [after])


@dataclass(frozen=True, slots=True)
class _HearAgain:
    """What goes on, or begins, because it is silenced no longer."""

    group: Group
    policy: Policy | None
    key: str

    async def __call__(self, tx: Tx) -> None:
        one = await live_locked(tx, self.group.id)
        if one is not None:
            await go_on(tx, [one])
        elif self.policy is not None:
            open_one(tx, self.group, self.policy, key=self.key)


@dataclass(frozen=True, slots=True)
class _Replace:
    """What is frozen anew because something worse has joined, or it fires again."""

    group: Group
    policy: Policy
    key: str

    async def __call__(self, tx: Tx) -> None:
        one = await live_locked(tx, self.group.id)
        if one is not None:
            write(tx, [escalation.end(one, tx.now)])
            await following.resolve(tx, one)
        open_one(tx, self.group, self.policy, key=self.key)
