"""Slack's message metadata: an event type and a payload of the app's own, carried by a message and never shown.

Slack documents the two fields and the kinds of values, and an error for "too large" without a figure; ours is set so
that a bot which keeps to it stays well below anything Slack could mean.
"""

import json
import re
from collections.abc import Iterator, Mapping

from bot.sandbox.validation.problem import METADATA_FORMAT, METADATA_TOO_LARGE, Problem, at, missing, unexpected, wrong
from bot.sandbox.validation.shape import Thing, array, mapping, string

MOST_BYTES = 16_000
_EVENT_TYPE = string(most=255, like=re.compile(r"[A-Za-z0-9_.:-]+"), words="must be alphanumeric")
_Scalar = str | int | float | bool


def check_metadata(metadata: object) -> list[Problem]:
    """Find everything Slack would refuse in a message's `metadata`; pointers begin with `/metadata`."""
    if not isinstance(metadata, Mapping):
        return [wrong("/metadata", "must provide an object", "type", expected=("object",), code=METADATA_FORMAT)]
    if "entities" in metadata and "event_type" not in metadata:
        return list(array(mapping)(metadata["entities"], "/metadata/entities"))
    return [*_fields(metadata), *_size(metadata)]


def _fields(metadata: Thing) -> Iterator[Problem]:
    for name in ("event_type", "event_payload"):
        if name not in metadata:
            yield missing("/metadata", name)
    for name in metadata:
        if name not in {"event_type", "event_payload", "entities"}:
            yield unexpected("/metadata", name)
    if "event_type" in metadata:
        yield from _EVENT_TYPE(metadata["event_type"], "/metadata/event_type")
    if "event_payload" in metadata:
        yield from _payload(metadata["event_payload"])


def _payload(payload: object) -> Iterator[Problem]:
    """Check the values: scalars, lists, or one level of objects of scalars (documented), never null."""
    pointer = "/metadata/event_payload"
    yield from mapping(payload, pointer)
    if isinstance(payload, Mapping):
        for key, value in payload.items():
            yield from _value(value, at(pointer, str(key)), depth=1)


def _value(value: object, pointer: str, *, depth: int) -> Iterator[Problem]:
    match value:
        case str() | int() | float():
            return
        case list() if depth > 0:
            for index, item in enumerate(value):
                yield from _value(item, at(pointer, index), depth=depth)
        case Mapping() if depth > 0:
            for key, item in value.items():
                yield from _value(item, at(pointer, str(key)), depth=depth - 1)
        case _:
            words = "must be a string, a number, a boolean, or a list or flat object of them"
            yield wrong(pointer, words, "type", expected=("string", "number", "boolean"))


def _size(metadata: Thing) -> Iterator[Problem]:
    size = len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":"), default=str).encode())
    if size > MOST_BYTES:
        words = f"the metadata must be at most {MOST_BYTES} bytes, not {size}"
        yield wrong("/metadata", words, "max_bytes", expected=MOST_BYTES, code=METADATA_TOO_LARGE)
