"""Carrying a step's output over into the ledger, masked, as it is written."""

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask, unfinished
from bot.domain.observation import LogChunk
from bot.ports import Logs
from bot.stepkind import Scene

MOST_READS = 16  # a megabyte a look; the rest is read at the next


async def read_on(scene: Scene, *, last: bool) -> LogChunk:
    """Return what a step has written since it was last read, masked; an unreadable log is told once, at the end."""
    step = scene.step
    return await read(scene.runner, step.key, step.log_offset, scene.world.mask, last=last)


async def read(logs: Logs, key: str, offset: int, mask: Mask, *, last: bool) -> LogChunk:
    """Return what a key's log holds from an offset on, masked. Where it goes on, half a secret is left for later."""
    text, begin, goes_on = "", offset, True
    try:
        for _ in range(MOST_READS if last else 1):
            chunk = await logs.tail(key=key, offset=offset)
            if chunk.next_offset == offset:
                goes_on = not last
                break
            text, offset = text + chunk.text, chunk.next_offset
    except (Retry, GaveUp) as error:
        text += f"(its log cannot be read: {error.reason})\n" if last else ""
        goes_on = not last
    if goes_on:
        kept = LogChunk(text, offset).before(_until(text, mask))
        text, offset = kept.text, max(kept.next_offset, begin)
    return LogChunk(mask(text), offset)


def _until(text: str, mask: Mask) -> int:
    """Return the place up to which a text that goes on is shown: what may be half a secret is read again, whole."""
    half = unfinished(text)
    return mask.open_end(text) if half is None else half
