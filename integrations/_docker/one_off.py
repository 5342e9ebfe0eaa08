"""Runs one container to its end: a program of its own, attended as any detached command is (integrations/_detached.py).

It says what the container says, leaves the result that the container left, and ends with its exit code. The work goes
on in the engine whatever becomes of this program; when it is asked to end, it ends the container too.

python -m integrations._docker.one_off, with what to run as JSON in SLIPWAY_ONE_OFF
"""

import contextlib
import io
import json
import os
import signal
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from bot.domain.errors import GaveUp, Retry
from integrations._docker import images
from integrations._docker.engine import Engine, Unreachable

FOLDER, RESULT = (
    "/slipway",
    "result",
)  # a volume of the container's own: written to by any user, even if all else is not
_CANNOT = 127
_PAUSE = 1.0  # seconds before an engine that does not answer is asked again
_GRACE = 3.0


def main() -> int:
    """Run what the environment says and return the exit code."""
    signal.signal(signal.SIGTERM, _end)
    asked = json.loads(os.environ["SLIPWAY_ONE_OFF"])
    engine = Engine(asked["engine"])
    try:
        image = images.fetched(engine, asked["repository"], asked["digest"])
        made = engine.create(image, **asked["options"])
        if made is not None:
            return _attended(engine, made.id)
        _say(f"a container called {asked['options']['name']} is there already")
    except (Retry, GaveUp) as no:
        _say(no.reason)
    finally:
        engine.close()
    return _CANNOT


def _attended(engine: Engine, container: str) -> int:
    try:
        engine.put(container, FOLDER, _archive())
        engine.start(container)
        code = _followed(engine, container)
        _leave(engine.get(container, f"{FOLDER}/{RESULT}"))
        return code
    finally:
        with contextlib.suppress(Retry, GaveUp):
            engine.end(container, _GRACE)


def _followed(engine: Engine, container: str) -> int:
    """Say what it says until it ends, and return its exit code; an engine that is away meanwhile is waited for."""
    since: datetime | None = None
    while True:
        try:
            for piece in engine.output(container, since=since, follow=True):
                sys.stdout.buffer.write(piece)
                sys.stdout.buffer.flush()
            return engine.wait(container)
        except Unreachable as no:
            since = since or datetime.fromtimestamp(time.time(), UTC)
            _say(f"{no.reason}; it is asked again")
            time.sleep(_PAUSE)


def _archive() -> bytes:
    """Return an empty result that anybody may write to, as a tar."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(RESULT)
        entry.mode = 0o666
        archive.addfile(entry, io.BytesIO())
    return packed.getvalue()


def _leave(archive: bytes | None) -> None:
    """Hand on the result."""
    where = os.environ.get("SLIPWAY_RESULT")
    if archive is None or where is None:
        return
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        content = packed.extractfile(RESULT)
        if content is not None:
            Path(where).write_bytes(content.read())


def _say(sentence: str) -> None:
    sys.stdout.write(f"[slipway] {sentence}\n")
    sys.stdout.flush()


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave by the way that ends the container as well."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
