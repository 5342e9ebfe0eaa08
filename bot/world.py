"""Everything a use case or the engine may stand on, in one value that app.py makes and tests make with fakes."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.catalog import Catalog, Team
from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.masking import Mask
from bot.domain.target import Target
from bot.ledger.ledger import Ledger
from bot.plugins import OpenPager, Source
from bot.ports import (
    Backend,
    Backups,
    Clock,
    Directory,
    LoggedRunner,
    Metrics,
    Pictures,
    Plots,
    Probe,
    Roster,
    Secrets,
    Silences,
)


@dataclass(frozen=True, slots=True)
class World:
    """The ledger, the catalog, the clock, and the ports to the world.

    `backends` are by kind, `sources` by service, `metrics` by environment, `pagers` by their name, `rosters` by
    rotation, `silences` by Alertmanager, as the catalog's `alerts` names them; `runner` runs on this machine.
    """

    ledger: Ledger
    clock: Clock
    catalog: Catalog
    directory: Directory
    backends: Mapping[str, Backend]
    sources: Mapping[str, Source]
    runner: LoggedRunner
    backups: Backups
    probe: Probe
    metrics: Mapping[str, Metrics]
    plots: Plots
    pictures: Pictures
    secrets: Secrets
    mask: Mask
    pagers: Mapping[str, OpenPager] = field(default_factory=dict)
    rosters: Mapping[str, Roster] = field(default_factory=dict)
    silences: Mapping[str, Silences] = field(default_factory=dict)

    def backend(self, target: Target) -> Backend:
        """Return the backend that a target runs on."""
        return self.backends[self.catalog.target(target).backend.kind]

    def source(self, service: str) -> Source:
        """Return where a service's releases come from; `GaveUp` when it is no longer in the catalog."""
        if service not in self.sources:
            raise GaveUp(f"{service} is no longer in the catalog, which says where its releases come from")
        return self.sources[service]

    def covered(self, args: Mapping[str, object]) -> dict[str, object]:
        """Return what somebody typed without the secrets in it; a name of the catalog is none, whatever it is alike."""
        return {name: self._covered(said) for name, said in args.items()}

    def _covered(self, said: object) -> object:
        match said:
            case str():
                return said if said in self.catalog.services or said in self.catalog.environments else self.mask(said)
            case list() | tuple():
                return [self._covered(one) for one in said]
            case _:
                return said

    async def members(self, teams: Mapping[str, Team]) -> dict[str, frozenset[str]]:
        """Return the people of each team."""
        return {name: await self._people(team) for name, team in teams.items()}

    async def _people(self, team: Team) -> frozenset[str]:
        listed = await self.directory.with_say(team.people)
        return listed | await self.directory.members(team.usergroup) if team.usergroup else listed

    async def require(self, person: str, teams: Mapping[str, Team], deed: str) -> None:
        """Refuse a person who is in none of the teams, naming who may do the deed instead."""
        members = await self.members(teams)
        if not any(person in people for people in members.values()):
            raise Refused(f"Only {' or '.join(teams)} may {deed}, and you are not in {' or '.join(teams)}.")

    async def mentions(self, teams: Mapping[str, Team]) -> list[str]:
        """Return the mark-up that calls each of the teams."""
        return [
            await self.directory.mention(team.usergroup)
            if team.usergroup
            else " ".join(f"<@{one}>" for one in team.people)
            for team in teams.values()
        ]

    async def names(self, people: Iterable[str]) -> dict[str, str]:
        """Return people's names by their id; who cannot be looked up now keeps the id for a name."""
        asked = sorted(set(people))
        return dict(zip(asked, await asyncio.gather(*map(self._name, asked)), strict=True))

    async def _name(self, person: str) -> str:
        try:
            return (await self.directory.person(person)).name
        except (Retry, GaveUp):
            return person
