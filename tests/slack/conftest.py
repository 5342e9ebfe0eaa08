"""A local Slack per test, on its own port, and somebody who receives what it sends."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from bot.sandbox.config import SandboxConfig
from tests.fakes.stage import Clock, LocalSlack, ReceivingApp, started


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def app() -> AsyncIterator[ReceivingApp]:
    """A real HTTP server on a free port; its `url` is a request URL."""
    receiving = ReceivingApp()
    server = web.Application()
    server.router.add_post("/slack/events", receiving.receive)
    runner = web.AppRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiving.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    yield receiving
    await runner.cleanup()


@pytest.fixture
async def start_slack(clock: Clock) -> AsyncIterator[Callable[..., Awaitable[LocalSlack]]]:
    """Starts local Slacks with any fields of `SandboxConfig`, and stops them after the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(**fields: object) -> LocalSlack:
            return await stack.enter_async_context(started(SandboxConfig(**({"now": clock} | fields))))

        yield start


@pytest.fixture
async def local_slack(start_slack: Callable[..., Awaitable[LocalSlack]], app: ReceivingApp) -> LocalSlack:
    """A local Slack in memory, connected to the `app` of the test by signed HTTP, its time the test's `clock`."""
    return await start_slack(request_url=app.url)
