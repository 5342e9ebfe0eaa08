"""Masking: what must never reach the ledger, a log or Slack is covered before it gets there.

Two nets: the values of secrets that are known, and patterns of what is usually secret. A value shorter than six
characters is left alone by the first net, because covering it would make every text unreadable.
"""

import re
from collections.abc import Iterable

COVER = "•••"
_SHORTEST = 6
_WORD = r"pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential"
_KEY = rf"[A-Za-z0-9_.\-]{{0,40}}(?:{_WORD})[A-Za-z0-9_.\-]{{0,40}}"  # bounded, so that no text takes long to search
_VALUE = r"(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), COVER),
    (re.compile(r"\b([a-z][a-z0-9+.\-]*://[^\s/:@]*:)[^\s/@]+@", re.IGNORECASE), rf"\1{COVER}@"),
    (re.compile(r"\b(authorization\s*[:=]\s*(?:bearer|basic|token)?\s*)\S+", re.IGNORECASE), rf"\1{COVER}"),
    (re.compile(r"\b(bearer\s+)[A-Za-z0-9._~+/\-]{8,}=*", re.IGNORECASE), rf"\1{COVER}"),
    (re.compile(rf"((?<![A-Za-z0-9])[\"']?{_KEY}[\"']?\s*[:=]\s*){_VALUE}", re.IGNORECASE), rf"\1{COVER}"),
    (re.compile(rf"(--{_KEY}\s+)(\S+)", re.IGNORECASE), rf"\1{COVER}"),
    (re.compile(r"\bx(?:ox[abeoprs]|app)-[A-Za-z0-9-]{8,}"), COVER),  # Slack
    (re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_\-]{16,})"), COVER),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"), COVER),  # Amazon
    (re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"), COVER),  # JSON web tokens
    (re.compile(r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}"), COVER),  # Stripe
)


_BEGINNING = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?!.*-----END [A-Z ]*PRIVATE KEY-----)", re.DOTALL)
LONGEST_KEY = 16 * 1024  # characters; a key of 16,384 bits has some 12,000


def unfinished(text: str) -> int | None:
    """Return where a private key begins whose end is not in the text yet, or None.

    Who reads a text piece by piece keeps what is from there on for later: no pattern knows the middle of a key. What
    goes on for longer than any key does is none.
    """
    found = _BEGINNING.search(text)
    return found.start() if found and len(text) - found.start() < LONGEST_KEY else None


class Mask:
    """Covers secrets in text. Give it the values that are known."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = frozenset[str]()
        self._known: re.Pattern[str] | None = None
        self.learn(*secrets)

    def learn(self, *secrets: str) -> None:
        """Cover these values as well, from now on."""
        self._secrets |= {secret for secret in secrets if len(secret) >= _SHORTEST}
        longest_first = sorted(self._secrets, key=len, reverse=True)
        known = "|".join(re.escape(secret) for secret in longest_first)
        self._known = re.compile(known) if known else None

    def __call__(self, text: str) -> str:
        """Return the text with every secret covered."""
        if self._known is not None:
            text = self._known.sub(COVER, text)
        for pattern, cover in _PATTERNS:
            text = pattern.sub(cover, text)
        return text
