"""Logs of pods in bounded memory: the newest bytes of many, or the next piece of one.

The log API gives a log from its beginning, or its last lines, and knows no offsets
(https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod).
"""

from collections import deque
from datetime import UTC, datetime, timedelta

import aiohttp

from bot.domain.errors import GaveUp
from integrations._kubernetes.api import Api
from integrations._kubernetes.sight import Sight
from integrations._kubernetes.workload import Workload

_STAMP = "2026-01-01T00:00:00.000000000Z "
_MOST = 64 * 1024  # bytes of the last few lines; the end of longer ones does not come
_LONGEST_SHOWN = 1000  # characters of a line
QUIET = timedelta(seconds=30)  # how long a log that has not ended may give nothing


async def newest(api: Api, sight: Sight, since: datetime, most: int) -> str:
    """Return the lines of the pods since a time, in the order of time, each with its pod; the newest `most` bytes."""
    lines: list[tuple[str, str]] = []
    place, container = sight.place, sight.place.chosen(sight.workload["spec"]["template"])["name"]
    for name in (pod["metadata"]["name"] for pod in sight.pods):
        wanted = {
            "container": container,
            "timestamps": "true",
            "sinceTime": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        try:
            async with api.stream(*place.pods, name, "log", query=wanted, patience=QUIET) as log:
                kept = await _last(log, most, beside=len(_STAMP))
        except GaveUp as no:  # it has not begun, such as for want of its image
            lines.append(("", f"{name}  ({no.reason})"))
            continue
        lines += [(stamp, f"{name}  {line}") for stamp, _, line in (one.partition(" ") for one in kept)]
    return _cut([line for _, line in sorted(lines, key=lambda one: one[0])], most)


async def last_lines(api: Api, place: Workload, pod: str, container: str, *, before: bool) -> list[str]:
    """Return the last few lines of a container; `before` asks for the run before its last restart."""
    query = {"container": container, "tailLines": "5", "limitBytes": str(_MOST), "previous": str(before).lower()}
    async with api.stream(*place.pods, pod, "log", query=query, patience=QUIET) as log:
        said = "\n".join(await _last(log, _MOST))
    return [f"> {line}" for line in api.mask.lines(said, _LONGEST_SHOWN).splitlines()]


async def events(api: Api, place: Workload, pod: str) -> list[str]:
    """Return the newest warnings about a pod, each once, oldest first."""
    about = f"involvedObject.kind=Pod,involvedObject.name={pod},type=Warning"
    found = (await api.get(*place.pods[:-1], "events", query={"fieldSelector": about}))["items"]
    found.sort(key=lambda one: str(one.get("lastTimestamp") or one.get("eventTime") or ""))
    told = dict.fromkeys(f"{one.get('reason')}: {one.get('message')}" for one in found)
    return list(told)[-3:]


async def _last(log: aiohttp.StreamReader, most: int, beside: int = 0) -> list[str]:
    """Read a log to its end and keep its newest whole lines; `beside` bytes of each are not counted."""
    kept: deque[bytes] = deque()
    size, half = 0, b""
    async for piece in log.iter_any():
        *lines, half = (half + piece).split(b"\n")
        half = half[: beside + most + 1]  # longer than anything that is kept
        kept.extend(lines)
        size += sum(len(line) + 1 - beside for line in lines)
        while kept and size > most:
            size -= len(kept.popleft()) + 1 - beside
    return [line.decode(errors="replace") for line in [*kept, *([half] if half else [])]]


def _cut(lines: list[str], most: int) -> str:
    kept: deque[str] = deque()
    size = 0
    for line in reversed(lines):
        size += len(line.encode()) + 1
        if size > most:
            break
        kept.appendleft(line + "\n")
    return "".join(kept)
