"""Reading a log piece by piece, from an offset the log API does not know.

An answer stays open from one piece to the next, so that a long log is sent once and only what is asked for is held in
memory; who comes with another offset (another bot, a restarted one) reads from the beginning up to there, once.
"""

import asyncio
import contextlib
from collections import OrderedDict
from datetime import timedelta

import aiohttp

from bot.domain.errors import Retry
from bot.domain.observation import LogChunk
from integrations._kubernetes.api import PATIENCE, Api
from integrations._logs import MOST, whole_lines

_OPEN = 8  # answers that are kept open at once; the one that was read longest ago is closed first
_STILL = 0.2  # seconds without a byte, and what a running container has written so far is read
_SILENCE = timedelta(hours=1)  # how long a program may say nothing before its log is opened anew

_Log = tuple[Api, tuple[str, ...]]  # which cluster's, and where


class Readings:
    """The logs that are being read."""

    def __init__(self) -> None:
        self._open: OrderedDict[_Log, _Reading] = OrderedDict()
        self._read: OrderedDict[_Log, int] = OrderedDict()  # how long those are that were read to their end

    async def piece(self, api: Api, path: tuple[str, ...], container: str, offset: int, *, ended: bool) -> LogChunk:
        """Return the next piece of a log; `ended` says that nothing more will be written."""
        log = (api, path)
        if ended and self._read.get(log) == offset:
            return LogChunk("", offset)
        reading = self._open.pop(log, None)
        if reading is not None and reading.position != offset:
            await reading.close()
            reading = None
        kept, reading = reading, reading or await _Reading.begun(api, path, container, offset, ended=ended)
        try:
            piece = await reading.next(ended=ended)
        except Retry:
            await reading.close()
            if kept is None:
                raise
            return await self.piece(api, path, container, offset, ended=ended)  # its line broke since: another
        await self._keep(log, reading, ended=ended)
        return piece

    async def close(self) -> None:
        """Let go of all of them."""
        while self._open:
            await self._open.popitem()[1].close()

    async def _keep(self, log: _Log, reading: "_Reading", *, ended: bool) -> None:
        if reading.over and ended:
            self._read[log] = reading.position
        if reading.over or (reading.all and not ended):  # of what still runs, another answer will tell more
            await reading.close()
        else:
            self._open[log] = reading
        if len(self._open) > _OPEN:
            await self._open.popitem(last=False)[1].close()
        if len(self._read) > _OPEN:
            self._read.popitem(last=False)


class _Reading:
    """One log, and how far it has been read."""

    def __init__(self, position: int) -> None:
        self.position = position
        self._answer = contextlib.AsyncExitStack()
        self._log: aiohttp.StreamReader | None = None
        self._ahead = b""  # received, and not given yet: less than a whole line, or than a piece
        self._latest = b""  # the byte that came last: a log that ends without an end of line is given one
        self.all = False  # whether the answer has come to its end

    @classmethod
    async def begun(cls, api: Api, path: tuple[str, ...], container: str, offset: int, *, ended: bool) -> "_Reading":
        """Open a log at an offset. One that is shorter was begun anew, as the kubelet does, and is read from 0."""
        reading = cls(offset)
        query = {"container": container, "follow": str(not ended).lower()}
        reading._log = await reading._answer.enter_async_context(api.stream(*path, query=query, patience=_SILENCE))
        try:
            if await reading._skip(offset, ended=ended) or not ended:
                return reading
        except Retry:
            await reading.close()
            raise
        await reading.close()
        return await cls.begun(api, path, container, 0, ended=ended)

    @property
    def over(self) -> bool:
        """Whether everything has been given."""
        return self.all and not self._ahead

    async def next(self, *, ended: bool) -> LogChunk:
        """Return whole lines."""
        await self._receive(MOST, ended=ended)
        whole = self._ahead if self.all and ended else whole_lines(self._ahead)
        self._ahead = self._ahead[len(whole) :]
        chunk = LogChunk.of(whole, self.position)
        self.position = chunk.next_offset
        return chunk

    async def close(self) -> None:
        """Let go of the answer."""
        await self._answer.aclose()

    async def _skip(self, many: int, *, ended: bool) -> bool:
        while many:
            await self._receive(min(many, MOST), ended=ended)
            if not self._ahead:
                return False
            many, self._ahead = many - len(self._ahead), b""
        return True

    async def _receive(self, most: int, *, ended: bool) -> None:
        """Receive up to so many bytes; from what still runs, what there is. A dead line is `Retry`."""
        assert self._log is not None  # noqa: S101 - begun() opened it
        try:
            while len(self._ahead) < most and not self.all:
                async with asyncio.timeout(PATIENCE.total_seconds() if ended else _STILL):
                    more = await self._log.read(most - len(self._ahead))
                self.all = not more
                self._ahead += more or (b"\n" if ended and self._latest not in {b"", b"\n"} else b"")
                self._latest = more[-1:]
        except TimeoutError as error:
            if ended:
                raise Retry("the cluster stopped in the middle of a log") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Retry(f"a log broke off: {type(error).__name__}") from error
