"""The database is away, or its answers are: what is said to it ends in time, and says what is known of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bot.domain.errors import Retry
from bot.ledger.requests import TAKE, Deed
from bot.ledger.single import PATIENCE, Single
from bot.ledger.together import Together
from bot.ports import Unclear
from bot.sandbox.driving import eventually
from tests.fakes.clock import FakeClock
from tests.fakes.databases import libpq
from tests.fakes.healthbridge import NDAPEWA

NOBODY = "postgresql+psycopg://slipway@127.0.0.1:9/slipway"
SHORT, LONG = 0.5, 60.0  # seconds; the machine may be busy

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Cable:
    """Lies between the bot and its database; when its way back is cut, what is said arrives and no answer comes."""

    def __init__(self, url: str) -> None:
        self._parts = {name: str(value) for name, value in conninfo_to_dict(libpq(url)).items()}
        self._answers = asyncio.Event()
        self._answers.set()
        self._lines: set[asyncio.Task[None]] = set()
        self._ends: list[asyncio.StreamWriter] = []

    def cut(self) -> None:
        self._answers.clear()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """Give the address at this end."""
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        port = str(server.sockets[0].getsockname()[1])
        try:
            yield make_conninfo("", **{**self._parts, "host": "127.0.0.1", "port": port})
        finally:
            server.close()
            for line in self._lines:
                line.cancel()
            await asyncio.gather(*self._lines, return_exceptions=True)
            for end in self._ends:
                end.close()
            await asyncio.gather(*(end.wait_closed() for end in self._ends), return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.append(writer)
        there, back = await self._database()
        self._ends.append(back)
        always = asyncio.Event()
        always.set()
        for source, sink, whole in ((reader, back, always), (there, writer, self._answers)):
            self._lines.add(asyncio.create_task(_carry(source, sink, whole)))

    async def _database(self) -> Stream:
        host, port = self._parts.get("host", "localhost"), self._parts.get("port", "5432")
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, int(port))


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, whole: asyncio.Event) -> None:
    try:
        while data := await source.read(65536):
            await whole.wait()
            sink.write(data)
    finally:
        sink.close()


def a_row(key: str) -> dict[str, object]:
    return Deed(key, NDAPEWA, "C1", "deploy", {"environment": "staging"}).row(FakeClock().now())


def taken(url: str) -> list[str]:
    with psycopg.connect(libpq(url)) as connection:
        return [str(row[0]) for row in connection.execute("SELECT key FROM requests ORDER BY key")]


async def arrived(url: str, key: str) -> None:
    """Wait until a deed is in the ledger; it must be there once."""

    async def look() -> bool:
        return taken(url).count(key) == 1

    await eventually(look, within=LONG)


def test_a_person_is_told_before_slack_gives_up() -> None:
    assert PATIENCE < 3


async def test_where_no_database_is_nothing_was_done() -> None:
    single = Single(NOBODY, patience=SHORT)
    together = Together(single, TAKE)
    outcomes = await asyncio.gather(*(together.say(a_row(str(number))) for number in range(30)), return_exceptions=True)
    await single.close()

    assert {(type(one), str(one)) for one in outcomes} == {(Retry, "the ledger cannot be reached")}


async def test_where_an_answer_is_lost_it_cannot_be_told_and_it_was_done_once(database_url: str) -> None:
    cable = Cable(database_url)
    async with cable.laid() as address:
        single = Single(address, patience=LONG)
        together = Together(single, TAKE)
        await together.say(a_row("before"))
        single.patience = SHORT
        cable.cut()
        with pytest.raises(Unclear, match="did not answer in time"):
            await together.say(a_row("lost"))

        await arrived(database_url, "lost")
        await single.close()


async def test_who_comes_while_no_answer_comes_is_told_in_their_own_time(database_url: str) -> None:
    cable = Cable(database_url)
    async with cable.laid() as address:
        single = Single(address, patience=LONG)
        together = Together(single, TAKE)
        await together.say(a_row("before"))
        cable.cut()
        first = asyncio.create_task(together.say(a_row("first")))
        await arrived(database_url, "first")
        single.patience = SHORT
        with pytest.raises(Retry, match="cannot be reached"):
            await together.say(a_row("second"))
        first.cancel()

        assert "second" not in taken(database_url)
        await single.close()
