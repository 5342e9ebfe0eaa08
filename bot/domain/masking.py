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
_HELD = 4 * 1024  # characters at the end of a text that goes on: no secret but a key is longer
_STEP = 512
_LOOKED_AT = 32 * 1024  # characters of a text of which a person is shown a line or two


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

    def beginning(self, text: str, most: int) -> str:
        """Return the beginning of a text, covered before it is cut: half a secret is known by nothing."""
        return self(_first(text))[:most]

    def line(self, text: str, most: int) -> str:
        """Return the beginning of a text as one line, covered before it is joined and cut."""
        return " ".join(self(_first(text)).split())[:most]

    def end(self, text: str, most: int) -> str:
        """Return the end of a text, covered before it is cut."""
        return self(_last(text))[-most:]

    def lines(self, text: str, longest: int) -> str:
        """Return a text whose lines are no longer than this, covered before they are cut."""
        return "\n".join(line[:longest] for line in self(text).split("\n"))

    def open_end(self, text: str) -> int:
        """Return the place in a text that goes on up to which it can be shown without cutting a secret in two.

        Who reads a text piece by piece keeps the rest for later. A text that ends with a line is only kept back where
        a known secret of several lines may have begun.
        """
        if text.endswith("\n"):
            return min((at for secret in self._secrets if (at := _begun(secret, text)) is not None), default=len(text))
        held = max(_HELD, *(len(secret) for secret in self._secrets), 0)
        start = max(len(text) - 4 * held, 0)
        around = text[start:]
        whole = self(around)
        for place in range(len(around) - held, 0, -_STEP):
            if self(around[:place]) + self(around[place:]) == whole:
                return start + place
        return max(len(text) - held, 0)


def _first(text: str) -> str:
    """Return what a person is shown the beginning of: whole words of a text of any length."""
    return text if len(text) <= _LOOKED_AT else text[:_LOOKED_AT].rpartition(" ")[0]


def _last(text: str) -> str:
    """Return what a person is shown the end of: whole words of a text of any length."""
    end = text if len(text) <= _LOOKED_AT else text[-_LOOKED_AT:].partition(" ")[2]
    return end[headless(end) :]


def _begun(secret: str, text: str) -> int | None:
    """Return where the first lines of a secret stand at the end of a text, or None where they do not."""
    ends = (at.end() for at in re.finditer("\n", secret[:-1]))
    return next((len(text) - end for end in ends if text.endswith(secret[:end])), None)


def _written(secret: str) -> set[str]:
    """Return how a value is written: as it is, in JSON, in an address."""
    return {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")}
