"""The nearest right word to a wrong one, for every place that tells a person what they may have meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the right word that is most like `word`, or None when none is much like it."""
    right = {known.lower(): known for known in words}
    close = get_close_matches(word.lower(), right, n=1, cutoff=0.6)
    return right[close[0]] if close else None


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return `did you mean “staging”?`, or an empty text when nothing is near."""
    close = nearest(word, words)
    return f"did you mean “{close}”?" if close else ""


def listed(words: Iterable[str]) -> str:
    """Say which words there are: `“a”, “b”`, or `none yet`."""
    return ", ".join(f"“{word}”" for word in words) or "none yet"


def as_name(text: str) -> str:
    """Return the name that is most like a text: `on-call` for `On Call`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
