"""Rings when what was read of a workload is no longer so: two watches, which say only that something moved.

The engine looks five times a second while a release comes up. Between two changes the answer is the one that was
read before, so it is given again without asking, as long as the bell hangs and has not rung. What rings is
never believed further than that: the next look reads anew, so a lost event costs time and never truth.

A watch begins at the version that was read, and goes on from the last one it heard of when the server ends it as
usual. On 410 Gone it rings and goes on from now; on a broken line it is over, and the next look hangs another
(https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.domain.errors import GaveUp, Retry
from integrations._kubernetes.api import Api, Json
from integrations._kubernetes.reasons import Expired
from integrations._kubernetes.sight import Sight
from integrations._kubernetes.workload import selector

_SPELL = timedelta(seconds=30)  # after which the server ends a watch, so that a dead line is noticed

log = structlog.get_logger(__name__)


class Doorbell:
    """Hangs from one reading of a workload on. `wired` hangs it; `silent` says whether what was read still holds."""

    def __init__(self) -> None:
        self.rung = False
        self.looks = 0  # how often somebody asked; a spell in which nobody did is the last
        self.refused = False  # whether the cluster does not let us watch
        self._watches: list[asyncio.Task[None]] = []

    @classmethod
    def wired(cls, api: Api, sight: Sight) -> "Doorbell":
        """Begin to watch from what was read."""
        bell, place = cls(), sight.place
        own = {"fieldSelector": f"metadata.name={place.name}"}
        pods = {"labelSelector": selector(sight.workload)}
        bell._watches = [
            asyncio.create_task(bell._listen(api, place.collection, own, sight.version)),
            asyncio.create_task(bell._listen(api, place.pods, pods, sight.pods_version)),
        ]
        return bell

    @property
    def hangs(self) -> bool:
        """Whether it would still ring."""
        return not any(watch.done() for watch in self._watches)

    async def close(self) -> None:
        """Take it down."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    async def _listen(self, api: Api, path: tuple[str, ...], query: dict[str, str], version: str) -> None:
        """Watch, spell after spell; return when it can no longer be told whether something moved."""
        before = -1
        try:
            while self.looks != before or not version:
                before = self.looks
                version = await self._spell(api, path, query, version)
        except GaveUp as no:
            self.refused = True
            log.warning("the cluster does not let us watch; it is asked at every look", reason=no.reason)
        except Retry as later:
            log.debug("a watch broke off", reason=later.reason)

    async def _spell(self, api: Api, path: tuple[str, ...], query: dict[str, str], version: str) -> str:
        """Watch once; return the version to go on from, which is none when the one we had was too old."""
        try:
            async for heard in _heard(api, path, query, version):
                version = heard.version
                self.rung = self.rung or heard.moved
        except Expired:
            if not version:
                raise
            self.rung = True
            return ""
        return version


@dataclass(frozen=True, slots=True)
class _Heard:
    """One event: the version to go on from, and whether anything moved or it only says so (a bookmark)."""

    version: str
    moved: bool


async def _heard(api: Api, path: tuple[str, ...], query: dict[str, str], version: str) -> AsyncIterator[_Heard]:
    seconds = str(int(_SPELL.total_seconds()))
    asked = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": seconds}
    asked |= {"resourceVersion": version} if version else {}  # without one, from now on
    async with api.stream(*path, query=query | asked, patience=_SPELL * 2) as answer:
        async for line in answer:
            event: Json = json.loads(line)
            if event["type"] == "ERROR":
                raise Expired(str(event["object"].get("message")))
            yield _Heard(str(event["object"]["metadata"]["resourceVersion"]), event["type"] != "BOOKMARK")
