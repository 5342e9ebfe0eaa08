"""Readiness names the part that is not well, whatever that part does."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from bot import __version__
from bot.web import health
from bot.web.health import Part

REQUEST = Request({"type": "http", "method": "GET", "path": "/readyz", "headers": [], "query_string": b""})


async def asked(parts: Mapping[str, Part]) -> tuple[int, dict[str, Any]]:
    said = await health.readiness(parts)(REQUEST)
    return said.status_code, json.loads(bytes(said.body))


async def fine() -> None:
    return None


async def empty() -> str:
    return "the catalog names no service"


async def broken() -> str:
    raise ConnectionError("postgresql://user:hunter2@db")


async def stuck() -> str:
    await asyncio.sleep(60)
    return "never"


async def test_the_process_lives() -> None:
    said = await health.health(REQUEST)

    assert said.status_code == 200
    assert json.loads(bytes(said.body)) == {"ok": True, "version": __version__}


async def test_all_is_well() -> None:
    assert await asked({"database": fine, "slack": fine}) == (
        200,
        {"database": {"ok": True, "words": "fine"}, "slack": {"ok": True, "words": "fine"}},
    )


async def test_a_part_that_is_not_well_says_why() -> None:
    status, said = await asked({"database": fine, "catalog": empty})

    assert status == 503
    assert said["catalog"] == {"ok": False, "words": "the catalog names no service"}
    assert said["database"]["ok"]


async def test_a_part_that_fails_tells_no_secret() -> None:
    status, said = await asked({"database": broken})

    assert status == 503
    assert said == {"database": {"ok": False, "words": "it cannot be told (ConnectionError)"}}


async def test_a_part_that_hangs_is_not_waited_for() -> None:
    began = time.monotonic()
    status, said = await asked({"database": stuck, "slack": stuck, "queue": fine})

    assert status == 503
    assert said["database"]["words"] == said["slack"]["words"] == "no answer within 2 s"
    assert said["queue"]["ok"]
    assert time.monotonic() - began < 4
