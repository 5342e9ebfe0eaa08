"""The newest of what programs print: whole lines within a limit, or the end of a line that is longer than the limit."""

from collections import deque
from collections.abc import Iterable

_CONTINUES = 0b10 << 6  # the two high bits of a byte that continues a UTF-8 character
_HIGH_BITS = 0b11 << 6


def newest(pieces: Iterable[bytes], most: int) -> bytes:
    """Return the newest of what comes in pieces, at most so many bytes, holding hardly more than that meanwhile."""
    kept, held = deque[bytes](), 0
    for piece in pieces:
        kept.append(piece)
        held += len(piece)
        while held - len(kept[0]) > most:
            held -= len(kept.popleft())
    text = b"".join(kept)
    return text if len(text) <= most else cut(text[-most:])


def cut(text: bytes) -> bytes:
    """Return what is whole of a text whose beginning was cut off: its lines, or the characters of the one line."""
    first = text.find(b"\n") + 1
    if 0 < first < len(text):
        return text[first:]
    begin = next((at for at, byte in enumerate(text[:4]) if byte & _HIGH_BITS != _CONTINUES), 0)
    return text[begin:]
