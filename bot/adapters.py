"""What app.py takes from the catalog besides backends and sources: the monitors, and the secrets to be masked."""

from contextlib import AsyncExitStack, suppress
from pathlib import Path

from bot.catalog import Catalog, secret_names
from bot.domain.errors import GaveUp, Refused
from bot.embedded import programs
from bot.plugins import Surroundings
from bot.ports import Secrets
from integrations.alertmanager import Alertmanager
from integrations.prometheus import Prometheus


def learn_secrets(catalog: Catalog, secrets: Secrets) -> None:
    """Read every secret that the catalog names: what is read is masked, and what runs already may print it at once.

    One that cannot be read yet is learnt when it is, by whoever needs it.
    """
    for name in sorted(set(secret_names(catalog))):
        with suppress(GaveUp):
            secrets.read(name)


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


async def alertmanagers(stack: AsyncExitStack, catalog: Catalog, surroundings: Surroundings) -> dict[str, Alertmanager]:
    """Open every Alertmanager whose API the catalog names; return it by the catalog's name for it."""
    return {
        name: await stack.enter_async_context(
            Alertmanager(
                [one.url, *one.peers],
                surroundings,
                token=one.token,
                user=one.user,
                password=one.password,
            )
        )
        for name, one in (catalog.alerts.apis() if catalog.alerts else {}).items()
    }


def clients() -> Path | None:
    """Return where PostgreSQL's own programs are that came with us; None where those on PATH have to do."""
    try:
        return programs()
    except Refused:
        return None
