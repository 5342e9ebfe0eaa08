"""What app.py takes from the catalog besides backends and sources: Prometheus, rosters, the secrets to be masked."""

import importlib
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.catalog import Catalog, secret_names
from bot.catalog.oncall import IcalImport, Rotation
from bot.domain.errors import GaveUp, Refused
from bot.embedded import programs
from bot.plugins import Surroundings
from bot.ports import Roster, Secrets, Told
from integrations.pagerduty_schedules import PagerDutySchedule
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


async def rosters(stack: AsyncExitStack, catalog: Catalog, surroundings: Surroundings) -> dict[str, Roster]:
    """Open what rotations are imported from; return it by rotation."""
    known = catalog.on_call.rotations if catalog.on_call else {}
    return {name: await _roster(stack, one, surroundings) for name, one in known.items() if one.import_}


async def _roster(stack: AsyncExitStack, rotation: Rotation, surroundings: Surroundings) -> Roster:
    named = rotation.import_
    if named is not None and named.pagerduty is not None:
        one = named.pagerduty
        made = PagerDutySchedule(one.schedule, surroundings.secrets, token=one.token, url=one.url)
        return await stack.enter_async_context(made)
    assert named is not None  # noqa: S101 - the catalog has checked that it is one of the two
    assert named.ical is not None  # noqa: S101 - the same
    return _Calendar(named.ical, ZoneInfo(rotation.zone), surroundings)


class _Calendar:
    """A calendar whose reader is imported, and whose address is read from its secret, when it is first asked."""

    def __init__(self, named: IcalImport, zone: ZoneInfo, surroundings: Surroundings) -> None:
        self._named, self._zone, self._surroundings = named, zone, surroundings

    async def spans(self, *, since: datetime, until: datetime) -> Sequence[Told]:
        """See `bot.ports.Roster`."""
        ical = importlib.import_module("integrations.ical")
        named = self._named
        roster: Roster
        if named.file is not None:
            roster = ical.IcalFile(Path(named.file), self._zone)
        elif named.url is not None:
            roster = ical.IcalAddress(named.url, self._zone, named=f"at {named.url.partition('?')[0]}")
        else:
            url = self._surroundings.secrets.read(named.secret or "")
            roster = ical.IcalAddress(url, self._zone, named=f"of the secret {named.secret}")
        return await roster.spans(since=since, until=until)


def clients() -> Path | None:
    """Return where PostgreSQL's own programs are that came with us; None where those on PATH have to do."""
    try:
        return programs()
    except Refused:
        return None
