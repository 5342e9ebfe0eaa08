"""Secrets that are written into a catalog: plans and cards would show them, for a plan freezes what is written.

They are warned of and not refused: a word may only look like a secret, and what the catalog does is still right.
"""

from collections.abc import Iterator, Mapping

from bot.domain import named_secrets, secret_shapes

from .positions import Document, read
from .problems import Place, Problem
from .sections import Kinds
from .shapes import model_at

_VARIABLES = ("environment", "arguments")  # the keys below which stand variables with their values


def literals(text: str, kinds: Kinds, variables: Mapping[str, str]) -> Iterator[Problem]:
    """Yield where a secret seems to be written in a catalog's text, and the way to name it there instead."""
    document = read(text, variables)
    for place in _found(document.value, ()):
        said = f"this looks like a secret, and plans and cards would show it; {_way(document, place, kinds)}"
        yield Problem(document.mark(place), place, said)


def _found(value: object, place: Place) -> Iterator[Place]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _found(part, (*place, key))
    elif isinstance(value, list):
        found = [where for index, part in enumerate(value) for where in _found(part, (*place, index))]
        words = [part for part in value if isinstance(part, str)]
        yield from found or ([place] if len(words) == len(value) and _shows(" ".join(words)) else [])
    elif isinstance(value, str):
        is_variable = len(place) > 1 and place[-2] in _VARIABLES
        if _shows(f"{place[-1]}={value}" if is_variable else value):
            yield place


def _shows(text: str) -> bool:
    return named_secrets.covered(secret_shapes.covered(text)) != text


def _way(document: Document, place: Place, kinds: Kinds) -> str:
    """Say how the secret is named, as far as what is written there takes names of secrets."""
    for length in range(len(place), 0, -1):
        model = model_at(place[:length], document.value, kinds)
        if model is not None and "secrets" in model.model_fields:
            variable = place[-1] if isinstance(place[-1], str) and place[-2] in _VARIABLES else "TOKEN"
            return f"put it into the bot's environment and name it here: “secrets: {{ {variable}: NAME_OF_IT }}”"
    return "put it where the program itself reads it"
