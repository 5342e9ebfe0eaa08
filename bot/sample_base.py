"""The image that the sample services are built on: Python. Pulled; made of this machine's own where that fails.

The second is for a machine that reaches no registry: the interpreter, its standard library and the libraries that both
are linked with, as one layer. It is tried before it is believed.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from bot.domain.errors import Refused

PULLED = "python:3.13-slim"

_HOME = "usr/local"
_LIBRARIES = f"{_HOME}/lib"
_LEFT_OUT = {"__pycache__", "ensurepip", "idlelib", "lib2to3", "site-packages", "test", "tkinter", "turtledemo"}
_NEEDLESS = ("_tkinter", "_curses", "_dbm", "_gdbm", "nis", "readline")  # what would bring libraries of its own
_TRIAL = "import http.server, json, ssl, threading, urllib.request"


def docker(*words: str, feed: IO[bytes] | int = subprocess.DEVNULL) -> "subprocess.CompletedProcess[str]":
    """Run docker and return how it ended and what it said."""
    return subprocess.run(["docker", *words], stdin=feed, capture_output=True, check=False, text=True)  # noqa: S603, S607 - argv of ours


def have_base(name: str, say: Callable[[str], None], *, pulled: str = PULLED) -> None:
    """Let the engine have the image under this name; `Refused` says why it cannot be had."""
    if docker("image", "inspect", name).returncode == 0:
        return
    say(f"fetching {pulled}, once")
    fetched = docker("pull", "--quiet", pulled)
    if fetched.returncode == 0:
        docker("tag", pulled, name)
        return
    why = f"{pulled} cannot be pulled: {fetched.stderr.strip()}"
    if sys.platform != "linux":
        raise Refused(f"{why}. The sample services are built on it.")
    say(why)
    say("making an image of this machine's own Python instead")
    _make(name, why)


def _make(name: str, why: str) -> None:
    if shutil.which("ldd") is None:
        raise Refused(f"{why}. An image of this machine's own Python needs the program “ldd”, which is not on PATH.")
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            _pack(archive)
        packed.seek(0)
        made = docker("import", "--change", f"ENV LD_LIBRARY_PATH=/{_LIBRARIES}", "-", name, feed=packed)
    tried = docker("run", "--rm", "--network", "none", name, "python3", "-c", _TRIAL) if made.returncode == 0 else made
    if tried.returncode != 0:
        docker("image", "rm", "--force", name)
        raise Refused(f"{why}. An image of this machine's own Python does not run either: {tried.stderr.strip()}")


def _pack(archive: tarfile.TarFile) -> None:
    """Write what a Python needs, as the pulled image has it: below /usr/local, its libraries among it."""
    program, library = Path(sys.executable).resolve(), Path(os.__file__).parent
    archive.add(program, f"{_HOME}/bin/python3")
    archive.add(library, f"{_HOME}/{library.parent.name}/{library.name}", filter=_wanted)
    modules = [path for path in library.glob("lib-dynload/*.so") if not path.name.startswith(_NEEDLESS)]
    for path in _linked([program, *modules]):
        loader = path.name.startswith(("ld-", "ld64"))  # the program names it by its whole path
        archive.add(path.resolve(), str(path).lstrip("/") if loader else f"{_LIBRARIES}/{path.name}")
    folder = tarfile.TarInfo("tmp")
    folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
    archive.addfile(folder)


def _wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(entry.name).name
    return None if name in _LEFT_OUT or name.startswith(("config-", *_NEEDLESS)) else entry


def _linked(files: Iterable[Path]) -> set[Path]:
    """Return the libraries that some programs are linked with, by the names they ask for."""
    asked = ["ldd", *map(str, files)]
    printed = subprocess.run(asked, capture_output=True, check=False, text=True).stdout  # noqa: S603 - argv of ours
    lines = [line.split() for line in printed.splitlines() if line[:1].isspace()]
    return {Path(word) for words in lines for word in words if word.startswith("/")}
