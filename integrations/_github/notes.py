"""What Slipway writes down at GitHub: a deployment for every key, with the release it asks for, and its statuses.

The first status `queued` of a deployment is the right to ask for its run: whoever wrote it asks, and nobody else ever
does. GitHub gives numbers in the order in which things are written, so that the first of two is the same one for both.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from bot.domain.errors import GaveUp, Retry
from bot.domain.release import Release
from bot.domain.target import Target
from integrations._github.client import Client
from integrations._github.shapes import Deployment, Status, Wish

_PAGE = 30  # deployments; they are asked for often
_LONGEST = 140  # characters of a status's description
CANCELS = "Slipway asks to cancel the run"
ENDED = frozenset({"success", "failure", "error"})


@dataclass(frozen=True, slots=True)
class Place:
    """A target as GitHub knows it: its environment, and the task by which its deployments are found."""

    target: Target
    environment: str

    @property
    def task(self) -> str:
        """What the target's deployments are listed by."""
        return f"slipway:{self.target}"

    def mark(self, key: str) -> str:
        """Return the word by which the run of a key is known: a key may hold any character, a run's name may not."""
        said = json.dumps([self.environment, str(self.target), key]).encode()
        return f"slipway-{hashlib.sha256(said).hexdigest()[:20]}"


class Notes:
    """The deployments of one target."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client, self.place = client, place

    async def newest_first(self, key: str | None = None) -> list[Deployment]:
        """Return the target's deployments, the newest first, back to the one of a key and beyond, or to the 600th."""
        where = f"environment={quote(self.place.environment, safe='')}&task={quote(self.place.task, safe='')}"
        found = await self._client.pages(
            Deployment,
            f"/deployments?{where}",
            "deployments",
            sought=lambda one: key is None or _is(one.wish, key),
            size=_PAGE,
        )
        return [one for one in found if one.wish is not None and one.wish.target == str(self.place.target)]

    async def around(self) -> list[Deployment]:
        """Return the newest deployments of the whole environment, whoever wrote them."""
        where = f"/deployments?environment={quote(self.place.environment, safe='')}"
        return await self._client.pages(Deployment, where, "deployments", sought=lambda _: True, size=_PAGE)

    async def begin(self, release: Release, key: str) -> Deployment:
        """Write down what a key asks for."""
        target = self.place.target
        wish = Wish(key=key, target=str(target), version=release.version, digest=release.digest)
        note = {
            "ref": release.commit.id,
            "task": self.place.task,
            "environment": self.place.environment,
            "payload": {"slipway": wish.model_dump()},
            "description": self._client.mask.beginning(f"{target.service} {release.version}", _LONGEST),
            "auto_merge": False,
            "required_contexts": [],
        }
        return await self._client.post(Deployment, "/deployments", note, f"deployment of {release.commit.short}")

    async def statuses(self, one: Deployment) -> list[Status]:
        """Return the statuses of a deployment, the newest first."""
        return await self._client.pages(Status, f"/deployments/{one.id}/statuses", f"deployment {one.id}")

    async def add(self, one: Deployment, state: str, words: str, url: str = "") -> Status:
        """Add a status to a deployment. It makes no other deployment inactive: its neighbours may be other services."""
        status = {
            "state": state,
            "description": self._client.mask.beginning(words, _LONGEST),
            "log_url": url,
            "auto_inactive": False,
        }
        return await self._client.post(
            Status, f"/deployments/{one.id}/statuses", status, f"status of deployment {one.id}"
        )

    async def try_to_add(self, one: Deployment, state: str, words: str, url: str = "") -> None:
        """Add a status that tells people what is known without it: where it cannot be written, that is no matter."""
        with suppress(Retry, GaveUp):
            await self.add(one, state, words, url)


def claims(statuses: list[Status]) -> list[Status]:
    """Return the statuses that claim the right to ask for the run, the first one first."""
    return sorted((one for one in statuses if one.state == "queued"), key=lambda one: one.id)


def of_key(deployments: list[Deployment], key: str) -> list[Deployment]:
    """Return the deployments of a key, the first one first; two askers at one moment may have written two."""
    return sorted((one for one in deployments if _is(one.wish, key)), key=lambda one: one.id)


def _is(wish: Wish | None, key: str) -> bool:
    return wish is not None and wish.key == key
