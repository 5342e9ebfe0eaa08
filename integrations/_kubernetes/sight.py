"""What was read of a workload and its pods, and what it means for a key: pure.

A rollout is over when ``kubectl rollout status`` would say so
(https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment); what serves is read off the
pods that are ready, since after a rollout that failed the old ones are still there.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.observation import Observed, Phase
from integrations._kubernetes.api import Json
from integrations._kubernetes.manifest import DIGEST, KEY, VERSION, Asked, annotations, asked
from integrations._kubernetes.owners import holder
from integrations._kubernetes.symptoms import Symptom, ready, worst
from integrations._kubernetes.workload import Workload


@dataclass(frozen=True, slots=True)
class Counts:
    """How many pods there should be, and how far they are, as the workload's controller counts them."""

    wanted: int
    updated: int
    ready: int
    available: int

    def __str__(self) -> str:
        """Return what `Observed.replicas` does not hold."""
        return f"{self.updated} updated, {self.available} available"


@dataclass(frozen=True, slots=True)
class Serving:
    """What pods serve: `key` and `version` are None where somebody else put the image there."""

    key: str | None
    digest: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class Sight:
    """A workload and its pods, as they were read."""

    place: Workload
    workload: Json
    pods: list[Json]
    pods_version: str  # of the list, to watch from

    @property
    def version(self) -> str:
        """The version of the workload that was read."""
        return str(self.workload["metadata"]["resourceVersion"])

    @property
    def keys(self) -> list[str]:
        """Every key it was asked for under, the newest last."""
        return list(asked(self.workload))

    def observed(self, key: str) -> tuple[Observed, Symptom | None]:
        """Return what is seen for a key, and what ails a pod of it when that made it fail."""
        serves, many = self._serving()
        phase, detail, ails = self._standing(key, serves)
        count = self.count(key) if phase is Phase.PROGRESSING else many
        seen = Observed(phase, detail=detail, replicas=(count, self.counts.wanted))
        if serves is not None:
            seen = replace(seen, key=serves.key, digest=serves.digest, version=serves.version)
        return seen, ails

    @property
    def counts(self) -> Counts:
        """Count the pods as the controller does."""
        spec, status = self.workload["spec"], self.workload.get("status") or {}
        if self.place.word == "daemonset":
            names = ("desiredNumberScheduled", "updatedNumberScheduled", "numberReady", "numberAvailable")
            return Counts(*(int(status.get(name) or 0) for name in names))
        seen = (int(status.get(name) or 0) for name in ("updatedReplicas", "readyReplicas", "availableReplicas"))
        return Counts(int(spec.get("replicas", 1)), *seen)

    def count(self, key: str) -> int:
        """Count the ready pods that were made under a key."""
        return sum(ready(pod) and annotations(pod).get(KEY) == key for pod in self.pods)

    def _serving(self) -> tuple[Serving | None, int]:
        """Return what most of the ready pods serve, and how many of them do."""
        found = Counter(self._of(pod) for pod in self.pods if ready(pod))
        return found.most_common(1)[0] if found else (None, 0)

    def _of(self, bearer: Json) -> Serving:
        """Return what a pod, or the template of pods, says it serves; another image than it names is drift."""
        said, digest = annotations(bearer), self._digest(bearer)
        if said.get(DIGEST) is None or said[DIGEST] != digest:
            return Serving(None, digest, None)
        return Serving(said.get(KEY), digest, said.get(VERSION))

    def _digest(self, bearer: Json) -> str | None:
        """Return the digest of our container, found by its name in the template: others may be put beside it."""
        name = self.place.chosen(self.workload["spec"]["template"])["name"]
        image = next((one["image"] for one in bearer["spec"]["containers"] if one["name"] == name), "")
        if "@" in image:
            return str(image.rpartition("@")[2])
        statuses = (bearer.get("status") or {}).get("containerStatuses") or []
        pulled = next((one.get("imageID", "") for one in statuses if one["name"] == name), "")
        return pulled.rpartition("@")[2] or None

    def _standing(self, key: str, serves: Serving | None) -> tuple[Phase, str, Symptom | None]:
        known = asked(self.workload)
        if key not in known:
            return Phase.ABSENT, "nothing was asked under this key", None
        newest = list(known.values())[-1]
        if newest.key == key:
            return self._newest(newest, serves)
        if serves is not None and serves.key == key:
            return Phase.LIVE, "", None
        return Phase.FAILED, f"superseded: {newest.version} was asked for after it", None

    def _newest(self, newest: Asked, serves: Serving | None) -> tuple[Phase, str, Symptom | None]:
        template = self.workload["spec"]["template"]
        if self._of(template) != Serving(newest.key, newest.digest, newest.version):
            image = self.place.chosen(template)["image"]
            return Phase.FAILED, f"{self.place} was changed past Slipway to {image}{holder(self.workload)}", None
        if self._behind:
            return Phase.PROGRESSING, _joined([self.counts, "the cluster has not taken it up yet"]), None
        lacks = self._lacks()
        if not lacks and (self.counts.wanted == 0 or (serves is not None and serves.key == newest.key)):
            return Phase.LIVE, "" if self.counts.wanted else "it is scaled to zero: nothing runs", None
        ails = worst([pod for pod in self.pods if annotations(pod).get(KEY) == newest.key])
        if ails is not None and not ails.heals:
            return Phase.FAILED, str(ails), ails
        late = self._late()
        if late:
            return Phase.FAILED, _joined([late, ails]), ails
        return Phase.PROGRESSING, _joined([self.counts, lacks, ails or self._in_the_way(newest.key)]), None

    @property
    def _behind(self) -> bool:
        """Whether what the controller says is still about what was asked before."""
        seen = (self.workload.get("status") or {}).get("observedGeneration") or 0
        return int(seen) < int(self.workload["metadata"]["generation"])

    def _lacks(self) -> str:
        """Return what a rollout waits for; nothing when it is complete."""
        status, counts, spec = self.workload.get("status") or {}, self.counts, self.workload["spec"]
        if (spec.get("updateStrategy") or {}).get("type") == "OnDelete":
            how = "its updateStrategy is OnDelete: it goes on when its pods are deleted by hand"
        else:
            how = "it is paused: kubectl rollout resume" if spec.get("paused") else _refused(status)
        partition = int(((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition") or 0)
        done = counts.updated >= max(counts.wanted - partition, 0) and counts.available >= counts.wanted
        old = int(status.get("replicas") or 0) > counts.updated and self.place.word == "deployment"
        return "" if done and not old else how or "pods are being replaced"

    def _late(self) -> str:
        """Return the controller's own words when it has given up waiting."""
        for one in (self.workload.get("status") or {}).get("conditions") or []:
            if one.get("type") == "Progressing" and one.get("reason") == "ProgressDeadlineExceeded":
                return f"ProgressDeadlineExceeded: {one.get('message', '')}"
        return ""

    def _in_the_way(self, key: str) -> str:
        """Say that a StatefulSet waits for a broken pod of an earlier release before it touches any other.

        https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
        """
        if self.place.word != "statefulset":
            return ""
        ails = worst([pod for pod in self.pods if annotations(pod).get(KEY) != key])
        return f"{ails}; a StatefulSet waits for it: kubectl delete pod {ails.pod}" if ails else ""


def _refused(status: Json) -> str:
    """Return why the controller may not make pods, such as a quota."""
    for one in status.get("conditions") or []:
        if one.get("type") == "ReplicaFailure" and one.get("status") == "True":
            return f"{one.get('reason')}: {one.get('message')}"
    return ""


def _joined(parts: Iterable[object]) -> str:
    return "; ".join(str(part) for part in parts if part)
