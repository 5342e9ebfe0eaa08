"""The yardsticks: what the libraries take that Slipway stands on, when nothing is done with them.

    empty   an empty slash command in FastAPI and Bolt with Bolt's defaults
    floor   Bolt answering after its handler, which commits one bare INSERT through psycopg's own pool
    idle    FastAPI, Bolt and SQLAlchemy imported and started; nothing else

python -m tests.bench.baseline_app {empty|floor|idle} PORT
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from psycopg_pool import AsyncConnectionPool
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import create_async_engine

INSERT = "INSERT INTO bench_floor (key) VALUES (%s)"
CONNECTIONS = 10  # as many as Slipway's own pool


def bolt(*, answers_after: bool) -> AsyncApp:
    """Return a Bolt app that knows Slack's address and secrets from the environment."""
    token = os.environ["SLACK_BOT_TOKEN"]
    client = AsyncWebClient(token=token, base_url=os.environ["SLACK_API_URL"])
    secret = os.environ["SLACK_SIGNING_SECRET"]
    return AsyncApp(token=token, client=client, signing_secret=secret, process_before_response=answers_after)


def empty() -> FastAPI:
    """Return the empty slash command."""
    app = bolt(answers_after=False)

    @app.command("/deploy")
    async def deploy(ack: AsyncAck) -> None:
        await ack()

    return served(app)


def floor() -> FastAPI:
    """Return the bare INSERT."""
    app = bolt(answers_after=True)
    url = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://", 1)
    pool = AsyncConnectionPool(url, min_size=CONNECTIONS, max_size=CONNECTIONS, open=False)

    @app.command("/deploy")
    async def deploy(ack: AsyncAck, body: dict[str, str]) -> None:
        async with pool.connection() as connection:
            await connection.execute(INSERT, (body["trigger_id"],))
        await ack()

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        async with pool:
            yield

    return served(app, opened)


def idle() -> FastAPI:
    """Return everything imported and made, and nothing done with it."""
    create_async_engine(os.environ["DATABASE_URL"])
    return served(bolt(answers_after=False))


def served(app: AsyncApp, lifespan: object = None) -> FastAPI:
    """Return a Bolt app behind FastAPI."""
    web = FastAPI(lifespan=lifespan)  # type: ignore[arg-type]  # FastAPI's own alias for it is not exported
    handler = AsyncSlackRequestHandler(app)

    @web.post("/slack/events")
    async def events(request: Request) -> Response:
        return await handler.handle(request)

    @web.get("/healthz")
    async def health() -> dict[str, bool]:
        return {"ok": True}

    return web


def main() -> None:
    """Serve one of them until it is ended."""
    made = {"empty": empty, "floor": floor, "idle": idle}[sys.argv[1]]()
    uvicorn.run(made, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
