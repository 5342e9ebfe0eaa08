"""How long to wait before looking again whether something has come up: it may come at once, or after long."""

from collections.abc import Iterator

FIRST, LONGEST, GROWTH = 0.01, 0.1, 1.25  # seconds, seconds, and by what each grows over the one before


def growing(first: float = FIRST, longest: float = LONGEST, by: float = GROWTH) -> Iterator[float]:
    """Give pauses in seconds, without an end: short ones at first, so that what comes soon is not kept waiting."""
    pause = first
    while True:
        yield pause
        pause = min(pause * by, longest)
