"""Masking: what must never reach the ledger, a log or Slack is covered before it gets there.

Three nets: the values of secrets that are known, what has the shape of a secret (`bot.domain.secret_shapes`), and what
stands beside the name of one (`bot.domain.named_secrets`). A value shorter than six characters is left alone by the
first net, because covering it would make every text unreadable.

What cannot be written down at all (NUL, and halves of characters) becomes � on the way: it is in what programs print,
and PostgreSQL takes no text with it.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from bot.domain import named_secrets, secret_shapes
from bot.domain.secret_shapes import BEGINS, COVER, ENDS

_SHORTEST = 6
_BEGINNING = re.compile(BEGINS, re.VERBOSE)
_ENDING = re.compile(ENDS, re.VERBOSE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST_KEY = 16 * 1024  # characters; a key of 16,384 bits has some 12,000


def unfinished(text: str) -> int | None:
    """Return where a private key begins whose end is not in the text yet, or None.

    Who reads a text piece by piece keeps what is from there on for later: no pattern knows the middle of a key. What
    goes on for longer than any key does is none.
    """
    ended = max((end.end() for end in _ENDING.finditer(text)), default=0)
    found = _BEGINNING.search(text, ended)
    return found.start() if found and len(text) - found.start() < LONGEST_KEY else None


def headless(text: str) -> int:
    """Return where a text goes on after a private key whose beginning it does not hold; 0 where there is no such key.

    Who reads the end of a long text leaves out what is before that: no pattern knows the middle of a key.
    """
    end = _ENDING.search(text)
    if end is None or end.start() >= LONGEST_KEY or _BEGINNING.search(text, 0, end.start()):
        return 0
    return end.end()


class Mask:
    """Covers secrets in text. Give it the values that are known."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset[str]()
        self._known: re.Pattern[str] | None = None
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Cover these values as well, from now on."""
        self._secrets |= {form for secret in secrets if len(secret) >= _SHORTEST for form in _written(secret)}
        longest_first = sorted(self._secrets, key=len, reverse=True)
        known = "|".join(re.escape(secret) for secret in longest_first)
        self._known = re.compile(known) if known else None

    def __call__(self, text: str) -> str:
        """Return the text with every secret covered, as it can be written down."""
        text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
        if self._known is not None:
            text = self._known.sub(COVER, text)
        return named_secrets.covered(secret_shapes.covered(text))


def _written(secret: str) -> set[str]:
    """Return how a value is written: as it is, in JSON, in an address."""
    return {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")}
