"""Whether a new version is well: its health path is asked until it says so, and it must be the version that answers."""

import asyncio
import contextlib
from collections.abc import Callable

import aiohttp

from integrations._pauses import growing
from integrations._process_host.child import Child

_ANSWER_WITHIN = 2.0


async def well(child: Child, path: str, patience: float, progress: Callable[[str], None]) -> str | None:
    """Return None as soon as the child is well, else, when it ended or the patience is over, what it said last."""
    url = f"http://127.0.0.1:{child.process.port}{path}"
    timeout = aiohttp.ClientTimeout(total=_ANSWER_WITHIN)
    said, pauses = f"{path} was not asked yet", growing()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience), aiohttp.ClientSession(timeout=timeout) as session:
            while child.alive:
                answer = await ask(session, url)
                if answer is None and await asyncio.to_thread(child.listens):
                    return None
                said = f"{path} {answer or 'is answered by another program, on the same port'}"
                progress(said)
                await asyncio.sleep(next(pauses))
    return said


async def ask(session: aiohttp.ClientSession, url: str) -> str | None:
    """Ask once; None when it is well, else what it did instead."""
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return None if answer.status // 100 == 2 else f"answers HTTP {answer.status}"  # noqa: PLR2004 - 2xx
    except TimeoutError:
        return f"does not answer within {_ANSWER_WITHIN:g}s"
    except (aiohttp.ClientError, OSError):
        return "does not answer yet"
