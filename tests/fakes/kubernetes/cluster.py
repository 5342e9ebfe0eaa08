"""A small cluster behind the API: it moves by itself, until a test holds it and moves it step by step."""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.fakes.kubernetes.applying import edited
from tests.fakes.kubernetes.controllers import KINDS, Controllers
from tests.fakes.kubernetes.kubelet import Image, next_status, run
from tests.fakes.kubernetes.store import Place, Store

Json = dict[str, Any]
TOKEN = "an-invented-token"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LAST_WORDS = "cannot connect to the database"


class Fault(StrEnum):
    """What goes wrong with one request."""

    HANGS_UP = "it is not taken, and the line breaks"
    LOSES_ANSWER = "it is done, and the line breaks before the answer"
    ERROR_BUT_DONE = "it is done, and answered with 500"
    UNAVAILABLE = "503"
    THROTTLED = "429 with Retry-After"
    EXPIRED = "410"


@dataclass
class Due:
    fault: Fault
    method: str
    resource: str


class Cluster:
    """Implements what Kubernetes would do; `step` is one small move of everything in it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store()
        numbers = itertools.count(1)
        self.controllers = Controllers(self.store, nodes=1, name_of=lambda: f"p{next(numbers)}")
        self.images: dict[str, Image] = {}  # by digest; an image without one cannot be pulled
        self.logs: dict[str, list[tuple[datetime, str]]] = {}  # by pod
        self.files: dict[str, Path] = {}  # by pod, the log of one that is a real process
        self.tokens = {TOKEN}
        self.denied: set[tuple[str, str]] = set()  # verb, resource
        self.down = False
        self.held = False
        self.round = 0  # watches of an earlier round end
        self.bookmarks = True
        self.watching = 0  # how many watches are open
        self.asked: list[tuple[str, str, str]] = []  # verb, resource, name
        self._due: deque[Due] = deque()
        self._folder = folder
        self._seconds = itertools.count(1)
        self._runs: dict[str, asyncio.Task[None]] = {}

    # --- what a test does to it

    def make(self, resource: str, name: str, namespace: str = "shop", *, by: str = "helm", **spec: object) -> None:
        """Somebody makes a workload, as they do before Slipway ever comes: with an image that is no release."""
        labels = {"app": name}
        pod = spec.pop("pod", {"containers": [{"name": "web", "image": "example.org/shop/web:none"}]})
        thing = {
            "apiVersion": "apps/v1",
            "kind": KINDS[resource],
            "metadata": {"name": name, "namespace": namespace, "generation": 1, "annotations": {}},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels, "annotations": {}}, "spec": pod},
                **({} if resource == "daemonsets" else {"replicas": 1}),
                **spec,
            },
        }
        empty: Json = {"metadata": {}}
        self.store.put((resource, namespace, name), edited(empty, thing, by, self.time()))

    def edit(self, resource: str, name: str, how: Callable[[Json], None], *, by: str, namespace: str = "shop") -> None:
        """Somebody changes a workload past Slipway, as `kubectl edit` or an autoscaler does."""
        place = (resource, namespace, name)
        live = self.store.get(place)
        after = self.store.get(place)
        assert live is not None
        assert after is not None
        how(after)
        self.store.put(place, edited(live, after, by, self.time()))

    def expire(self, name: str, namespace: str = "shop") -> None:
        """The Deployment's progressDeadlineSeconds pass: …/controllers/deployment/#failed-deployment."""
        said = {
            "type": "Progressing",
            "status": "False",
            "reason": "ProgressDeadlineExceeded",
            "message": f'ReplicaSet "{name}-1" has timed out progressing.',
        }

        def late(thing: Json) -> None:
            thing.setdefault("status", {})["conditions"] = [said]

        self.store.change(("deployments", namespace, name), late)

    def then(self, fault: Fault, method: str = "", resource: str = "") -> None:
        """The next request of this kind goes wrong."""
        self._due.append(Due(fault, method, resource))

    def end_watches(self) -> None:
        """The server ends the watches that are open, as it does after a while."""
        self.round += 1
        self.store.ring()

    def fault(self, method: str, resource: str) -> Fault | None:
        """Take the fault that is due for a request."""
        for due in self._due:
            if due.method in {"", method} and due.resource in {"", resource}:
                self._due.remove(due)
                return due.fault
        return None

    def time(self) -> str:
        return f"{EPOCH + timedelta(seconds=next(self._seconds)):%Y-%m-%dT%H:%M:%SZ}"

    # --- what it does by itself

    async def live(self) -> None:
        """Move whenever something changed, until cancelled."""
        try:
            while True:
                changed = self.store.changed
                while not self.held and self.step():  # noqa: ASYNC110 - it lets the others go on, and waits for nothing
                    await asyncio.sleep(0)
                await changed.wait()
        finally:
            for one in self._runs.values():
                one.cancel()
            await asyncio.gather(*self._runs.values(), return_exceptions=True)

    def step(self) -> bool:
        """Move everything by one small step; whether anything moved."""
        before = self.store.version
        namespaces = {place[1] for place in self.store.places()}
        for namespace in namespaces:
            for resource in KINDS:
                for workload in self.store.having(resource, namespace):
                    self.controllers.step(resource, workload)
            for pod in self.store.having("pods", namespace):
                if pod["metadata"]["ownerReferences"][0]["kind"] != "Job":
                    self._live_pod(pod)
            for job in self.store.having("jobs", namespace):
                self._live_job(job)
        return self.store.version != before

    def _live_pod(self, pod: Json) -> None:
        image = pod["spec"]["containers"][0]["image"]
        behaviour = self.images.get(image.rpartition("@")[2], Image.WELL if "@" in image else Image.UNPULLABLE)
        status, place = next_status(pod, behaviour), ("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
        self.store.change(place, lambda thing: thing.update(status=status))
        if behaviour in {Image.CRASHES, Image.OOM}:
            self.logs.setdefault(place[2], [(EPOCH, "starting"), (EPOCH, LAST_WORDS)])
        for container in status.get("containerStatuses") or []:
            waiting = container["state"].get("waiting")
            if waiting:
                self._tell(place, waiting["reason"], waiting["message"])

    def _tell(self, place: Place, reason: str, message: str) -> None:
        """Make the Event that the kubelet would; its `count` grows, its name stays."""
        name = f"{place[2]}.{reason}"
        if self.store.get(("events", place[1], name)) is None:
            event = {
                "metadata": {"name": name, "namespace": place[1]},
                "involvedObject": {"kind": "Pod", "name": place[2]},
                "type": "Warning",
                "reason": "BackOff" if reason.endswith("BackOff") else "Failed",
                "message": message,
                "lastTimestamp": self.time(),
            }
            self.store.put(("events", place[1], name), event)

    def _live_job(self, job: Json) -> None:
        name, namespace = job["metadata"]["name"], job["metadata"]["namespace"]
        if job.get("status") or name in self._runs:
            return
        template, place = job["spec"]["template"], ("pods", namespace, f"{name}-pod")
        owner = [{"kind": "Job", "name": name}]
        metadata = {**template["metadata"], "name": place[2], "namespace": namespace, "ownerReferences": owner}
        pod = self.store.put(place, {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
        log, message = self._folder / f"{name}.log", self._folder / f"{name}.message"
        self.files[place[2]] = log
        self._runs[name] = asyncio.create_task(
            run(pod, log, message, self._secret, lambda status: self._report(place, status))
        )

    async def _secret(self, namespace: str, name: str, wait: bool) -> dict[str, str] | None:  # noqa: FBT001 - a callable's
        """Give what a Secret holds, or None; `wait` waits for a change where there is none."""
        place = ("secrets", namespace, name)
        if wait and self.store.get(place) is None:
            await self.store.changed.wait()
        found = self.store.get(place)
        return None if found is None else dict(found["stringData"])

    def _report(self, place: Place, status: Json) -> None:
        with contextlib.suppress(AssertionError):  # its pod was taken away
            self.store.change(place, lambda thing: thing.update(status=status))
        if status["phase"] in {"Succeeded", "Failed"}:
            kind = {"Succeeded": "Complete", "Failed": "Failed"}[status["phase"]]
            said = {"conditions": [{"type": kind, "status": "True"}]}
            job = ("jobs", place[1], place[2].removesuffix("-pod"))
            if self.store.get(job) is not None:
                self.store.change(job, lambda thing: thing.update(status=said))
