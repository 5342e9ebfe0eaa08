"""The parts of a catalog whose shape others say: a backend's or source's section, and a step with its options.

The kinds arrive in the validation's context as `Kinds`. A `ValidationError` raised by a kind's own model inside these
validators keeps its place: pydantic adds the path it was found under.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated

from pydantic import BaseModel, PlainSerializer, PlainValidator, TypeAdapter, ValidationInfo
from pydantic_core import PydanticCustomError

from .expected import found
from .nearest import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class Kinds:
    """The models of what was found: backends, sources, steps and pagers, each by the word the catalog uses."""

    backends: Mapping[str, type[BaseModel]]
    sources: Mapping[str, type[BaseModel]]
    steps: Mapping[str, type[BaseModel]]
    pagers: Mapping[str, type[BaseModel]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A checked section of a kind: `{kind: process, port: 8211, …}`."""

    kind: str
    config: BaseModel

    def plain(self) -> dict[str, object]:
        """Return it as plain JSON values; secrets stay covered."""
        return {**self.config.model_dump(mode="json"), "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Step:
    """A checked step: its word, and its options (of the word's own model)."""

    word: str
    options: BaseModel

    def plain(self) -> dict[str, object]:
        """Return it as plain JSON values; secrets stay covered."""
        return {"word": self.word, "options": self.options.model_dump(mode="json")}


def kinds_of(info: ValidationInfo) -> Kinds:
    """Return the kinds that the validation was given."""
    if not isinstance(info.context, Kinds):
        raise TypeError("a catalog is validated with Kinds as its context")
    return info.context


def _section(noun: str, models: Callable[[Kinds], Mapping[str, type[BaseModel]]]) -> PlainValidator:
    def check(written: object, info: ValidationInfo) -> Section:
        known = models(kinds_of(info))
        if not isinstance(written, dict):
            raise PydanticCustomError(
                "section",
                "{found} was found, expected a mapping with its kind, {shape}; there are {known}",
                {"shape": "{ kind: …, … }", "found": found(written), "known": listed(known)},
            )
        kind = written.get("kind")
        if kind is None:
            raise PydanticCustomError("no_kind", "“kind” is missing; expected one of {known}", {"known": listed(known)})
        if not isinstance(kind, str | int | float):
            raise _unknown(f"{found(kind)} was found", "", known, within="kind")
        model = known.get(str(kind))
        if model is None:
            raise _unknown(f"no {noun} is called “{kind}”", str(kind), known, within="kind")
        own = written if "kind" in model.model_fields else {k: v for k, v in written.items() if k != "kind"}
        return Section(str(kind), model.model_validate(own))

    return PlainValidator(check)


def _step(written: object, info: ValidationInfo) -> Step:
    known = kinds_of(info).steps
    word, options = _entry(written)
    model = known.get(word)
    if model is None:
        raise _unknown(f"no step is called “{word}”", word, known)
    return Step(word, _options(model).validate_python({word: {} if options is None else options})[word])


def _entry(written: object) -> tuple[str, object]:
    if isinstance(written, str):
        return written, None
    if isinstance(written, dict) and len(written) == 1:
        return next(iter(written.items()))
    raise PydanticCustomError(
        "step",
        "{found} was found, expected a word, or “word: {shape}”",
        {"found": _several(written), "shape": "{options}"},
    )


def _several(written: object) -> str:
    return f"a mapping of {len(written)} keys" if isinstance(written, dict) and written else found(written)


@cache
def _options(model: type[BaseModel]) -> TypeAdapter[dict[str, BaseModel]]:
    """Return what checks `{word: options}`, so that the word is part of the place of what is wrong."""
    return TypeAdapter(dict[str, model])  # type: ignore[valid-type]  # the model is only known at run time


def _unknown(said: str, word: str, known: Mapping[str, object], *, within: str = "") -> PydanticCustomError:
    near = did_you_mean(word, known)
    text = f"{said}; expected one of {listed(known)}{', ' + near if near else ''}"
    return PydanticCustomError("unknown_word", "{text}", {"text": text, "within": within})


BackendSection = Annotated[
    Section, _section("backend", lambda kinds: kinds.backends), PlainSerializer(lambda section: section.plain())
]
SourceSection = Annotated[
    Section, _section("source", lambda kinds: kinds.sources), PlainSerializer(lambda section: section.plain())
]
PagerSection = Annotated[
    Section, _section("pager", lambda kinds: kinds.pagers), PlainSerializer(lambda section: section.plain())
]
StepEntry = Annotated[Step, PlainValidator(_step), PlainSerializer(lambda step: step.plain())]
