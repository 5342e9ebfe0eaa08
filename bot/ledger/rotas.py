"""Overrides of rotations, what was imported for them, and what was told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.rota import Override, Span, Why
from bot.ledger.ledger import Tx
from bot.ledger.rota_tables import imported, imports, notices
from bot.ledger.rota_tables import overrides as table
from bot.ledger.statement import Reads, Row, Statement

HANDOFF, HOLE = "handoff", "hole"

_LIVE = Statement(
    select(table)
    .where(table.c.rotation == bindparam("its_name"), table.c.undone_at.is_(None), table.c.ends_at > bindparam("at"))
    .order_by(table.c.id)
)
_TOLD = Statement(
    select(imported)
    .where(imported.c.rotation == bindparam("its_name"), imported.c.ends_at > bindparam("at"))
    .order_by(imported.c.starts_at, imported.c.id)
)
_OVERRIDE = Statement(select(table).where(table.c.id == bindparam("its_id")))
_NOTICE = Statement(select(notices).where(notices.c.id == bindparam("its_id")))


@dataclass(frozen=True, slots=True)
class Made:
    """An override as it was made, and perhaps taken back. `pair` is the other half of a swap."""

    override: Override
    rotation: str
    by: str
    at: datetime
    pair: int | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A span that an import gives to somebody whom no contact is like."""

    start: datetime
    end: datetime
    named: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import told last: when, and why it did not the last time it was asked."""

    told_at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A hand-off, or a hole that is to come."""

    id: int
    rotation: str
    kind: str
    at: datetime
    until: datetime
    before: str | None
    person: str | None
    why: Why


def override_subject(number: int) -> str:
    """Return how events and cards name an override."""
    return f"override:{number}"


async def overrides(tx: Reads, rotation: str, at: datetime) -> list[Made]:
    """Return the overrides of a rotation that hold at a moment or after it, in the order in which they were made."""
    return [_made(row) for row in await tx.rows(_LIVE, its_name=rotation, at=at)]


async def told(tx: Reads, rotation: str, at: datetime) -> tuple[list[Span], list[Unknown]]:
    """Return what was imported for a rotation from a moment on: whose spans, and those of nobody whom we know."""
    rows = await tx.rows(_TOLD, its_name=rotation, at=at)
    known = [Span(row["starts_at"], row["ends_at"], row["person"]) for row in rows if row["person"]]
    return known, [Unknown(row["starts_at"], row["ends_at"], row["named"]) for row in rows if not row["person"]]


async def locked(tx: Tx, rotation: str) -> None:
    """Let nobody else change a rotation until the commit."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"rota:{rotation}", 0))))


async def override(tx: Reads, number: int) -> Made | None:
    """Return an override by its number, or None."""
    row = await tx.row(_OVERRIDE, its_id=number)
    return _made(row) if row else None


async def pair_of(tx: Tx, made: Made) -> list[Made]:
    """Return an override with the other half of its swap, where it is one."""
    first = made.pair or made.override.number
    query = select(table).where((table.c.id == first) | (table.c.pair == first)).order_by(table.c.id)
    return [_made(dict(row)) for row in (await tx.execute(query)).mappings()]


async def lay(tx: Tx, rotation: str, override: Override, *, by: str, pair: int | None = None) -> Made:
    """Write an override down; return it with its number."""
    values = {
        "rotation": rotation,
        "person": override.person,
        "starts_at": override.start,
        "ends_at": override.end,
        "made_by": by,
        "made_at": tx.now,
        "pair": pair,
    }
    row = (await tx.execute(insert(table).values(values).returning(table))).mappings().one()
    return _made(dict(row))


async def take_back(tx: Tx, number: int, *, by: str) -> None:
    """Note that an override holds no longer."""
    values = {"undone_by": by, "undone_at": tx.now}
    await tx.execute(update(table).where(table.c.id == number, table.c.undone_at.is_(None)).values(values))


async def replace_told(tx: Tx, rotation: str, spans: Sequence[tuple[datetime, datetime, str, str | None]]) -> None:
    """Write down what an import tells instead of what it told: start, end, who it says, and whom we take that for."""
    await tx.execute(delete(imported).where(imported.c.rotation == rotation))
    names = ("starts_at", "ends_at", "named", "person")
    rows = [{"rotation": rotation, **dict(zip(names, span, strict=True))} for span in spans]
    if rows:
        await tx.execute(insert(imported), rows)
    await _note(tx, rotation, {"told_at": tx.now, "fault": ""})


async def not_told(tx: Tx, rotation: str, fault: str) -> None:
    """Note why an import told nothing; what it told before still holds."""
    await _note(tx, rotation, {"fault": fault})


async def _note(tx: Tx, rotation: str, values: dict[str, object]) -> None:
    made = upsert(imports).values(rotation=rotation, **values)
    await tx.execute(made.on_conflict_do_update(index_elements=["rotation"], set_=values))


async def imported_of(tx: Tx, rotation: str) -> Imported:
    """Return how it stands with a rotation's import."""
    row = (await tx.execute(select(imports).where(imports.c.rotation == rotation))).mappings().first()
    return Imported(row["told_at"], row["fault"]) if row else Imported()


async def notice(tx: Tx, made: Notice) -> int | None:
    """Write a notice down; return its number, or None where it was before."""
    values = {name: getattr(made, name) for name in ("rotation", "kind", "at", "until", "before", "person", "why")}
    written = upsert(notices).values({**values, "made_at": tx.now}).on_conflict_do_nothing()
    row = (await tx.execute(written.returning(notices.c.id))).first()
    return int(row[0]) if row else None


async def get_notice(tx: Reads, number: int) -> Notice | None:
    """Return a notice by its number, or None."""
    row = await tx.row(_NOTICE, its_id=number)
    return _notice(row) if row else None


async def newest_handoff(tx: Tx, rotation: str) -> Notice | None:
    """Return the last hand-off of a rotation that was told, or None."""
    mine = (notices.c.rotation == rotation) & (notices.c.kind == HANDOFF)
    query = select(notices).where(mine).order_by(notices.c.id.desc()).limit(1)
    row = (await tx.execute(query)).mappings().first()
    return _notice(dict(row)) if row else None


async def holes_to_come(tx: Tx, rotation: str) -> list[Notice]:
    """Return the holes of a rotation that were told and have not passed."""
    mine = (notices.c.rotation == rotation) & (notices.c.kind == HOLE) & (notices.c.until > tx.now)
    query = select(notices).where(mine).order_by(notices.c.at)
    return [_notice(dict(row)) for row in (await tx.execute(query)).mappings()]


def _made(row: Row) -> Made:
    laid = Override(row["id"], row["starts_at"], row["ends_at"], row["person"])
    return Made(laid, row["rotation"], row["made_by"], row["made_at"], row["pair"], row["undone_by"])


def _notice(row: Row) -> Notice:
    names = ("id", "rotation", "kind", "at", "until", "before", "person")
    return Notice(**{name: row[name] for name in names}, why=Why(row["why"]))
