"""What becomes of a pod, one step at a time. Reasons and their places are those of a kubelet and of the scheduler:
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ and
https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Secret = Callable[[str, str, bool], Awaitable[dict[str, str] | None]]
MESSAGE_MOST = 4096  # https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/


class Image(StrEnum):
    """How what is in an image behaves."""

    WELL = "well"
    CRASHES = "crashes"
    OOM = "oom"
    UNPULLABLE = "unpullable"
    UNCONFIGURED = "unconfigured"
    UNSCHEDULABLE = "unschedulable"
    NEVER_READY = "never ready"


_WAITING = {
    Image.UNPULLABLE: ("ImagePullBackOff", 'Back-off pulling image "{image}": not found'),
    Image.UNCONFIGURED: ("CreateContainerConfigError", 'secret "database" not found'),
}


def next_status(pod: Json, behaviour: Image) -> Json:
    """Return a pod's status one step on; the same when nothing more becomes of it."""
    status = pod.get("status") or {}
    if behaviour is Image.UNSCHEDULABLE:
        message = "0/3 nodes are available: 3 Insufficient memory."
        unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        return {"phase": "Pending", "conditions": [unscheduled]}
    if not status:
        return {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}]}
    if behaviour in _WAITING:
        reason, message = _WAITING[behaviour]
        image = pod["spec"]["containers"][0]["image"]
        return _status(pod, {"waiting": {"reason": reason, "message": message.format(image=image)}}, phase="Pending")
    if behaviour in {Image.CRASHES, Image.OOM}:
        return _crashed(pod, behaviour)
    return _status(pod, {"running": {}}, ready=behaviour is Image.WELL)


def _crashed(pod: Json, behaviour: Image) -> Json:
    ended = {"exitCode": 3, "reason": "Error"}
    if behaviour is Image.OOM:
        ended = {"exitCode": 137, "reason": "OOMKilled"}
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s restarting failed container"}}
    return _status(pod, waiting, last={"terminated": ended}, restarts=1)


def _status(
    pod: Json, state: Json, *, phase: str = "Running", ready: bool = False, last: Json | None = None, restarts: int = 0
) -> Json:
    container = pod["spec"]["containers"][0]
    said = {
        "name": container["name"],
        "state": state,
        "lastState": last or {},
        "ready": ready,
        "restartCount": restarts,
    }
    said |= {"image": container["image"], "imageID": container["image"]}
    conditions = [
        {"type": "PodScheduled", "status": "True"},
        {"type": "Ready", "status": "True" if ready else "False"},
    ]
    return {"phase": phase, "conditions": conditions, "containerStatuses": [said]}


async def _environment(pod: Json, secret: Secret, report: Callable[[Json], None]) -> dict[str, str]:
    """Return what a Job's container finds in its environment, when every Secret is there that it refers to."""
    namespace, container = pod["metadata"]["namespace"], pod["spec"]["containers"][0]
    found = {one["name"]: one["value"] for one in container.get("env") or [] if "value" in one}
    told = False
    for one in container.get("env") or []:
        wanted = (one.get("valueFrom") or {}).get("secretKeyRef")
        while wanted and one["name"] not in found:
            held = await secret(namespace, wanted["name"], told)
            if held is not None:
                found[one["name"]] = held[wanted["key"]]
                continue
            reason, words = "CreateContainerConfigError", f'secret "{wanted["name"]}" not found'
            report(_status(pod, {"waiting": {"reason": reason, "message": words}}, phase="Pending"))
            told = True
    return found


async def run(pod: Json, log: Path, message: Path, secret: Secret, report: Callable[[Json], None]) -> None:
    """Run a Job's pod: its command is a real process, what it says goes to `log`, and it is ended at its deadline."""
    container = pod["spec"]["containers"][0]
    environment = await _environment(pod, secret, report)
    environment["SLIPWAY_RESULT"] = str(message)  # the mount of terminationMessagePath
    report({"phase": "Running", "containerStatuses": [{"name": container["name"], "state": {"running": {}}}]})
    try:
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *container["command"], env={"PATH": os.environ["PATH"], **environment}, stdout=out, stderr=out
            )
    except OSError as error:
        report(_ended(container, 128, "StartError", f"exec: {container['command'][0]}: {error.strerror}"))
        return
    reason, code = "", 0
    try:
        async with asyncio.timeout(pod["spec"].get("activeDeadlineSeconds")):
            code = await process.wait()
    except TimeoutError:
        reason = "DeadlineExceeded"
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    ended = _ended(container, code if code >= 0 else 128 - code, "Error" if code else "Completed", _left(message))
    if reason:
        ended |= {"phase": "Failed", "reason": reason, "message": "Pod was active on the node longer than its deadline"}
    report(ended)


def _left(message: Path) -> str:
    return message.read_bytes()[:MESSAGE_MOST].decode(errors="replace") if message.exists() else ""


def _ended(container: Json, code: int, reason: str, message: str) -> Json:
    state = {"terminated": {"exitCode": code, "reason": reason, "message": message}}
    phase = "Succeeded" if code == 0 else "Failed"
    return {"phase": phase, "containerStatuses": [{"name": container["name"], "state": state}]}
