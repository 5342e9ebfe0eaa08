"""Runs one container to its end: a program of its own, attended as any detached command is (integrations/_detached.py).

It says what the container says, leaves the result that the container left, and ends with its exit code. The work goes
on in the engine whatever becomes of this program; when it is asked to end, it ends the container too.

python -m integrations._docker.one_off, with what to run as JSON in SLIPWAY_ONE_OFF
"""

import contextlib
import fcntl
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from bot.domain.errors import GaveUp, Retry
from integrations._docker import images
from integrations._docker.engine import Engine
from integrations._docker.threads import Unreachable

FOLDER, RESULT = (
    "/slipway",
    "result",
)  # a volume of the container's own: written to by any user, even if all else is not
_MOST_RESULT = 64 * 1024  # bytes; who attends us reads no more of it (integrations/detached.py)
_HEADERS = 16 * 1024  # bytes of a tar before what is in it
_CANNOT = 127
_PAUSE = 1.0  # seconds before an engine that does not answer is asked again
_GRACE = 3.0


def main() -> int:
    """Run what the environment says and return the exit code."""
    signal.signal(signal.SIGTERM, _leave)
    asked = json.loads(os.environ["SLIPWAY_ONE_OFF"])
    engine, name = Engine(asked["engine"]), asked["name"]
    try:
        if engine.container(name) is not None:
            return _said(f"a container called {name} is there already")
        with _removed(engine, name):
            (_composed if "argv" in asked else _made)(engine, asked)
            code = _followed(engine, name)
            _hand_on(engine, name)
            return code
    except (Retry, GaveUp) as no:
        return _said(no.reason)
    finally:
        engine.close()


def _made(engine: Engine, asked: Mapping[str, Any]) -> None:
    """Make the container, with an empty result that anybody may write to, and start it."""
    image = images.fetched(engine, asked["repository"], asked["digest"])
    engine.create(image, name=asked["name"], **asked["options"])
    engine.put(asked["name"], FOLDER, _archive())
    engine.start(asked["name"])


def _composed(engine: Engine, asked: Mapping[str, Any]) -> None:
    """Let compose start it. How compose ends is believed only when it leaves no container that was started."""
    with Path(asked["lock"]).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(  # noqa: S603 - argv of ours and the catalog's, without a shell
            asked["argv"],
            cwd=asked["folder"],
            env={**os.environ, **asked["environment"]},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            pass_fds=(lock.fileno(),),
        )
    made = engine.container(asked["name"])
    if made is None or made.status == "created":
        raise GaveUp(done.stderr.decode(errors="replace").strip() or f"compose ended with exit code {done.returncode}")


@contextlib.contextmanager
def _removed(engine: Engine, name: str) -> Iterator[None]:
    """Leave no container behind, however it goes."""
    try:
        yield
    finally:
        with contextlib.suppress(Retry, GaveUp):
            engine.end(name, _GRACE)


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


def _hand_on(engine: Engine, container: str) -> None:
    """Leave the result where whoever attends us looks for it. What was done is done, whatever became of its result."""
    while True:
        try:
            packed = engine.get(container, f"{FOLDER}/{RESULT}", _MOST_RESULT + _HEADERS)
            break
        except Unreachable as no:
            _say(f"{no.reason}; it is asked again for the result")
            time.sleep(_PAUSE)
        except (Retry, GaveUp) as no:
            _say(f"its result cannot be had: {no.reason}")
            return
    content = _content(packed) if packed else b""
    if content is None:
        _say(f"what it left as {FOLDER}/{RESULT} is no file: it counts as no result")
    else:
        Path(os.environ["SLIPWAY_RESULT"]).write_bytes(content)


def _content(packed: bytes) -> bytes | None:
    """Return what is in the first file of a tar that may be cut off; None where it is no file (a link, a folder)."""
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
            found = archive.next()
    except tarfile.TarError:
        return None
    if found is None or not found.isreg():
        return None
    return packed[found.offset_data :][: min(found.size, _MOST_RESULT)]


def _say(sentence: str) -> None:
    sys.stdout.write(f"[slipway] {sentence}\n")
    sys.stdout.flush()


def _said(sentence: str) -> int:
    _say(sentence)
    return _CANNOT


def _leave(_number: int, _frame: FrameType | None) -> None:
    """Leave by the way that ends the container as well."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
