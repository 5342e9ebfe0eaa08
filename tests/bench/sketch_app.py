"""The yardstick of the intake: what anybody would write who takes alerts into a database, in FastAPI and SQLAlchemy.

A delivery, its group, its alert and what is to be posted are one durable transaction; what was told before is told
once. Nothing of it is checked further, masked, or chained.

python -m tests.bench.sketch_app PORT
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

metadata = MetaData()
deliveries = Table("sketch_deliveries", metadata, Column("digest", Text, primary_key=True))
groups = Table(
    "sketch_groups",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("labels", Text, nullable=False),
)
alerts = Table(
    "sketch_alerts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("group_id", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("annotations", Text, nullable=False),
    UniqueConstraint("group_id", "fingerprint"),
)
outbox = Table(
    "sketch_outbox",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("group_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
)


def sketch() -> FastAPI:
    """Return the web app; it makes its tables when it starts."""
    engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=0)

    @asynccontextmanager
    async def opened(_: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        yield
        await engine.dispose()

    web = FastAPI(lifespan=opened)

    @web.get("/healthz")
    async def health() -> dict[str, bool]:
        return {"ok": True}

    @web.post("/webhooks/alertmanager/{route}")
    async def take(route: str, request: Request) -> dict[str, bool]:
        if request.headers.get("authorization") != f"Bearer {os.environ['ALERTS_TOKEN']}":
            raise HTTPException(401)
        body = await request.body()
        await _written(engine, route, hashlib.sha256(body).hexdigest(), json.loads(body))
        return {"ok": True}

    return web


async def _written(engine: AsyncEngine, route: str, digest: str, payload: dict[str, Any]) -> None:
    async with engine.begin() as connection:
        noted = insert(deliveries).values(digest=digest).on_conflict_do_nothing().returning(deliveries.c.digest)
        if (await connection.execute(noted)).first() is None:
            return
        key = f"{route}/{payload['groupKey']}"
        made = insert(groups).values(key=key, labels=json.dumps(payload["commonLabels"])).on_conflict_do_nothing()
        number = (await connection.execute(made.returning(groups.c.id))).scalar_one_or_none()
        if number is None:
            number = (await connection.execute(select(groups.c.id).where(groups.c.key == key))).scalar_one()
        rows = [
            {
                "group_id": number,
                "fingerprint": one["fingerprint"],
                "labels": json.dumps(one["labels"]),
                "annotations": json.dumps(one["annotations"]),
            }
            for one in payload["alerts"]
        ]
        await connection.execute(insert(alerts).on_conflict_do_nothing(), rows)
        await connection.execute(insert(outbox).values(group_id=number, kind="post"))


if __name__ == "__main__":
    uvicorn.run(sketch(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
