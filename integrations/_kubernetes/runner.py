"""Runs one-off work as Jobs beside a target. Implements `bot.ports.LoggedRunner`."""

from collections.abc import Mapping
from datetime import timedelta

from bot.domain.errors import GaveUp
from bot.domain.observation import LogChunk, Run, RunState
from bot.ports import Invocation
from integrations._kubernetes.api import Api, Json
from integrations._kubernetes.job import RUN, container_of, job, named, run, secret, terminated
from integrations._kubernetes.manifest import KEY
from integrations._kubernetes.reading import Readings
from integrations._kubernetes.reasons import Conflicted, Missing
from integrations._kubernetes.workload import Workload

_LONGEST_KEY = 1000


class Jobs:
    """Runs with the image of a release and with everything else as the target's own pods have it."""

    def __init__(
        self, api: Api, readings: Readings, place: Workload, image: str, said: Mapping[str, str], keep: timedelta
    ) -> None:
        self._api = api
        self._readings = readings
        self._place = place
        self._image = image
        self._said = said
        self._keep = keep
        self._jobs = ("apis", "batch", "v1", "namespaces", place.namespace, "jobs")

    async def start(self, invocation: Invocation, *, key: str) -> None:
        """See `bot.ports.Runner`. A Job's name, and its Secret's, is made of its key: there is one of each."""
        if not invocation.argv:
            raise GaveUp(f"there is nothing to run under {key}: its argv is empty")
        if not 0 < len(key) <= _LONGEST_KEY:
            raise GaveUp(f"a key has 1 to {_LONGEST_KEY} characters, this one {len(key)}")
        seen = await self._api.get(*self._place.path)
        made = job(self._place, seen, invocation, self._image, {**self._said, KEY: key}, self._keep)
        there = await self._made(made) or await self._api.get(*self._jobs, made["metadata"]["name"])
        if invocation.environment:
            await self._made(secret(there, invocation), "api", "v1", "namespaces", self._place.namespace, "secrets")

    async def _made(self, thing: Json, *where: str) -> Json | None:
        """Make an object; return it as it is there, or None where there was one by its name."""
        try:
            return await self._api.create(*(where or self._jobs), body=thing)
        except Conflicted as no:
            if no.kind != "AlreadyExists":
                raise
            return None

    async def observe(self, *, key: str) -> Run:
        """See `bot.ports.Runner`."""
        found = await self._found(key)
        return Run(RunState.ABSENT) if found is None else run(found, await self._pods(key))

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """See `bot.ports.Logs`."""
        found, pods = await self._found(key), await self._pods(key)
        if found is None or not pods or (pods[-1].get("status") or {}).get("phase") in {None, "Pending"}:
            return LogChunk("", offset)
        path = (*self._place.pods, pods[-1]["metadata"]["name"], "log")
        ended = terminated(found, pods[-1]) is not None
        return await self._readings.piece(self._api, path, container_of(found), offset, ended=ended)

    async def _found(self, key: str) -> Json | None:
        try:
            return await self._api.get(*self._jobs, named(self._place, key))
        except Missing:
            return None

    async def _pods(self, key: str) -> list[Json]:
        listed = await self._api.get(*self._place.pods, query={"labelSelector": f"{RUN}={named(self._place, key)}"})
        return sorted(listed["items"], key=lambda pod: str(pod["metadata"].get("creationTimestamp")))
