"""Twenty thousand odd requests: none is answered with a 5xx, and none that Slack did not sign is acted on.

A failure names its seed and shows the request, which is enough to make it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
import structlog
import uvicorn
from structlog.testing import capture_logs

from bot.sandbox.serving import listening
from tests.fakes.posted import JSON, Posted, command, interaction, signed
from tests.slack.fuzz.conftest import Bot
from tests.slack.fuzz.odd import Odd, Source

SEED = int(os.environ.get("FUZZ_SEED", "20261123"))
COUNT = int(os.environ.get("FUZZ_COUNT", "20000"))
EXPECTED = {200, 400, 401, 404, 413}
REFUSED = {400, 401, 413}


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
async def test_odd_requests_are_refused_or_answered(bot: Bot, part: int) -> None:
    source = Source(SEED + part, bot.secret, time.time())
    began, told = time.monotonic(), Counter[str]()
    with capture_logs(processors=[structlog.processors.format_exc_info]) as logs:
        for odd in itertools.islice(source.requests(), COUNT // 4):
            source.at = time.time()
            status, body = await bot.post(odd.posted)
            told[f"{odd.bent} {status}"] += 1
            assert status in EXPECTED, shown(odd, part, status, body)
            assert odd.genuine or status in REFUSED, shown(odd, part, status, body)
            assert not broken(logs), f"{shown(odd, part, status, body)}\n{broken(logs)}"
            assert b"Something is broken" not in body, shown(odd, part, status, body)
        await bot.parts.edge.drain()

    assert not broken(logs), broken(logs)
    print(f"\n{sum(told.values())} requests in {time.monotonic() - began:.1f} s: {dict(sorted(told.items()))}")  # noqa: T201 - figures of the run, shown by -s


def broken(logs: list[MutableMapping[str, Any]]) -> str:
    """Return the bugs that were caught and logged."""
    return "\n".join(str(one.get("exception", one)) for one in logs if one["log_level"] in {"error", "critical"})


def shown(odd: Odd, part: int, status: int, body: bytes) -> str:
    return (
        f"seed {SEED + part}, {odd.bent}: {status} {body[:200]!r} for {odd.posted.body[:2000]!r} {odd.posted.headers}"
    )


async def test_what_slack_did_not_sign_changes_nothing(bot: Bot) -> None:
    source = Source(SEED, bot.secret, time.time())
    before = await bot.rows()
    for _ in range(1000):
        odd = source.unsigned()
        status, body = await bot.post(odd.posted)
        assert status == 401, shown(odd, 0, status, body)

    assert await bot.rows() == before


async def test_a_replayed_command_is_answered_and_not_acted_on(bot: Bot) -> None:
    request = signed(command("development backend"), secret=bot.secret, at=time.time())
    first, _ = await bot.post(request)
    once = await bot.rows()
    again, _ = await bot.post(request)

    assert (first, again) == (200, 200)
    assert once["requests"] == 1
    assert await bot.rows() == once


async def test_other_methods_are_not_heard(bot: Bot) -> None:
    before = await bot.rows()
    request = signed(command("development backend"), secret=bot.secret, at=time.time())
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
        status, _ = await bot.post(request, method=method)
        assert status == 405

    assert await bot.rows() == before


@contextlib.asynccontextmanager
async def served(bot: Bot) -> AsyncIterator[int]:
    """Serve the bot on a real port."""
    bound = listening(0)
    config = uvicorn.Config(bot.web, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def told(port: int, raw: bytes, *, hang_up: bool = False) -> int | None:
    """Send bytes over a connection of their own; return the status, None when it was only closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(raw)
        if hang_up:
            writer.write_eof()
        await writer.drain()
    said = b""
    with contextlib.suppress(TimeoutError, ConnectionError, asyncio.IncompleteReadError):
        said = await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return int(said.split()[1]) if said.startswith(b"HTTP/1.1 ") else None


def raw(posted: Posted) -> bytes:
    lines = [f"{name}: {value}" for name, value in posted.headers.items()]
    head = "\r\n".join(["POST /slack/events HTTP/1.1", "host: x", "connection: close", *lines])
    return head.encode("latin-1", "replace") + b"\r\n\r\n" + posted.body


@pytest.mark.slow
async def test_odd_requests_over_a_real_socket(bot: Bot) -> None:
    source = Source(SEED + 99, bot.secret, time.time())
    async with served(bot) as port:
        for odd in itertools.islice(source.requests(), 400):
            source.at = time.time()
            status = await told(port, raw(odd.posted), hang_up=odd.bent == "headers")
            assert status is None or status < 500, shown(odd, 99, status or 0, b"")
        assert await told(port, raw(signed(command("nowhere"), secret=bot.secret, at=time.time()))) == 200


async def test_a_body_without_end_is_cut_off(bot: Bot) -> None:
    head = signed(b"", secret=bot.secret, at=time.time()).with_headers(content_length=None, transfer_encoding="chunked")
    endless = raw(head) + b"".join(b"10000\r\n" + b"x" * 65_536 + b"\r\n" for _ in range(40))
    lying = raw(signed(b"x" * 10, secret=bot.secret, at=time.time()).with_headers(content_length="99999999999"))
    async with served(bot) as port:
        assert await told(port, endless) == 413
        assert await told(port, lying) == 413


async def test_a_signed_press_of_the_past_is_no_approval(bot: Bot) -> None:
    before = await bot.rows()
    press = Source(SEED, bot.secret, 0).press() | {
        "user": {"id": "U0SELMANA3"},
        "trigger_id": "1.2.x",
        "team": {"id": "T"},
    }
    for age in (-301, -302, 400):
        assert (await bot.post(signed(interaction(press), secret=bot.secret, at=time.time() + age - 1)))[0] == 401
    assert (await bot.post(signed(b"{}", secret=bot.secret, at=time.time(), content_type=JSON)))[0] == 400

    assert await bot.rows() == before
