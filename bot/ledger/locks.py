"""Locks that last until the commit, for what no row stands for."""

from sqlalchemy import func, select

from bot.ledger.ledger import Tx


async def environment(tx: Tx, name: str) -> None:
    """Let nobody else who asks for this lock go on in an environment until the commit."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"environment:{name}", 0))))
