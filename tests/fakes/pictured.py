"""A card of any kind as the painter would draw it now."""

from bot.ledger import cards
from bot.painter.pictures import Picture
from bot.plugins import introduced
from bot.sandbox.validation import check_blocks
from bot.views.kit import Message
from tests.fakes.healthbridge import HealthBridge


async def pictured(house: HealthBridge, subject: str, role: str = "live") -> Message:
    """Return the card of a subject; its blocks are such as Slack takes."""
    kinds = {one.kind: one for one in introduced("bot.painter.pictures", "PICTURE", Picture)}
    async with house.world.ledger.transaction() as tx:
        found = await cards.of(tx, subject, role)
        assert found is not None, subject
        draw = await kinds[subject.partition(":")[0]].read(house.world, tx, found)
    message = await draw()
    assert check_blocks(list(message.blocks), surface="message") == []
    return message
