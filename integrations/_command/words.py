"""What a program is told: placeholders in its arguments, and the same words in its environment."""

import re
from collections.abc import Iterable, Mapping, Sequence

_PLACE = re.compile(r"\{\{([a-z]+)\}\}|\{([a-z]+)\}")

TARGET = ("target", "service", "environment")
RELEASE = ("key", "version", "commit", "digest", "artefact")


def unknown(argv: Iterable[str], known: Sequence[str]) -> str | None:
    """Return the first placeholder in the arguments that stands for nothing."""
    for item in argv:
        for place in _PLACE.finditer(item):
            if place[2] and place[2] not in known:
                return place[2]
    return None


def filled(argv: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """Put the words in their places; ``{{word}}`` is the word in braces, as it is. An item stays one item."""
    return [_PLACE.sub(lambda place: f"{{{place[1]}}}" if place[1] else words[place[2]], item) for item in argv]


def variables(words: Mapping[str, str]) -> dict[str, str]:
    """Return the words as variables: ``SLIPWAY_VERSION`` and so on."""
    return {f"SLIPWAY_{name.upper()}": value for name, value in words.items()}
