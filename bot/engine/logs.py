"""Carrying a step's output over into the ledger, masked, as it is written."""

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import unfinished
from bot.domain.observation import LogChunk
from bot.stepkind import Scene

MOST_READS = 16  # a megabyte a look; the rest is read at the next


async def read_on(scene: Scene, *, last: bool) -> LogChunk:
    """Return what a step has written since it was last read, masked; an unreadable log is told once, at the end."""
    text, offset = "", scene.step.log_offset
    try:
        for _ in range(MOST_READS if last else 1):
            chunk = await scene.runner.tail(key=scene.step.key, offset=offset)
            if chunk.next_offset == offset:
                break
            text, offset = text + chunk.text, chunk.next_offset
    except (Retry, GaveUp) as error:
        text += f"(its log cannot be read: {error.reason})\n" if last else ""
    half = None if last else unfinished(text)
    if half is not None:
        kept = LogChunk(text, offset).before(half)
        text, offset = kept.text, max(kept.next_offset, scene.step.log_offset)
    return LogChunk(scene.world.mask(text), offset)
