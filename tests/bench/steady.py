"""A constant load on one address, a process of its own, until its standard input closes; then it says what was lost.

Half of the askers keep their connection, half make one for each request. Whatever is not a whole answer 200 is lost.
python -m tests.bench.steady URL; its line: {"sent": 4211, "lost": ["HTTP 502", …]}
"""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp
import uvloop

ASKERS = 8
PAUSE = 0.04  # seconds between two requests of one asker


async def asking(url: str, session: aiohttp.ClientSession, over: asyncio.Event, lost: list[str]) -> int:
    """Ask again and again; return how often."""
    sent = 0
    while not over.is_set():
        sent += 1
        try:
            async with session.get(url) as answer:
                await answer.read()
                if answer.status != 200:
                    lost.append(f"HTTP {answer.status}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            lost.append(repr(error))
        await asyncio.sleep(PAUSE)
    return sent


async def load(url: str) -> None:
    """Keep the load up until standard input closes."""
    over, lost = asyncio.Event(), list[str]()
    patience = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=patience) as keeping,
        aiohttp.ClientSession(timeout=patience, connector=aiohttp.TCPConnector(force_close=True)) as closing,
    ):
        sessions = [keeping, closing] * (ASKERS // 2)
        askers = [asyncio.create_task(asking(url, session, over, lost)) for session in sessions]
        await asyncio.to_thread(sys.stdin.read)
        over.set()
        sent = sum(await asyncio.gather(*askers))
    sys.stdout.write(json.dumps({"sent": sent, "lost": lost}) + "\n")


if __name__ == "__main__":
    uvloop.run(load(sys.argv[1]))
