"""Whether a new container is well: it runs, and its health path or its image's health check says so."""

import aiohttp

from integrations._docker.engine import Seen
from integrations._docker.section import Served
from integrations._process_host.artefact import NotUp
from integrations._process_host.health import ask

_ANSWER_WITHIN = aiohttp.ClientTimeout(total=2)
_UNTOLD = "nothing says whether it is well: give the section a `health` path, or the image a HEALTHCHECK"


async def state(section: Served, container: Seen | None) -> str | None:
    """Return None when a new one is well, else what is missing; `NotUp` when it will not be."""
    if container is None:
        raise NotUp("somebody removed its container before it was up")
    if not container.running and container.status != "created":
        raise NotUp(f"it ended before it was up: exit code {container.exit_code}")
    if section.health is not None:
        return await _asked(private_port(section, container), section.health)
    if container.health is None:
        raise NotUp(_UNTOLD)
    if container.health == "unhealthy":
        raise NotUp(f"its health check says that it is unhealthy: {container.said}")
    return None if container.health == "healthy" else "its health check says nothing yet"


def still(section: Served, container: Seen | None, version: str) -> str:
    """Return what is wrong with the one that is live; nothing when it is well, as far as the engine knows."""
    if container is None:
        return f"{version} was live, and somebody else removed its container"
    if not container.running:
        return f"{version} was live, and its container does not run: exit code {container.exit_code}"
    if section.health is None and container.health == "unhealthy":
        return f"{version} serves, and its health check says that it is unhealthy: {container.said}"
    return ""


def ended(container: Seen | None) -> str:
    """Say when one that was started again had ended; nothing of one that never did."""
    if container is None or not container.restarts:
        return ""
    return f"it had ended by itself at {container.ended_at.partition('.')[0]}Z"


def private_port(section: Served, container: Seen) -> int:
    """Return the port on this machine that leads to the container, 0 where there is none."""
    return container.ports.get(f"{section.container_port}/tcp", 0)


async def _asked(port: int, path: str) -> str | None:
    if not port:
        return "it has no port on this machine yet"
    async with aiohttp.ClientSession(timeout=_ANSWER_WITHIN) as session:
        answer = await ask(session, f"http://127.0.0.1:{port}{path}")
    return answer and f"{path} {answer}"
