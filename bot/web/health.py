"""Whether the process lives (`/healthz`), and whether it can do its work (`/readyz`), part by part.

A part is a small question that app.py hands in: it answers None when all is well, else a few words. Parts are asked
side by side, each for at most two seconds; one that fails answers with the name of its error only, because an error's
text may hold an address with a password.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import __version__

PATIENCE = 2.0  # seconds
_NOT_READY = 503

Part = Callable[[], Awaitable[str | None]]
Answer = Callable[[Request], Awaitable[Response]]


def routes(parts: Mapping[str, Part]) -> list[Route]:
    """Return `/healthz` and `/readyz` over these parts."""
    return [Route("/healthz", health), Route("/readyz", readiness(parts))]


async def health(_: Request) -> Response:
    """Say that the process lives, and which version it is."""
    return JSONResponse({"ok": True, "version": __version__})


def readiness(parts: Mapping[str, Part]) -> Answer:
    """Return the answer of `/readyz`: 200 when every part is well, else 503; each part as `{ok, words}`."""

    async def answer(_: Request) -> Response:
        said = dict(zip(parts, await asyncio.gather(*map(_ask, parts.values())), strict=True))
        body = {name: {"ok": words is None, "words": words or "fine"} for name, words in said.items()}
        return JSONResponse(body, 200 if not any(said.values()) else _NOT_READY)

    return answer


async def _ask(part: Part) -> str | None:
    """Ask one part; one that takes too long, or fails, is not well."""
    task = asyncio.ensure_future(part())
    done, _ = await asyncio.wait({task}, timeout=PATIENCE)
    if not done:
        task.cancel()
        return f"no answer within {PATIENCE:g} s"
    error = task.exception()
    return f"it cannot be told ({type(error).__name__})" if error else task.result()
