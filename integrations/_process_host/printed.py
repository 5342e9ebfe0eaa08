"""What the processes of a target printed since a time.

Their lines bear no times, and they write to their files themselves, so that they need nobody to live. So it is noted,
every few seconds while a log grows, how long it is: ``<generation>.times`` beside it has a line ``<seconds> <bytes>``
for each note. An answer begins at the last note before the time that is asked about: some seconds early, never late.
"""

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

_MOST_NOTES = 2000  # of one log; then every second one of the older half is dropped
_NOTE = re.compile(r"^(\d+\.\d{3}) (-?\d+)\n", re.MULTILINE)
_CLOCKS = 1.0  # seconds that a file's time may be behind ours


def note(log: Path, now: float) -> None:
    """Note how long a log is now."""
    notes = [*_notes(log), (now, log.stat().st_size)]
    if len(notes) > _MOST_NOTES:
        half = len(notes) // 2
        _write(log, [*notes[:half:2], *notes[half:]])
    else:
        with _times(log).open("a", encoding="ascii") as file:
            file.write(_line(*notes[-1]))


def begun_anew(log: Path) -> None:
    """Let what was noted of a log that was emptied count back from where it begins now, into what is beside it."""
    length = before(log).stat().st_size
    _write(log, [(at, size - length) for at, size in _notes(log) if size >= 0])


def before(log: Path) -> Path:
    """Return where that is which a log held before it was begun anew."""
    return log.with_suffix(".before")


def forget(log: Path) -> None:
    """Remove a log and all that belongs to it."""
    for path in (log, before(log), _times(log)):
        path.unlink(missing_ok=True)


def since(logs: Sequence[Path], moment: float, most: int) -> str:
    """Return the whole lines that were printed to logs (the oldest first) since a moment, the newest `most` bytes."""
    text = b""
    for log in reversed(logs):
        with contextlib.suppress(FileNotFoundError):  # it was tidied away meanwhile
            if log.stat().st_mtime + _CLOCKS >= moment and len(text) <= most:
                rest = _rest(log, _begin(log, moment), most + 1)
                text = _ended(rest) + text if log != logs[-1] else rest[: rest.rfind(b"\n") + 1]
    return _newest(text, most).decode(errors="replace")


def _begin(log: Path, moment: float) -> int:
    """Return where a log was, at the last note before a moment; a place before 0 is in what it held before."""
    earlier = [size for at, size in _notes(log) if at <= moment]
    if earlier:
        return earlier[-1]
    return -before(log).stat().st_size if before(log).exists() else 0


def _rest(log: Path, begin: int, most: int) -> bytes:
    """Return what a log holds from a place on, its last `most` bytes."""
    text = _read(log, max(begin, 0), most)
    if begin < 0 and len(text) < most and before(log).exists():
        length = before(log).stat().st_size
        text = _read(before(log), max(length + begin, 0), most - len(text)) + text
    return text


def _read(path: Path, begin: int, most: int) -> bytes:
    with path.open("rb") as raw:
        size = raw.seek(0, 2)
        raw.seek(max(begin if begin <= size else 0, size - most))
        return raw.read()


def _ended(text: bytes) -> bytes:
    """End the last line, where another process's lines come after it."""
    return text if not text or text.endswith(b"\n") else text + b"\n"


def _newest(text: bytes, most: int) -> bytes:
    if len(text) <= most:
        return text
    first = text.find(b"\n", len(text) - most - 1) + 1
    return text[first:] if 0 < first < len(text) else text[-most:]


def _notes(log: Path) -> list[tuple[float, int]]:
    """Return what was noted; a note that a crash cut off is none."""
    try:
        lines = _times(log).read_text(encoding="ascii")
    except FileNotFoundError:
        return []
    return [(float(one[1]), int(one[2])) for one in _NOTE.finditer(lines)]


def _write(log: Path, notes: list[tuple[float, int]]) -> None:
    temporary = log.with_suffix(".noting")
    temporary.write_text("".join(_line(*one) for one in notes), encoding="ascii")
    temporary.replace(_times(log))


def _line(at: float, size: int) -> str:
    return f"{at:.3f} {size}\n"


def _times(log: Path) -> Path:
    return log.with_suffix(".times")
