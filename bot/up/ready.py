"""Waiting until the bot says that it is ready, and knowing what it still lacks when it does not."""

import asyncio
import http.client
import json
import time
from urllib.parse import urlsplit

from bot.domain.errors import Refused

_PATIENCE = 90.0
_PAUSE = 0.05
_OK = 200


async def until_ready(url: str, child: "asyncio.Task[None]") -> None:
    """Return when `url`/readyz answers 200; `Refused` when the child does not start, or takes too long."""
    until = time.monotonic() + _PATIENCE
    said = "it does not answer"
    while time.monotonic() < until:
        if child.done():
            child.result()
        ready, said = await asyncio.to_thread(_ask, url)
        if ready:
            return
        await asyncio.wait([child], timeout=_PAUSE)
    raise Refused(f"The bot is not ready after {_PATIENCE:g} s: {said}.")


def _ask(url: str) -> tuple[bool, str]:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(4096).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"it does not answer ({type(error).__name__})"
    finally:
        connection.close()
    return answer.status == _OK, _in_short(body)


def _in_short(body: str) -> str:
    """Say which parts are not ready, and why: `{"worker": {"ok": false, "words": "…"}, …}`."""
    try:
        parts = json.loads(body)
    except ValueError:
        return body.strip()
    lacking = [f"{name}: {part.get('words')}" for name, part in parts.items() if not part.get("ok")]
    return ", ".join(lacking) or body.strip()
