"""Telling the one who asked, and nobody else, what became of what they asked for, where no card says it."""

import json

import structlog

from bot.domain.canonical import canonical
from bot.domain.errors import GaveUp
from bot.domain.gate import GateResult, Verdict
from bot.domain.plan import Preview
from bot.domain.plan import read as read_plan
from bot.ledger import requests
from bot.ledger.requests import Asked
from bot.ports import Board, Gone, Paper
from bot.views import previews
from bot.views.kit import Message, escape, section
from bot.views.plans import holders
from bot.world import World

LED_TO = {"change": "Planned as change {}; follow it", "excerpt": "What it printed is"}

log = structlog.get_logger(__name__)


async def reply(world: World, board: Board, request_id: int) -> None:
    """Whisper the answer to a request; a person or channel that is gone cannot be told, and that is noted."""
    async with world.ledger.transaction() as tx:
        asked = await requests.get(tx, request_id)
    if asked is None or asked.reply is None or asked.told:
        return
    try:
        message = await _message(world, board, asked)
        if message is not None:
            await board.whisper(asked.channel or asked.person, asked.person, Paper(message.text, message.blocks))
    except (GaveUp, Gone) as error:
        log.warning("an answer cannot be told", request=request_id, reason=str(error))
    async with world.ledger.transaction() as tx:
        await requests.replied(tx, request_id)


async def _message(world: World, board: Board, asked: Asked) -> Message | None:
    """Return what to say; nothing where the card appears before the person's eyes."""
    told = asked.reply or ""
    if not told.startswith("{"):
        return Message(escape(told), [section(escape(told))])
    answer = json.loads(told)
    led_to = next((words.format(answer[noun]) for noun, words in LED_TO.items() if noun in answer), None)
    if led_to is None:
        return await drawn(world, told)
    channel = await board.channel_id(world.catalog.channels.deployments)
    if channel == asked.channel:
        return None
    words = f"{led_to} in <#{channel}>."
    return Message(words, [section(words)])


async def drawn(world: World, told: str) -> Message:
    """Return a plan that was only looked at (JSON) as a message."""
    answer = json.loads(told)
    gates = [GateResult(one["gate"], one["target"], Verdict(one["verdict"]), one["words"]) for one in answer["gates"]]
    plan = read_plan(canonical(answer["plan"]))
    shown = {
        service: Preview(tuple(one["lines"]), one["more"], one["fault"], one.get("unbuilt", False))
        for service, one in answer.get("previews", {}).items()
    }
    names = await world.names(holders(plan))
    left_out, refused = answer.get("left_out", ()), answer.get("refused", "")
    return previews.plan(plan, gates, left_out, names=names, changes=shown, refused=refused)
