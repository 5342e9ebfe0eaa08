"""The ledger does not answer while somebody waits for the ack: they are told in time, and what is known."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.fakes.databases import libpq
from tests.fakes.posted import command, interaction, signed
from tests.slack.fuzz.conftest import Bot

PRESS = {
    "type": "block_actions",
    "user": {"id": "U0SELMANA3"},
    "team": {"id": "T0HEALTHB1"},
    "trigger_id": "1.2.pressed",
    "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0DEPLOYM2"},
    "actions": [{"type": "button", "action_id": "approve", "block_id": "b", "value": "1"}],
}


@contextmanager
def stuck(url: str, table: str) -> Iterator[None]:
    """Keep everybody else from a table."""
    with psycopg.connect(libpq(url)) as connection:
        connection.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(table)))
        yield
        connection.rollback()


async def test_who_cannot_be_told_whether_it_was_taken_is_told_so_and_may_say_it_again(
    bot: Bot, database_url: str
) -> None:
    with stuck(database_url, "requests"):
        status, said = await bot.post(signed(command("staging"), secret=bot.secret, at=time.time()))
    again = await bot.post(signed(command("staging", trigger_id="1.2.again"), secret=bot.secret, at=time.time()))

    assert status == 200
    assert b"I cannot tell whether I took that: the ledger did not answer in time." in said
    assert again == (200, b"")


async def test_a_press_that_only_began_to_look_has_done_nothing(bot: Bot, database_url: str) -> None:
    before = await bot.rows()
    with stuck(database_url, "changes"):
        status, _ = await bot.post(signed(interaction(PRESS), secret=bot.secret, at=time.time()))

    assert status == 200
    assert await bot.rows() == before
