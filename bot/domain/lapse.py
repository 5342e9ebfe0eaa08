"""How long something took or was ago, as people say it of troubles: `40 s`, `6 min`, `2 h 5 min`, `3 d 2 h`."""

from datetime import timedelta

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def lapse(duration: timedelta) -> str:
    """Say a duration in its two largest units, from a minute on without seconds; less than none is none."""
    seconds = max(int(duration.total_seconds()), 0)
    left = seconds - seconds % 60 if seconds >= 60 else seconds  # noqa: PLR2004 - a minute
    if left >= 86400:  # noqa: PLR2004 - a day: minutes say nothing any more
        left -= left % 3600
    said = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        said += [f"{count} {unit}"] if count else []
    return " ".join(said) or "0 s"
