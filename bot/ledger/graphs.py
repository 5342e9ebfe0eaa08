"""Graphs that were wanted, and what became of them."""

from sqlalchemy import RowMapping, Text, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.domain.graph import State, Wanted, Wish, wish_read, wish_written
from bot.ledger.graph_tables import graphs as table
from bot.ledger.ledger import Tx
from bot.ledger.queue import COSMETIC, URGENT, Job, deferring
from bot.ledger.statement import Row, Statement

_GET = Statement(select(table).where(table.c.id == bindparam("its_id")))
_OF_SUBJECT = Statement(
    select(table).where(table.c.subject == bindparam("about"), table.c.request_id.is_(None)).limit(1)
)
_END = Statement(
    update(table)
    .where(table.c.id == bindparam("its_id"), table.c.state == State.WANTED)
    .values({**{name: bindparam(name) for name in ("state", "file", "said")}, "ended_at": bindparam("now")})
)
_LATER = Statement(
    select(func.count().label("more"))
    .select_from(table)
    .where(table.c.state == State.WANTED, table.c.request_id.is_(None), table.c.id > bindparam("its_id"))
)


def _wanting() -> Statement:
    names = ("subject", "state", "wish", "made_at")
    made = (
        insert(table)
        .values({name: bindparam(name, type_=table.c[name].type) for name in names})
        .on_conflict_do_nothing(index_elements=["subject"], index_where=table.c.request_id.is_(None))
        .returning(table.c.id)
        .cte("made")
    )
    job: str = deferring("graph", lock="'graph:alerts'", priority=COSMETIC)
    return Statement(select(literal_column(job, type_=Text)).select_from(made))


_WANT = _wanting()


def subject(graph_id: int) -> str:
    """Return how events and cards name a graph."""
    return f"graph:{graph_id}"


def read(row: Row | RowMapping) -> Wanted:
    """Return the graph of a row."""
    return Wanted(
        id=row["id"],
        subject=row["subject"],
        wish=wish_read(row["wish"]),
        state=State(row["state"]),
        made_at=row["made_at"],
        channel=row["channel"],
        asked_by=row["asked_by"],
        file=row["file"],
        said=row["said"],
    )


def want(tx: Tx, about: str, wish: Wish) -> None:
    """Have a graph drawn about a row, once: one after the other, so that many keep nobody waiting."""
    tx.say(_WANT, subject=about, state=State.WANTED, wish=wish_written(wish), made_at=tx.now)


async def ask(tx: Tx, about: str, wish: Wish, *, request_id: int, channel: str, asked_by: str) -> int | None:
    """Have a graph drawn that somebody asked for; return its number, None when the request has one already."""
    values = {"subject": about, "state": State.WANTED, "wish": wish_written(wish), "made_at": tx.now}
    values |= {"request_id": request_id, "channel": channel, "asked_by": asked_by}
    made = insert(table).values(values).on_conflict_do_nothing(index_elements=["request_id"]).returning(table.c.id)
    row = (await tx.execute(made)).first()
    if row is None:
        return None
    tx.enqueue(Job("graph", int(row[0]), lock="graph:people", priority=URGENT))
    return int(row[0])


async def get(tx: Tx, graph_id: int) -> Wanted | None:
    """Return a graph by its number, or None."""
    row = await tx.row(_GET, its_id=graph_id)
    return read(row) if row else None


async def of(tx: Tx, about: str) -> Wanted | None:
    """Return the graph about a row that nobody asked for, or None."""
    row = await tx.row(_OF_SUBJECT, about=about)
    return read(row) if row else None


async def wanted_after(tx: Tx, graph_id: int) -> int:
    """Return how many graphs of alerts wait that were wanted after this one."""
    row = await tx.row(_LATER, its_id=graph_id)
    return int(row["more"]) if row else 0


def drawn(tx: Tx, graph: Wanted, *, file: str, said: str) -> None:
    """Note that Slack has the picture, and what it shows; `Stale` when somebody else was ahead."""
    tx.write(_END, its_id=graph.id, state=State.DRAWN, file=file, said=said, now=tx.now)


def failed(tx: Tx, graph: Wanted, why: str) -> None:
    """Note that there will be no picture, and why; `Stale` when somebody else was ahead."""
    tx.write(_END, its_id=graph.id, state=State.FAILED, file=None, said=why, now=tx.now)
