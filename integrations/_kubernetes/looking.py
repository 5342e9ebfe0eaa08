"""Looking at workloads: what was read is kept while a release comes up, for as long as nothing moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.errors import GaveUp
from bot.domain.observation import Observed, Phase
from bot.ports import Clock
from integrations._kubernetes.api import Api, Json
from integrations._kubernetes.doorbell import Doorbell
from integrations._kubernetes.reasons import Missing
from integrations._kubernetes.sight import Sight
from integrations._kubernetes.symptoms import Symptom
from integrations._kubernetes.workload import Workload, selector

OLDEST = timedelta(seconds=10)  # what was read before that is read again, whatever a bell says


@dataclass(slots=True)
class _Kept:
    sight: Sight
    read_at: datetime
    bell: Doorbell


class Looking:
    """Reads workloads. Only that something is still on its way is ever said from memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[tuple[Api, Workload], _Kept] = {}

    async def look(self, api: Api, place: Workload, key: str) -> tuple[Observed, Symptom | None]:
        """Return what is seen for a key, and the pod that shows why it failed."""
        kept = self._kept.get((api, place))
        if kept is not None and kept.bell.hangs and not kept.bell.rung and self._clock.now() - kept.read_at < OLDEST:
            seen, ails = kept.sight.observed(key)
            if seen.phase is Phase.PROGRESSING:
                kept.bell.looks += 1
                return seen, ails
        return await self._read(api, place, key)

    async def close(self) -> None:
        """Take down every bell."""
        for kept in self._kept.values():
            await kept.bell.close()

    async def _read(self, api: Api, place: Workload, key: str) -> tuple[Observed, Symptom | None]:
        kept = self._kept.get((api, place))
        if kept is not None:
            kept.bell.rung = False  # before reading: what moves from here on rings again
            kept.bell.looks += 1
        now = self._clock.now()
        sight = await read(api, place)
        seen, ails = sight.observed(key)
        if seen.phase is Phase.PROGRESSING:
            self._keep(api, sight, now)
        elif key in sight.keys[-1:]:
            await self._drop(api, place)
        return seen, ails

    def _keep(self, api: Api, sight: Sight, now: datetime) -> None:
        kept = self._kept.get((api, sight.place))
        if kept is None or not (kept.bell.hangs or kept.bell.refused):
            self._kept[api, sight.place] = _Kept(sight, now, Doorbell.wired(api, sight))
        else:
            kept.sight, kept.read_at = sight, now

    async def _drop(self, api: Api, place: Workload) -> None:
        kept = self._kept.pop((api, place), None)
        if kept is not None:
            await kept.bell.close()


async def workload(api: Api, place: Workload) -> Json:
    """Read a workload; `GaveUp` names it and its namespace."""
    try:
        return await api.get(*place.path)
    except Missing as no:
        raise GaveUp(f"there is no {place} in the namespace {place.namespace}: {no.reason}") from no


async def read(api: Api, place: Workload) -> Sight:
    """Read a workload, and then its pods."""
    found = await workload(api, place)
    pods = await api.get(*place.pods, query={"labelSelector": selector(found)})
    return Sight(place, found, pods["items"], str(pods["metadata"].get("resourceVersion")))
