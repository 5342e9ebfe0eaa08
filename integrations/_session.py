"""A client's session of aiohttp: opened and closed with the adapter that uses it."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

import aiohttp


class WithSession(ABC):
    """An adapter that is used with ``async with``; `_session` is there within it, and None outside."""

    _session: aiohttp.ClientSession | None = None

    @abstractmethod
    def _opened(self) -> aiohttp.ClientSession:
        """Return a new session."""

    async def __aenter__(self) -> Self:
        self._session = self._opened()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
