"""From what somebody typed to checked arguments: the pydantic model is the parser and the usage line.

A field is a word in its place, a tuple takes the words that are left, a bool is ``--flag``, and a field marked with
`OPTION` is ``--name some words``, up to the next ``--``. Slack's clients turn quotation marks and dashes into
typographic ones; both are read as what was meant.
"""

import re
from dataclasses import dataclass
from typing import TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bot.catalog import nearest
from bot.catalog.expected import expected, found
from bot.domain.errors import Refused

Args = TypeVar("Args", bound=BaseModel)

_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|(\S+)")
_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "—": "--", "\u00a0": " "})
LONGEST = 3000


@dataclass(frozen=True, slots=True)
class Option:
    """Marks a field that is typed as ``--name some words``."""

    example: str = "…"


def split(text: str) -> list[tuple[str, bool]]:
    """Return the words of a text, each with whether it was quoted; quotation marks hold words together."""
    straight = _typed(text)
    found = []
    for word in _WORD.finditer(straight):
        quoted = word[3] is None
        found.append((next(part for part in word.groups() if part is not None), quoted))
    return found


def _typed(text: str) -> str:
    """Undo typography outside of words: an apostrophe within a word stays what it is."""
    straight = text.translate(_TYPOGRAPHIC)
    return re.sub(r"(?<=\w)'(?=\w)", "’", straight)


def parse(text: str, model: type[Args], *, command: str) -> Args:
    """Return the arguments that a text gives; `Refused` names what is wrong with which word, and the usage."""
    if len(text) > LONGEST:
        raise Refused(f"That is too long: {len(text)} characters, and I read {LONGEST}.")
    given = _Given(model, command)
    for word, quoted in split(text):
        given.take(word, quoted=quoted)
    try:
        return model.model_validate(given.values())
    except ValidationError as error:
        raise Refused(_wrong(error, model, command)) from error


class _Given:
    """Sorts words into the fields of a model as they come."""

    def __init__(self, model: type[BaseModel], command: str) -> None:
        self._model, self._command = model, command
        self._places = [name for name, field in model.model_fields.items() if _kind(field) == "word"]
        self._rest = next((name for name, field in model.model_fields.items() if _kind(field) == "words"), None)
        self._values: dict[str, object] = {}
        self._words: dict[str, list[str]] = {}
        self._option: str | None = None

    def take(self, word: str, *, quoted: bool) -> None:
        if word.startswith("--") and not quoted:
            self._begin(word)
        elif self._option is not None:
            self._words[self._option].append(word)
        elif self._places:
            self._values[self._places.pop(0)] = word
        elif self._rest is not None:
            self._words.setdefault(self._rest, []).append(word)
        else:
            raise Refused(f"I do not know what “{word}” means here. {usage(self._model, self._command)}")

    def _begin(self, word: str) -> None:
        name, equals, value = word[2:].partition("=")
        field = name.replace("-", "_")
        known = {one: _kind(info) for one, info in self._model.model_fields.items()}
        if known.get(field) == "flag":
            self._values[field], self._option = True, None
        elif known.get(field) == "option":
            self._words[field], self._option = ([value] if equals else []), field
        else:
            options = [f"--{one.replace('_', '-')}" for one, kind in known.items() if kind in {"flag", "option"}]
            close = nearest(word, options)
            hint = f"Did you mean {close}?" if close else usage(self._model, self._command)
            raise Refused(f"“{word}” is not an option of /{self._command}. {hint}")

    def values(self) -> dict[str, object]:
        for name, said in self._words.items():
            if name != self._rest and not any(said):
                option = f"--{name.replace('_', '-')}"
                raise Refused(f"{option} says nothing: write it with its words. {usage(self._model, self._command)}")
        words = {name: tuple(words) if name == self._rest else " ".join(words) for name, words in self._words.items()}
        return self._values | words


def _kind(field: FieldInfo) -> str:
    if any(isinstance(mark, Option) for mark in field.metadata):
        return "option"
    if field.annotation is bool:
        return "flag"
    return "words" if get_origin(field.annotation) is tuple else "word"


def usage(model: type[BaseModel], command: str) -> str:
    """Return the usage line of a command."""
    return f"Usage: `/{command}{hint(model)}`"


def hint(model: type[BaseModel]) -> str:
    """Return how a command's arguments are written, with a leading space when it takes any."""
    parts = []
    for name, field in model.model_fields.items():
        label = field.title or name.replace("_", "-")
        match _kind(field):
            case "flag":
                parts.append(f"[--{name.replace('_', '-')}]")
            case "option":
                mark = next(one for one in field.metadata if isinstance(one, Option))
                parts.append(f"[--{name.replace('_', '-')} {mark.example}]")
            case "words":
                parts.append(label if label.startswith("[") else f"[{label}…]")
            case _:
                parts.append(f"<{label}>" if field.is_required() else f"[{label}]")
    return "".join(f" {part}" for part in parts)


def _wrong(error: ValidationError, model: type[BaseModel], command: str) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "missing":
        return f"Say which {name.replace('_', ' ')}. {usage(model, command)}"
    wanted = expected(first)
    said = f"expected {wanted}" if wanted else first["msg"].removeprefix("Value error, ")
    return f"{name.replace('_', ' ')} {found(first['input'])}: {said}. {usage(model, command)}"
