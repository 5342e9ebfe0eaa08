"""Dealing with what people asked for: plan it, and tell them what cannot be done, in the sentence that was raised."""

from collections.abc import Mapping

import structlog

from bot.domain.errors import GaveUp, Refused, Retry
from bot.ledger import requests
from bot.ledger.requests import Asked
from bot.plugins import introduced
from bot.usecases.proposing import Planner
from bot.world import World

log = structlog.get_logger(__name__)


def planners() -> Mapping[str, Planner]:
    """Return the use cases behind the words that lead to a change."""
    return {planner.word: planner for planner in introduced("bot.usecases", "PLANNER", Planner)}


async def plan(world: World, request_id: int) -> None:
    """Plan a request, once; what is refused, or cannot be found out now, becomes the answer."""
    async with world.ledger.transaction() as tx:
        asked = await requests.get(tx, request_id)
    if asked is None or asked.answered:
        return
    try:
        await planners()[asked.word].plan(world, asked)
    except Refused as no:
        await _answer(world, asked, str(no))
    except (Retry, GaveUp) as error:
        await _answer(world, asked, f"I could not find out what to do: {error.reason}. Nothing was changed.")


async def _answer(world: World, asked: Asked, words: str) -> None:
    async with world.ledger.transaction() as tx:
        await requests.answer(tx, asked, world.mask(words))
