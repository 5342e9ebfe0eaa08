"""How far a key has come and what serves on its target, read off deployments, their statuses, and the runs they led to.

A run is believed before a status: what failed may be run again at GitHub and go well. Statuses are what is left when
GitHub has removed the run, after some months.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from integrations._github import runs
from integrations._github.client import Client
from integrations._github.notes import CANCELS, ENDED, Notes, claims, of_key
from integrations._github.shapes import Deployment, Run, Status, Wish

_MOST_LOOKED_AT = 20  # deployments that came to nothing, on the way back to the one that serves


@dataclass(frozen=True, slots=True)
class Look:
    """One deployment, its statuses (the newest first), and the run that was asked for, where it is found."""

    deployment: Deployment
    statuses: Sequence[Status] = ()
    run: Run | None = None

    @property
    def wish(self) -> Wish | None:
        """What was asked for."""
        return self.deployment.wish

    @property
    def claim(self) -> Status | None:
        """The right to ask for the run, once somebody has taken it."""
        return next(iter(claims(list(self.statuses))), None)

    @property
    def ended(self) -> Status | None:
        """The newest status that says how it ended."""
        return next((one for one in self.statuses if one.state in ENDED), None)

    @property
    def succeeded(self) -> bool:
        """Whether what was asked for was done."""
        went_well = any(one.state == "success" for one in self.statuses)
        return went_well or (self.run is not None and self.run.conclusion == "success")

    @property
    def asked_to_end(self) -> Status | None:
        """The first status that says that Slipway asked to cancel the run."""
        asked = [one for one in self.statuses if one.description == CANCELS]
        return min(asked, key=lambda one: one.id, default=None)

    @property
    def stopped(self) -> bool:
        """Whether the run was cancelled after Slipway had asked for that."""
        cancelled = self.run is not None and not runs.goes_on(self.run) and self.run.conclusion == "cancelled"
        return cancelled and not self.succeeded and self.asked_to_end is not None

    @property
    def news(self) -> str:
        """The state in which its run has ended, if that is not what its statuses say; else nothing."""
        if self.run is None or runs.goes_on(self.run):
            return ""
        state = "success" if self.succeeded else "failure"
        return state if self.ended is None or self.ended.state != state else ""


@dataclass(frozen=True, slots=True)
class Serving:
    """What serves: a release that Slipway asked for, or what a run by hand has put there instead."""

    key: str | None
    digest: str | None
    version: str | None
    words: str


class Course:
    """Looks at a target's deployments once; what was looked at is not asked for again."""

    def __init__(self, client: Client, notes: Notes, workflow: str) -> None:
        self._client, self._notes, self._workflow = client, notes, workflow
        self._looks: dict[int, Look] = {}

    async def of(self, deployments: list[Deployment], key: str) -> Look | None:
        """Return how the key's deployment stands: of two that were written at one moment, the one that was claimed."""
        looks = [await self._look(one, key) for one in of_key(deployments, key)]
        return next((look for look in looks if look.claim), looks[0] if looks else None)

    async def succeeded(self, deployments: Sequence[Deployment]) -> Look | None:
        """Return the newest deployment that succeeded."""
        for one in deployments[:_MOST_LOOKED_AT]:
            if one.wish is not None and (look := await self._look(one, one.wish.key)).succeeded:
                return look
        return None

    async def serving(self, deployments: Sequence[Deployment]) -> Serving | None:
        """Return what serves, as far as GitHub knows; None where nothing was ever brought."""
        ours = await self.succeeded(deployments)
        stranger = await self._stranger(ours)
        if stranger is not None or ours is None or (wish := ours.wish) is None:
            return stranger
        return Serving(wish.key, wish.digest, wish.version, wish.version)

    async def close(self, look: Look, deployments: Sequence[Deployment], words: str) -> None:
        """Write how a run has ended onto its deployment, and what it has replaced off; see the module's first lines."""
        url = look.run.html_url if look.run else ""
        await self._notes.try_to_add(look.deployment, look.news, words.partition("\n")[0], url)
        if look.news == "success":
            before = await self.succeeded([one for one in deployments if one.id < look.deployment.id])
            if before is not None and before.statuses[0].state == "success":
                await self._notes.try_to_add(before.deployment, "inactive", "another release took over")

    async def _stranger(self, ours: Look | None) -> Serving | None:
        """Return what a run of the same workflow has put there since, that Slipway did not ask for."""
        around = [one for one in await self._notes.around() if ours is None or one.id > ours.deployment.id]
        for one in [one for one in around if one.wish is None][:_MOST_LOOKED_AT]:
            run = await self._brought_by(one)
            if run is not None and run.id not in await self._asked_for(ours, around):
                words = f"{one.sha[:7]} (run {run.run_number}, which Slipway did not ask for)"
                return Serving(None, None, one.sha[:7], words)
        return None

    async def _brought_by(self, one: Deployment) -> Run | None:
        """Return the run of the workflow that brought somebody else's deployment, if it went well and bears no mark."""
        statuses = await self._notes.statuses(one)
        number = runs.noted(statuses)
        if number is None or not any(status.state == "success" for status in statuses):
            return None
        run = await runs.get(self._client, number)
        by_hand = run is not None and runs.is_of(run, self._workflow) and not runs.has(run, "slipway-")
        return run if by_hand else None

    async def _asked_for(self, ours: Look | None, around: Sequence[Deployment]) -> set[int | None]:
        """Return the runs that Slipway asked for, on this target and its neighbours, where a name does not say so."""
        wished = [one for one in around if one.wish is not None][:_MOST_LOOKED_AT]
        looked = [runs.noted(await self._notes.statuses(one)) for one in wished]
        return {*looked, runs.noted(ours.statuses) if ours else None}

    async def _look(self, one: Deployment, key: str) -> Look:
        if one.id not in self._looks:
            statuses = await self._notes.statuses(one)
            look = Look(one, statuses)
            self._looks[one.id] = look if look.succeeded else Look(one, statuses, await self._run(look, key))
        return self._looks[one.id]

    async def _run(self, look: Look, key: str) -> Run | None:
        number = runs.noted(look.statuses)
        if number is not None:
            return await runs.get(self._client, number)
        if look.claim is None or look.ended is not None:
            return None
        return await runs.find(self._client, self._workflow, self._notes.place.mark(key), look.claim.created_at)
