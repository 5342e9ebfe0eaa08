"""The bot's real edge on a real ledger and a local Slack; the engine sleeps, so that what is acted on stays in view."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from bot import app
from bot.app import Parts
from bot.samples import make_repository
from bot.settings import read
from tests.fakes.posted import Posted
from tests.fakes.stage import LocalSlack

ROOT = Path(__file__).parents[3]
TABLES = ("requests", "changes", "approvals", "operations", "events", "cards", "procrastinate_jobs")


@dataclass
class Bot:
    """The bot's web app, and what its ledger holds."""

    parts: Parts
    web: FastAPI
    secret: str
    slack: LocalSlack | None = None

    async def post(self, posted: Posted, *, method: str = "POST") -> tuple[int, bytes]:
        """Have a request answered, in this process; what escapes from the app escapes here."""
        request = posted.request()
        said: list[dict[str, object]] = []

        async def send(message: dict[str, object]) -> None:
            said.append(message)

        about = {
            "http_version": "1.1",
            "scheme": "http",
            "root_path": "",
            "raw_path": b"/slack/events",
            "method": method,
        }
        scope = {**request.scope, **about, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
        await self.web({**scope, "asgi": {"version": "3.0"}}, request.receive, send)  # type: ignore[arg-type]  # ASGI's mappings
        status = said[0]["status"]
        assert isinstance(status, int)
        return status, b"".join(bytes(one.get("body", b"")) for one in said[1:])  # type: ignore[call-overload]  # bytes, by ASGI

    async def rows(self) -> dict[str, int]:
        """Count the rows of the ledger."""
        async with self.parts.world.ledger.transaction() as tx:
            return {
                name: (await tx.connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()  # noqa: S608 - names of ours
                for name in TABLES
            }


@pytest.fixture
async def bot(
    database_url: str, tmp_path: Path, start_slack: Callable[..., Awaitable[LocalSlack]]
) -> AsyncIterator[Bot]:
    make_repository(tmp_path)
    slack = await start_slack(now=time.time)
    settings = read(
        {
            "slack_bot_token": slack.info["bot_token"],
            "slack_signing_secret": slack.info["signing_secret"],
            "slack_api_url": slack.info["web_api_url"],
            "database_url": database_url,
            "catalog": ROOT / "slipway.yml",
            "data": tmp_path,
        },
        env_file=None,
    )
    async with app.assembled(settings) as parts:
        await parts.edge.introduce()
        yield Bot(parts, app.api(parts), slack.info["signing_secret"], slack)
        await parts.edge.drain()
