"""`slipway ledger`: verify, export or show what happened.

`verify` walks the chain of events and names the first row that was edited, removed, inserted or moved (exit code 1).
"""

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import Annotated, TypeVar

import typer
from sqlalchemy import RowMapping

from bot.clock import SystemClock
from bot.database import url_of, with_database
from bot.ledger import chain
from bot.ledger.ledger import Ledger, Tx
from bot.ledger.migrate import require
from bot.ledger.queue import Queue
from bot.ledger.reach import reaching
from bot.settings import read

app = typer.Typer(
    help="Look at the ledger.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)

Seen = TypeVar("Seen")

COLUMNS = ("id", "sequence", "at", "actor", "subject", "kind", "payload", "content_hash", "previous_hash", "hash")


class Form(StrEnum):
    """How events are written out."""

    JSONL = "jsonl"
    CSV = "csv"


@app.callback()
def ledger() -> None:
    """Look at the ledger: every event is in a chain of hashes, and none can be changed unseen."""


@app.command()
def verify() -> None:
    """Walk the chain of events; name the first that does not hold, or say how many do."""
    verdict = look(chain.verify)
    if verdict.bad is not None:
        typer.echo(f"NOT IN ORDER: {verdict.bad}. The {verdict.sealed} events before it hold.", err=True)
        raise typer.Exit(1)
    tail = f"; {verdict.unsealed} more wait to be sealed" if verdict.unsealed else ""
    typer.echo(f"In order: {verdict.sealed} events hold{tail}. Head {verdict.head}")


@app.command()
def export(
    form: Annotated[Form, typer.Option("--format", help="JSON Lines, or CSV.")] = Form.JSONL,
) -> None:
    """Write every sealed event to standard output, in the order of the chain."""

    async def write(tx: Tx) -> int:
        out = csv.writer(sys.stdout)
        if form is Form.CSV:
            out.writerow(COLUMNS)
        async for row in chain.walk(tx):
            if form is Form.CSV:
                out.writerow(_plain(row).values())
            else:
                typer.echo(json.dumps(_plain(row), ensure_ascii=False))
        return await chain.unsealed(tx)

    unsealed = look(write)
    if unsealed:
        typer.echo(f"{unsealed} newer events wait to be sealed; ask again in a second for them.", err=True)


@app.command()
def show(subject: Annotated[str, typer.Argument(help="For example change:42 or operation:7.")]) -> None:
    """Show what happened to one thing, oldest first."""

    async def of_subject(tx: Tx) -> list[RowMapping]:
        return await chain.of_subject(tx, subject)

    rows = look(of_subject)
    if not rows:
        typer.echo(f"The ledger knows nothing of “{subject}”; a subject is written like change:42.", err=True)
        raise typer.Exit(1)
    for row in rows:
        typer.echo(f"{row['at']:%Y-%m-%d %H:%M:%S} UTC  {row['actor']}  {row['kind']}  {row['payload']}")


def _plain(row: RowMapping) -> dict[str, object]:
    return {name: row[name].isoformat() if name == "at" else row[name] for name in COLUMNS}


@asynccontextmanager
async def _transaction(url: str) -> AsyncIterator[Tx]:
    """Give a transaction to look with; nothing is enqueued, so the queue is never opened."""
    opened = Ledger(url, clock=SystemClock(), queue=Queue(""), connections=1)
    try:
        async with opened.transaction() as tx:
            yield tx
    finally:
        await opened.close()


def look(ask: Callable[[Tx], Awaitable[Seen]]) -> Seen:
    """Return what is seen in the ledger that the settings name; nothing is changed."""

    async def run(url: str) -> Seen:
        async with _transaction(url) as tx:
            return await ask(tx)

    with with_database(read(), make=False) as settings:
        url = url_of(settings)
        require(url)
        with reaching(url):
            return asyncio.run(run(url))
