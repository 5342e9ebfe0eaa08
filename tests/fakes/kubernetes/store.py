"""Objects by where they are, each with its version, and every change in the order it came.

Versions and watches follow https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes:
a watch goes on from a version, and one that is too old is answered with 410 Gone.
"""

import asyncio
import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Place = tuple[str, str, str]  # resource, namespace, name


@dataclass(frozen=True)
class Event:
    """One change, as a watch hears of it."""

    version: int
    kind: str
    place: Place
    thing: Json


class Store:
    """What the API server keeps."""

    def __init__(self) -> None:
        self._things: dict[Place, Json] = {}
        self._versions = itertools.count(1000)
        self.version = next(self._versions)
        self.compacted = 0  # a watch from before this version is too late
        self.events: list[Event] = []
        self.changed = asyncio.Event()

    def get(self, place: Place) -> Json | None:
        found = self._things.get(place)
        return copy.deepcopy(found)

    def places(self) -> list[Place]:
        return list(self._things)

    def having(self, resource: str, namespace: str) -> list[Json]:
        return [
            copy.deepcopy(thing) for place, thing in sorted(self._things.items()) if place[:2] == (resource, namespace)
        ]

    def put(self, place: Place, thing: Json) -> Json:
        """Write a thing; what does not change it leaves its version as it is."""
        before = self._things.get(place)
        if before is not None and _without_version(before) == _without_version(thing):
            return copy.deepcopy(before)
        kept = copy.deepcopy(thing)
        if before is not None and before.get("spec") != kept.get("spec"):
            kept["metadata"]["generation"] = before["metadata"].get("generation", 1) + 1
        self._record("ADDED" if before is None else "MODIFIED", place, kept)
        self._things[place] = kept
        return copy.deepcopy(kept)

    def change(self, place: Place, how: Callable[[Json], None]) -> Json:
        thing = self.get(place)
        assert thing is not None, place
        how(thing)
        return self.put(place, thing)

    def remove(self, place: Place) -> None:
        gone = self._things.pop(place, None)
        if gone is not None:
            self._record("DELETED", place, gone)

    def compact(self) -> None:
        """Forget what happened until now, as etcd does after five minutes."""
        self.compacted = self.version

    def since(self, version: int) -> Iterator[Event]:
        return (event for event in self.events if event.version > version)

    def ring(self) -> None:
        """Wake whoever waits for a change."""
        self.changed.set()
        self.changed = asyncio.Event()

    def _record(self, kind: str, place: Place, thing: Json) -> None:
        self.version = next(self._versions)
        thing["metadata"]["resourceVersion"] = str(self.version)
        self.events.append(Event(self.version, kind, place, copy.deepcopy(thing)))
        self.ring()


def _without_version(thing: Json) -> Json:
    metadata = {k: v for k, v in thing["metadata"].items() if k not in {"resourceVersion", "managedFields"}}
    return {**thing, "metadata": metadata}
