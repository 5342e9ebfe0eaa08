"""What app.py opens from the catalog besides backends and sources."""

from contextlib import AsyncExitStack
from pathlib import Path

from bot.catalog import Catalog
from bot.domain.errors import Refused
from bot.embedded import programs
from bot.plugins import Surroundings
from integrations.prometheus import Prometheus


async def prometheus(stack: AsyncExitStack, catalog: Catalog, surroundings: Surroundings) -> dict[str, Prometheus]:
    """Open each Prometheus once, whatever environments it is asked about; return it by environment."""
    where = {name: catalog.prometheus_of(name) for name in catalog.environments}
    opened = {
        one: await stack.enter_async_context(
            Prometheus(
                one.url,
                surroundings.secrets,
                surroundings.mask,
                token=one.token,
                user=one.user,
                password=one.password,
            )
        )
        for one in dict.fromkeys(where.values())
        if one is not None
    }
    return {name: opened[one] for name, one in where.items() if one is not None}


def clients() -> Path | None:
    """Return where PostgreSQL's own programs are that came with us; None where those on PATH have to do."""
    try:
        return programs()
    except Refused:
        return None
