"""HealthBridge with a real local Slack: the painter's cards hang where people would see them."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.ledger import cards, painting
from bot.ledger.cards import Card
from bot.ledger.schema import cards as table
from bot.painter.painter import Painter
from bot.slack.board import SlackBoard
from bot.slack.client import SlackClient
from tests.fakes.catalog import read
from tests.fakes.healthbridge import HealthBridge, healthbridge
from tests.fakes.stage import Clock, Json, LocalSlack


@dataclass
class Gallery:
    """What was done at HealthBridge, and what Slack shows of it."""

    house: HealthBridge
    slack: LocalSlack
    slack_clock: Clock
    painter: Painter
    board: SlackBoard
    calls: Counter[str]  # how often each method was called

    async def paint(self) -> None:
        """Paint what is stale and due, as often as there is something."""
        for _ in range(30):
            async with self.house.world.ledger.transaction() as tx:
                due = await painting.stale(tx)
            for job in due:
                await self.painter.paint(job.subject)
            if not due:
                return

    async def later(self, seconds: float = 30) -> None:
        """Let time pass for everybody, and paint what has become due; the log waits for its card, so twice."""
        for _ in range(2):
            await self.after(seconds)

    async def after(self, seconds: float) -> None:
        """Let time pass for everybody, and paint what has become due."""
        self.house.clock.move(timedelta(seconds=seconds))
        self.slack_clock.advance(seconds)
        await self.paint()

    async def shown(self, channel: str = "deployments", thread_ts: str | None = None) -> list[Json]:
        """Return the messages with cards that a channel shows, oldest first."""
        messages = await self.slack.driver.person("ndapewa").messages(channel, thread_ts=thread_ts)
        return [message for message in messages if message["metadata"]]

    async def card(self, change: int, role: str = "live") -> Card:
        """Return a card as the ledger holds it."""
        async with self.house.world.ledger.transaction() as tx:
            found = await cards.of(tx, f"change:{change}", role)
        assert found is not None
        return found

    async def forget_posting(self, change: int) -> None:
        """Leave the ledger as a painter leaves it that is killed between posting and noting that it has."""
        async with self.house.world.ledger.transaction() as tx:
            unknown = {"ts": None, "shown_revision": 0, "posting_at": table.c.created_at, "queued_at": None}
            await tx.connection.execute(
                update(table).where(table.c.subject == f"change:{change}", table.c.role == "live").values(unknown)
            )


@pytest.fixture
async def gallery(
    database_url: str, clock: Clock, start_slack: Callable[..., Awaitable[LocalSlack]]
) -> AsyncIterator[Gallery]:
    slack = await start_slack()
    async with healthbridge(database_url, read()) as house, contextlib.AsyncExitStack() as stack:
        token, address = str(slack.info["bot_token"]), str(slack.info["web_api_url"])
        clock.at = house.clock.now().timestamp()  # one time for both
        calls: Counter[str] = Counter()
        counted = SlackClient(token, address, told=lambda method, _: calls.update([method]))
        client = await stack.enter_async_context(counted)
        board = SlackBoard(client)
        house.shows = False
        yield Gallery(house, slack, clock, Painter(house.world, board), board, calls)
