"""The small language the tables of this package are written in: what a JSON value must look like.

A `Check` looks at one value and yields what is wrong with it. Checks are made of checks, so that a block is a table of
fields, and its limits can be read off beside Slack's documentation. A JSON Schema library would do the shapes, but not
Slack's wordings, nor the rules between fields, which are half of what Slack refuses.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from bot.sandbox.validation.problem import Problem, at, missing, unexpected, wrong

Check = Callable[[object, str], Iterable[Problem]]
Thing = Mapping[str, object]
Rule = Callable[[Thing, str], Iterable[Problem]]
"""A rule between the fields of one object; it is only asked when every field is sound by itself."""

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
WEB_URL = re.compile(r"https?://\S+")


def string(*, least: int = 1, most: int | None = None, like: re.Pattern[str] | None = None, words: str = "") -> Check:
    """Expect a string of `least` to `most` characters, matching `like` entirely; `words` say so when it does not."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield wrong(pointer, "must provide a string", "type", expected=("string",))
        elif len(value) < least:
            yield wrong(pointer, f"must be more than {least - 1} characters", "min_length", expected=least)
        elif most is not None and len(value) > most:
            yield wrong(pointer, f"must be less than {most + 1} characters", "max_length", expected=most)
        elif like is not None and not like.fullmatch(value):
            yield wrong(pointer, words or "invalid value", "pattern", expected=(like.pattern,))

    return check


def url(most: int = 3000, like: re.Pattern[str] = URL) -> Check:
    """Expect an absolute address."""
    return string(most=most, like=like, words="invalid url")


def enum(*allowed: str) -> Check:
    """Expect one of a few words."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if value not in allowed:
            yield wrong(pointer, "must be a valid enum value", "enum", expected=allowed)

    return check


def boolean(value: object, pointer: str) -> Iterator[Problem]:
    """Expect true or false."""
    if not isinstance(value, bool):
        yield wrong(pointer, "must provide a boolean", "type", expected=("boolean",))


def integer(least: int | None = None, most: int | None = None) -> Check:
    """Expect a whole number between two bounds, both included."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield wrong(pointer, "must provide an integer", "type", expected=("integer",))
        elif least is not None and value < least:
            yield wrong(pointer, f"must be greater than or equal to {least}", "minimum", expected=least)
        elif most is not None and value > most:
            yield wrong(pointer, f"must be less than or equal to {most}", "maximum", expected=most)

    return check


def number(value: object, pointer: str) -> Iterator[Problem]:
    """Expect any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield wrong(pointer, "must provide a number", "type", expected=("number",))


def anything(_value: object, _pointer: str) -> Iterator[Problem]:
    """Let everything through."""
    return iter(())


def mapping(value: object, pointer: str) -> Iterator[Problem]:
    """Expect an object whose fields are not looked at."""
    if not isinstance(value, Mapping):
        yield wrong(pointer, "must provide an object", "type", expected=("object",))


def array(of: Check, *, least: int = 1, most: int | None = None) -> Check:
    """Expect a list of `least` to `most` values of one sort; too many are counted, not read."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield wrong(pointer, "must provide an array", "type", expected=("array",))
        elif len(value) < least:
            yield wrong(pointer, f"must provide at least {least} items", "min_items", expected=least)
        elif most is not None and len(value) > most:
            yield wrong(pointer, f"no more than {most} items allowed", "max_items", expected=most)
        else:
            for index, item in enumerate(value):
                yield from of(item, at(pointer, index))

    return check


def thing(fields: Mapping[str, Check], *, required: Collection[str] = (), rules: Sequence[Rule] = ()) -> Check:
    """Expect an object with these fields and no others; a field given as null counts as given, and is wrong."""

    def check(value: object, pointer: str) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield wrong(pointer, "must provide an object", "type", expected=("object",))
            return
        problems = list(_fields(value, pointer, fields, required))
        yield from problems or (problem for rule in rules for problem in rule(value, pointer))

    return check


def _fields(value: Thing, pointer: str, fields: Mapping[str, Check], required: Collection[str]) -> Iterator[Problem]:
    for name in required:
        if name not in value:
            yield missing(pointer, name)
    for name, item in value.items():
        if name in fields:
            yield from fields[name](item, at(pointer, name))
        else:
            yield unexpected(pointer, str(name))


def by_type(kinds: Mapping[str, Check], allowed: Collection[str] | None = None) -> Check:
    """Expect an object whose `type` says which check holds for it; `allowed` narrows the types of this place."""
    names = tuple(kinds if allowed is None else (kind for kind in kinds if kind in allowed))

    def check(value: object, pointer: str) -> Iterable[Problem]:
        if not isinstance(value, Mapping):
            return [wrong(pointer, "must provide an object", "type", expected=("object",))]
        if "type" not in value:
            return [missing(pointer, "type")]
        kind = value["type"]
        if not isinstance(kind, str) or kind not in names:
            return [wrong(at(pointer, "type"), f"unsupported type: {kind}", "enum", expected=names)]
        return kinds[kind](value, pointer)

    return check


def later(find: Callable[[], Check]) -> Check:
    """Look a check up when it is used, for shapes that contain themselves."""

    def check(value: object, pointer: str) -> Iterable[Problem]:
        return find()(value, pointer)

    return check


def exactly_one(*names: str) -> Rule:
    """Require one of these fields, and only one."""

    def rule(value: Thing, pointer: str) -> Iterator[Problem]:
        given = [name for name in names if name in value]
        listed = " or ".join(f"`{name}`" for name in names)
        if not given:
            yield wrong(pointer, f"{listed} must be specified", "required", expected=names)
        elif len(given) > 1:
            yield wrong(pointer, f"only one of {listed} can be specified", "exclusive", expected=names)

    return rule


def at_least_one(*names: str) -> Rule:
    """Require one or more of these fields."""

    def rule(value: Thing, pointer: str) -> Iterator[Problem]:
        if not any(name in value for name in names):
            listed = " or ".join(f"`{name}`" for name in names)
            yield wrong(pointer, f"{listed} must be specified", "required", expected=names)

    return rule


def in_order(low: str, high: str) -> Rule:
    """Require that of two numbers (or numbers in strings) the first is not above the second."""

    def rule(value: Thing, pointer: str) -> Iterator[Problem]:
        try:
            bounds = float(str(value[low])), float(str(value[high]))
        except (KeyError, ValueError):
            return
        if bounds[0] > bounds[1]:
            yield wrong(at(pointer, low), f"`{low}` cannot be greater than `{high}`", "maximum", expected=(high,))

    return rule


def listed(value: Thing, name: str) -> list[object]:
    """Read the list in a field, or an empty one."""
    items = value.get(name)
    return items if isinstance(items, list) else []
