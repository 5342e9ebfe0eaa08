"""Who asks GitHub, for as long as the bot runs: the secret's present value, an App's token while it lasts, and ETags.

A secret is read anew for every request, so that one that was rotated counts at once. An App's installation token lives
for an hour and is renewed five minutes early.
"""

from collections import OrderedDict
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bot.domain.masking import Mask
from bot.plugins import Surroundings
from bot.ports import Clock, Secrets
from integrations._github.access import Access

_EARLY = timedelta(minutes=5)

Known = tuple[str | None, str | None, Any, str | None]  # ETag, last change, answer, address of the next page


class Answers(MutableMapping[str, Known]):
    """The last answers by their address, for conditional requests.

    When they are too many, those not asked for the longest are forgotten. Their size is that of their text; as values
    they take a few times as much.
    """

    def __init__(self, most: int = 8_000_000) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[str, tuple[int, Known]] = OrderedDict()

    def __getitem__(self, address: str) -> Known:
        """Return what is known, and remember that it was asked for."""
        self._kept.move_to_end(address)
        return self._kept[address][1]

    def __setitem__(self, address: str, known: Known) -> None:
        """Keep an answer."""
        self.pop(address, None)
        size = len(repr(known))
        self._kept[address] = size, known
        self._size += size
        while self._size > self._most:
            del self[next(iter(self._kept))]

    def __delitem__(self, address: str) -> None:
        """Forget an answer."""
        self._size -= self._kept.pop(address)[0]

    def __iter__(self) -> Iterator[str]:
        """Go through the addresses, the one that was asked for longest ago first."""
        return iter(self._kept)

    def __len__(self) -> int:
        """Say how many there are."""
        return len(self._kept)


class Account:
    """One way in at GitHub, shared by everybody who asks with it."""

    def __init__(self, access: Access, surroundings: Surroundings) -> None:
        self.access = access
        self.answers = Answers()
        self.clock: Clock = surroundings.clock
        self.mask: Mask = surroundings.mask
        self._secrets: Secrets = surroundings.secrets
        self._lent: tuple[str, datetime] | None = None
        self._ahead = timedelta()  # of our clock

    def now(self) -> datetime:
        """Return the time at GitHub, as far as it is known: what it dates is compared with this, not with our clock."""
        return self.clock.now() - self._ahead

    def heard(self, date: str) -> None:
        """Take the time of an answer, as its header says it."""
        with suppress(ValueError):
            self._ahead = self.clock.now() - parsedate_to_datetime(date).astimezone(UTC)

    def secret(self) -> str:
        """Return the token, or the App's private key; `GaveUp` when it is not set."""
        return self._secrets.read(self.access.secret)

    def lent(self) -> str | None:
        """Return the App's installation token, while it is good for some time still."""
        return self._lent[0] if self._lent and self._lent[1] - _EARLY > self.now() else None

    def keep(self, token: str, until: datetime) -> str:
        """Keep an installation token and return it."""
        self._lent = (token, until)
        return token

    def forget(self) -> bool:
        """Drop the installation token; say whether there was one."""
        held, self._lent = self._lent is not None, None
        return held
