"""How a piece of a log file is read: whole lines from an offset on, at most 64 kB, never half a character."""

from pathlib import Path

from bot.domain.observation import LogChunk

MOST = 64 * 1024  # bytes of one piece
_CONTINUES = 0b10 << 6  # the two high bits of a byte that continues a UTF-8 character
_HIGH_BITS = 0b11 << 6


def chunk(log: Path, offset: int) -> LogChunk:
    """Return the whole lines of a file from an offset on; a file that is not there is empty.

    A line longer than the limit comes in pieces. A file that became shorter was begun anew, so it is read from 0; so it
    is from an offset that no file has.
    """
    try:
        with log.open("rb") as raw:
            size = raw.seek(0, 2)
            begin = offset if 0 <= offset <= size else 0
            raw.seek(begin)
            piece = raw.read(MOST)
    except FileNotFoundError:
        return LogChunk("", offset)
    return LogChunk.of(whole_lines(piece), begin)


def whole_lines(piece: bytes) -> bytes:
    """Return the whole lines that a piece begins with; of a line longer than the limit, its whole characters."""
    whole = piece[: piece.rfind(b"\n") + 1]
    return _to_character(piece) if not whole and len(piece) >= MOST else whole


def last_lines(log: Path, *, count: int, since: int = 0) -> list[str]:
    """Return the last lines of a file, of what was written from an offset on."""
    try:
        with log.open("rb") as raw:
            size = raw.seek(0, 2)
            wanted = since if since <= size else 0
            raw.seek(max(wanted, size - MOST))
            text = raw.read().decode(errors="replace")
    except FileNotFoundError:
        return []
    text = after_cut(text) if size - MOST > wanted else text
    return [line for line in text.splitlines() if line.strip()][-count:]


def after_cut(text: str) -> str:
    """Return what is whole of a text whose beginning was cut off: its lines, or the words of a single one.

    What it begins with may be half a secret, which nothing knows.
    """
    lines = text.partition("\n")[2]
    return lines if lines.strip() else text.partition(" ")[2]


def words_of(line: str, most: int) -> str:
    """Return the beginning of a line of at most so many characters, in whole words: half of one may be of a secret."""
    return line if len(line) <= most else line[:most].rpartition(" ")[0]


def _to_character(piece: bytes) -> bytes:
    """Cut before a character that is not whole; what is not UTF-8 at all is left as it is."""
    for back in range(1, min(4, len(piece)) + 1):
        if piece[-back] & _HIGH_BITS != _CONTINUES:
            starts_character = piece[-back] & _HIGH_BITS == _HIGH_BITS
            return piece[:-back] if starts_character else piece
    return piece
