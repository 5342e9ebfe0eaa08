"""One-off work as a Job of one pod, made of the target's own pod template; found again by a name made of its key.

Kubernetes promises at most that it tries to run such a Job once: "the same program may sometimes be started twice"
(https://kubernetes.io/docs/concepts/workloads/controllers/job/#handling-pod-and-container-failures). The pod is not
replaced, and its own deadline ends it, because the one of the Job would take the pod, and its log, away.

What the program is given in its environment is in a Secret that the Job owns, and goes with it. It is made after the
Job, whose identity it has to name: until then the pod waits, and has not begun.
"""

import hashlib
import math
from collections.abc import Mapping
from datetime import timedelta

from bot.domain.observation import Run, RunState
from bot.ports import Invocation
from integrations._kubernetes.api import Json
from integrations._kubernetes.symptoms import worst
from integrations._kubernetes.workload import Workload

RUN = "slipway/run"  # the label of a run's pod; it has none of the target's own, so that no traffic goes to it
_RESULT_NAME = "SLIPWAY_RESULT"
RESULT = "/dev/termination-log"  # the kubelet hands on what stands there, 4096 bytes of it
_KEPT = (
    *("serviceAccountName", "automountServiceAccountToken", "imagePullSecrets", "securityContext", "nodeSelector"),
    *("tolerations", "affinity", "volumes", "runtimeClassName", "priorityClassName", "dnsPolicy", "dnsConfig"),
    *("hostAliases",),
)
_KEPT_OF_CONTAINER = ("name", "env", "envFrom", "resources", "securityContext", "workingDir", "imagePullPolicy")
_UNCONFIGURED = "CreateContainerConfigError"
_TIMED_OUT = 124
_SLACK = timedelta(minutes=1)  # to find a node, before the Job itself is ended


def named(place: Workload, key: str) -> str:
    """Return the name of a key's Job beside a workload: a key may hold any character, an object's name may not."""
    return f"slipway-{hashlib.sha256(f'{place} {key}'.encode()).hexdigest()[:32]}"


def job(
    place: Workload, seen: Json, invocation: Invocation, image: str, said: Mapping[str, str], keep: timedelta
) -> Json:
    """Return the Job that runs an invocation as the workload's own container would run; `keep` is its time to live."""
    template: Json = seen["spec"]["template"]
    name, seconds = named(place, said["slipway/key"]), math.ceil(invocation.timeout.total_seconds())
    spec: Json = template["spec"]
    pod = {word: spec[word] for word in _KEPT if word in spec}
    # a sidecar ends with the container it stands beside; other containers would keep the Job from ending
    sidecars = [one for one in spec.get("initContainers") or [] if one.get("restartPolicy") == "Always"]
    container = _container(name, place.chosen(template), pod, invocation, image)
    pod |= {"containers": [container], "initContainers": sidecars, "restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": place.namespace,
            "labels": {"app.kubernetes.io/managed-by": "slipway", RUN: name},
            "annotations": dict(said),
        },
        "spec": {
            "backoffLimit": 0,
            "podReplacementPolicy": "Failed",
            "ttlSecondsAfterFinished": int(keep.total_seconds()),
            "activeDeadlineSeconds": seconds + int(_SLACK.total_seconds()),
            "template": {
                "metadata": {"labels": {RUN: name}, "annotations": dict(said)},
                "spec": {**pod, "activeDeadlineSeconds": max(seconds, 1)},
            },
        },
    }


def _container(name: str, own: Json, pod: Json, invocation: Invocation, image: str) -> Json:
    volumes = {one["name"] for one in pod.get("volumes") or []}
    given = [name for name in invocation.environment if name != _RESULT_NAME]
    ours = [{"name": one, "valueFrom": {"secretKeyRef": {"name": name, "key": one}}} for one in given]
    theirs = [one for one in own.get("env") or [] if one["name"] not in {*given, _RESULT_NAME}]
    container = {word: own[word] for word in _KEPT_OF_CONTAINER if word in own}
    container |= {
        "image": image,
        "command": list(invocation.argv),
        "env": [*theirs, *ours, {"name": _RESULT_NAME, "value": RESULT}],
        "volumeMounts": [one for one in own.get("volumeMounts") or [] if one["name"] in volumes],
        "terminationMessagePath": RESULT,
        "terminationMessagePolicy": "File",
    }
    return container | ({"workingDir": invocation.folder} if invocation.folder else {})


def secret(made: Json, invocation: Invocation) -> Json:
    """Return the Secret with what an invocation is given in its environment: it goes when its Job goes."""
    about = made["metadata"]
    owner = {"apiVersion": made["apiVersion"], "kind": made["kind"], "name": about["name"], "uid": about["uid"]}
    metadata = {"name": about["name"], "namespace": about["namespace"], "labels": about["labels"]}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {**metadata, "ownerReferences": [owner]},
        "immutable": True,
        "stringData": dict(invocation.environment),
    }


def run(found: Json, pods: list[Json]) -> Run:
    """Say how a Job stands, from what it and its pod say."""
    pod = pods[-1] if pods else None
    if pod is None:
        return _without_pod(found)
    status = pod.get("status") or {}
    if status.get("reason") == "DeadlineExceeded":
        return Run(RunState.EXITED, _TIMED_OUT, detail=_joined("it was ended: it took too long", worst(pods)))
    ended = terminated(found, pod)
    if ended is not None:
        plain = ended.get("reason") in {None, "Completed", "Error"}
        detail = "" if plain else _joined(str(ended["reason"]), "" if "=" in _message(ended) else _message(ended))
        return Run(RunState.EXITED, int(ended["exitCode"]), _result(_message(ended)), detail)
    if status.get("phase") == "Failed":
        return Run(RunState.LOST, detail=_joined(str(status.get("reason") or "its pod failed"), status.get("message")))
    ails = worst(pods)
    if ails is not None and ails.words.startswith(_UNCONFIGURED) and f'"{found["metadata"]["name"]}"' in ails.words:
        return Run(RunState.ABSENT, detail=f"it was never begun: {ails}")  # who starts it again makes its Secret
    return Run(RunState.RUNNING, detail=str(ails or ""))


def container_of(found: Json) -> str:
    """Return the name of a Job's one container; a pod of it may have others that were put beside it."""
    return str(found["spec"]["template"]["spec"]["containers"][0]["name"])


def terminated(found: Json, pod: Json) -> Json | None:
    """Return how a Job's own container ended in its pod, or None while it has not."""
    name = container_of(found)
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    state: Json = next((one.get("state") or {} for one in statuses if one["name"] == name), {})
    return state.get("terminated")


def _without_pod(found: Json) -> Run:
    """Say what is known of a Job whose pod is gone, or not made yet: what became of it, and not how."""
    for one in (found.get("status") or {}).get("conditions") or []:
        if one.get("status") == "True" and one.get("type") == "Complete":
            return Run(RunState.EXITED, 0, detail="its pod is gone, and what it left with it")
        if one.get("status") == "True" and one.get("type") == "Failed":
            words = f"{one.get('reason')}: {one.get('message')}"
            if one.get("reason") == "DeadlineExceeded":
                return Run(RunState.EXITED, _TIMED_OUT, detail=f"it was ended: {words}")
            return Run(RunState.LOST, detail=f"its pod is gone; {words}")
    return Run(RunState.RUNNING, detail="it has no pod yet")


def _message(ended: Json) -> str:
    return str(ended.get("message") or "")


def _result(message: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in message.splitlines())
    return {name: value for name, equals, value in pairs if equals}


def _joined(words: str, more: object) -> str:
    return f"{words}; {more}" if more else words
