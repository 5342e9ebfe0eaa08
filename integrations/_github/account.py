"""Who asks GitHub, for as long as the bot runs: the secret's present value, an App's token while it lasts, and ETags.

A secret is read anew for every request, so that one that was rotated counts at once. An App's installation token lives
for an hour and is renewed five minutes early.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from bot.plugins import Surroundings
from bot.ports import Clock, Secrets
from integrations._github.access import Access

_MOST_ANSWERS = 100
_EARLY = timedelta(minutes=5)

Known = tuple[str | None, str | None, Any, str | None]  # ETag, last change, answer, address of the next page


class Answers(OrderedDict[str, Known]):
    """The last answers by their address, for conditional requests; those not asked for the longest are forgotten."""

    def __getitem__(self, address: str) -> Known:
        """Return what is known, and remember that it was asked for."""
        self.move_to_end(address)
        return super().__getitem__(address)

    def __setitem__(self, address: str, known: Known) -> None:
        """Keep an answer."""
        super().__setitem__(address, known)
        if len(self) > _MOST_ANSWERS:
            self.popitem(last=False)


class Account:
    """One way in at GitHub, shared by everybody who asks with it."""

    def __init__(self, access: Access, surroundings: Surroundings) -> None:
        self.access = access
        self.answers = Answers()
        self.clock: Clock = surroundings.clock
        self._secrets: Secrets = surroundings.secrets
        self._lent: tuple[str, datetime] | None = None

    def secret(self) -> str:
        """Return the token, or the App's private key; `GaveUp` when it is not set."""
        return self._secrets.read(self.access.secret)

    def lent(self) -> str | None:
        """Return the App's installation token, while it is good for some time still."""
        return self._lent[0] if self._lent and self._lent[1] - _EARLY > self.clock.now() else None

    def keep(self, token: str, until: datetime) -> str:
        """Keep an installation token and return it."""
        self._lent = (token, until)
        return token

    def forget(self) -> bool:
        """Drop the installation token; say whether there was one."""
        held, self._lent = self._lent is not None, None
        return held
