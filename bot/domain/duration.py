"""Durations as people write and read them: ``90s``, ``10m``, ``4h``, ``2d``."""

import re
from datetime import timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_WRITTEN = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+(?:\.\d+)?)s)?")

_IN_WORDS = re.compile(r"(\d+)\s*(s|sec|second|m|min|minute|h|hr|hour|d|day)s?")


def parse(text: str) -> timedelta:
    """Return the duration that a text such as ``1h30m`` or ``20s`` says; ValueError names what was expected."""
    written = _WRITTEN.fullmatch(text.strip().lower())
    if written is None or not any(written.groups()):
        raise ValueError(f"“{text}” is not a duration; write for example 20s, 10m, 1h30m or 2d{_meant(text)}")
    days, hours, minutes, seconds = (float(part or 0) for part in written.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise ValueError(f"“{text}” is too long; write for example 20s, 10m, 1h30m or 2d") from error


def _meant(text: str) -> str:
    """Ask whether `4h` was meant by `4 hours`."""
    found = _IN_WORDS.fullmatch(text.strip().lower())
    return f", did you mean “{found[1]}{found[2][0]}”?" if found else ""


def written(duration: timedelta) -> str:
    """Write a duration so that `parse` reads the same back: ``1h30m``, ``0.5s``."""
    whole, fraction = divmod(duration, timedelta(seconds=1))
    left, parts = whole, []
    for unit, size in [("d", 86400), ("h", 3600), ("m", 60)]:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    if left or fraction or not parts:
        decimals = f".{fraction.microseconds:06}".rstrip("0").rstrip(".")
        parts.append(f"{left}{decimals}s")
    return "".join(parts)


def spoken(duration: timedelta) -> str:
    """Say a duration in its two largest units: ``3d 2h``, ``2m 5s``, ``9s``, ``0.4s``."""
    seconds = max(duration.total_seconds(), 0.0)
    if seconds < 10:  # noqa: PLR2004 - below ten seconds a tenth tells something
        return f"{seconds:.1f}".removesuffix(".0") + "s"
    left, parts = int(seconds), []
    for unit, size in reversed(_UNITS.items()):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2])
