"""One way to write a value down, so that its hash means something: canonical JSON, and SHA-256 over it.

Keys sorted, no spaces, no escapes for Unicode; times as ISO 8601 in UTC. Floats are refused, because two machines
may write one float in two ways; so are times without a zone, which two machines read as two moments.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case datetime() if value.tzinfo is None:
            raise TypeError(f"a time without a zone has no canonical form: {value!r}")
        case datetime():
            return value.astimezone(UTC).isoformat()
        case timedelta():
            return f"{value // timedelta(milliseconds=1)}ms"
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form: {value!r}")


def canonical(value: object) -> str:
    """Return the one text that stands for the value; TypeError when it holds something without a canonical form."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
