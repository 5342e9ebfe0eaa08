"""What ails a pod, in the kubelet's and the scheduler's words, and whether it can heal by itself.

An image that cannot be pulled and a pod that finds no node can heal without anybody (a registry comes back, a node
joins): they are told at once, and fail only when the workload's own deadline says so. A container that crashes, that
runs out of memory or that lacks its configuration does not come up by waiting: that fails at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from integrations._kubernetes.api import Json

# https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-state-waiting, and the kubelet's reasons
HEALING = {"ImagePullBackOff", "ErrImagePull", "RegistryUnavailable", "ImageInspectError"}
LASTING = {
    *("CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError"),
    *("InvalidImageName", "ErrImageNeverPull"),
}


@dataclass(frozen=True, slots=True)
class Symptom:
    """What ails one pod. `container` is the one it is about, and `restarted` whether it ran before."""

    pod: str
    words: str
    heals: bool
    container: str | None = None
    restarted: bool = False

    def __str__(self) -> str:
        """Return it as a sentence."""
        return f"{self.pod}: {self.words}"


def worst(pods: list[Json]) -> Symptom | None:
    """Return what ails the pods: what lasts before what may heal."""
    found = sorted((one for pod in pods for one in _ailing(pod)), key=lambda one: (one.heals, one.pod))
    return found[0] if found else None


def ready(pod: Json) -> bool:
    """Whether a pod serves: it is ready, and is not on its way out."""
    return "deletionTimestamp" not in pod["metadata"] and _condition(pod, "Ready").get("status") == "True"


def _ailing(pod: Json) -> Iterator[Symptom]:
    if ready(pod) or "deletionTimestamp" in pod["metadata"]:
        return
    name, status = pod["metadata"]["name"], pod.get("status") or {}
    scheduled = _condition(pod, "PodScheduled")
    if scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable":
        yield Symptom(name, f"FailedScheduling: {scheduled.get('message', '')}", heals=True)
    for one in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        yield from _of_container(name, one)


def _of_container(pod: str, status: Json) -> Iterator[Symptom]:
    state = status.get("state") or {}
    waiting: Json = state.get("waiting") or {}
    ended: Json = state.get("terminated") or (status.get("lastState") or {}).get("terminated") or {}
    reason, restarted = waiting.get("reason"), bool(status.get("restartCount"))
    if ended.get("reason") == "OOMKilled":
        words = f"OOMKilled: {status['name']} used more than its memory limit, exit code {ended.get('exitCode')}"
        yield Symptom(pod, words, heals=False, container=status["name"], restarted=restarted)
    elif reason in LASTING | HEALING:
        code = f", exit code {ended['exitCode']}" if "exitCode" in ended else ""
        message = f": {waiting['message']}" if waiting.get("message") else ""
        words = f"{reason}{code}{message}"
        yield Symptom(pod, words, heals=reason in HEALING, container=status["name"], restarted=restarted)


def _condition(thing: Json, kind: str) -> Json:
    conditions = (thing.get("status") or {}).get("conditions") or []
    return next((one for one in conditions if one.get("type") == kind), {})
