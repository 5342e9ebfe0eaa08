"""What somebody types that nobody may read: through the real edge, in the answer and in the ledger."""

import time

import pytest
from sqlalchemy import text

from tests.fakes.posted import command, signed
from tests.slack.fuzz.conftest import Bot

TOKEN = "xoxb-1234567890-1234567890123-abcdefGHIJKLmnopQRSTuvwx"


async def test_a_reason_is_taken_without_its_secret(bot: Bot) -> None:
    status, said = await _type(bot, f"staging backend --reason token={TOKEN}")

    assert (status, said) == (200, b"")
    assert await _taken(bot) == ['{"dry_run":false,"environment":"staging","reason":"token=•••","words":["backend"]}']


@pytest.mark.parametrize("typed", [TOKEN, f"staging {TOKEN}", f"staging a {TOKEN}", f"staging --{TOKEN}"])
async def test_a_word_that_is_a_secret_is_refused_without_saying_it(bot: Bot, typed: str) -> None:
    status, said = await _type(bot, typed)

    assert status == 200
    assert "•••" in said.decode() or "\\u2022" in said.decode()
    assert TOKEN not in said.decode()
    assert await _taken(bot) == []


async def _type(bot: Bot, words: str) -> tuple[int, bytes]:
    return await bot.post(signed(command(words), secret=bot.secret, at=time.time()))


async def _taken(bot: Bot) -> list[str]:
    async with bot.parts.world.ledger.transaction() as tx:
        return list((await tx.connection.execute(text("SELECT args FROM requests"))).scalars())
