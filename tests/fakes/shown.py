"""What people would see at HealthBridge: a card as the painter would draw it now, and the answer to what they type."""

import itertools
from typing import Any

from bot.command import Answer, Context
from bot.domain.change import Change
from bot.domain.operation import Operation
from bot.ledger import cards
from bot.painter.pictures.change import PICTURE
from bot.painter.pictures.operation import PICTURE as OPERATION
from bot.sandbox.validation import check_blocks
from bot.views.kit import Message
from bot.vocabulary import Vocabulary
from tests.fakes.healthbridge import HealthBridge

_deeds = itertools.count(1)


async def card(house: HealthBridge, change: Change, role: str = "live") -> Message:
    """Return the card of a change as it would be painted now."""
    async with house.world.ledger.transaction() as tx:
        found = await cards.of(tx, f"change:{change.id}", role)
        assert found is not None
        draw = await PICTURE.read(house.world, tx, found)
    return await draw()


async def in_thread(house: HealthBridge, op: Operation, role: str) -> Message:
    """Return what is told of an operation in the thread of its card: its `call`, or its data's way back (`restore`)."""
    async with house.world.ledger.transaction() as tx:
        found = await cards.of(tx, f"operation:{op.id}", role)
        assert found is not None
        draw = await OPERATION.read(house.world, tx, found)
    message = await draw()
    assert check_blocks(list(message.blocks), surface="message") == []
    return message


async def typed(house: HealthBridge, person: str, line: str) -> Answer:
    """Return the answer to a command as the edge gets it."""
    word, _, rest = line.removeprefix("/").partition(" ")
    ctx = Context(house.world, person, "C0DEPLOYM2", f"typed-{next(_deeds)}")
    return await Vocabulary.found().say(word, rest, ctx)


async def status(house: HealthBridge, person: str, line: str = "/status") -> Message:
    """Return what `/status` answers."""
    answer = await typed(house, person, line)
    assert isinstance(answer, Message)
    return answer


def buttons(message: Message) -> dict[str, str]:
    """Return the buttons of a message, and those in its menus: what they do, and what they say."""
    rows: list[Any] = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return dict(pair for row in rows for one in row for pair in _said(one))


def _said(one: dict[str, Any]) -> list[tuple[str, str]]:
    if one["type"] != "overflow":
        return [(one["action_id"], one["text"]["text"])]
    return [(choice["value"].partition(":")[0], choice["text"]["text"]) for choice in one["options"]]


def bare(message: Message) -> str:
    """Return the words of a message's text, without the spaces that keep words together."""
    return message.text.replace("\u00a0", " ")
