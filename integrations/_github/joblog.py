"""The end of a job's log, of however many megabytes: what it said last before its error, and none of the rest."""

import re

from bot.domain.errors import GaveUp
from bot.domain.masking import Mask, headless
from integrations._github.client import Client
from integrations._logs import after_cut

_KEPT = 32 * 1024  # bytes
_SHOWN = 5  # lines
_LONGEST = 300  # characters of a line
_ERROR = b"##[error]"
_STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ")
_FRAME = re.compile(r"##\[(end)?group\]|##\[(section|command|debug)\]")


class End:
    """Keeps the end of a log: up to its last error, for what follows is tidying up; or up to its end, without one."""

    def __init__(self) -> None:
        self._tail, self._error = b"", b""

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        seen = self._tail + piece
        at = seen.rfind(_ERROR)
        if at >= 0:
            until = seen.find(b"\n", at)
            until = until if until >= 0 else len(seen)
            self._error = seen[max(0, until - _KEPT) : until]
        self._tail = seen[-_KEPT:]

    def lines(self, mask: Mask) -> list[str]:
        """Return the last lines, without GitHub's time stamps and marks: masked, and only then shortened."""
        kept = self._error or self._tail
        text = kept.decode(errors="replace")
        text = after_cut(text) if len(kept) >= _KEPT else text
        text = mask("\n".join(_STAMP.sub("", line) for line in text[headless(text) :].splitlines()))
        said = (line for line in text.splitlines() if not _FRAME.search(line))
        plain = (line.replace("##[error]", "").rstrip()[:_LONGEST] for line in said)
        return [line for line in plain if line][-_SHOWN:]


async def last_words(client: Client, job: int) -> list[str]:
    """Return the last lines of a job's log; none when GitHub no longer has it, or does not show it to us."""
    end = End()
    try:
        async with client.stream(f"/actions/jobs/{job}/logs", f"log of job {job}") as pieces:
            async for piece in pieces:
                end.feed(piece)
    except GaveUp:
        return []
    return end.lines(client.mask)
