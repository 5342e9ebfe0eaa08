"""A small program as a backend, for the contract of backends: it keeps what serves in a file for each target."""

import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.domain.target import Target
from bot.ports import Backend, Desired, Section
from integrations.command import BACKEND
from tests.contract.artefacts import pack
from tests.contract.living import surroundings
from tests.contract.wishes import TARGET, a_release

# It deploys what an artefact's file “mode” says: well, or not at all.
PROGRAM = """
import json, os, pathlib, sys, tarfile, time
serves = pathlib.Path(os.environ["SLIPWAY_TARGET"].replace("/", "@") + ".json")
word = sys.argv[1]
if word == "apply":
    key, version = sys.argv[2:4]
    with tarfile.open(os.environ["SLIPWAY_ARTEFACT"]) as artefact:
        mode = artefact.extractfile("mode").read().decode()
    print("deploying", version, "of", os.environ["SLIPWAY_SERVICE"], flush=True)
    while mode == "waits" and not pathlib.Path("go").exists():
        time.sleep(0.01)
    if mode == "exits":
        sys.exit("the server is full")
    answer = dict(phase="live", key=key, version=version, digest=os.environ["SLIPWAY_DIGEST"], replicas=[1, 1])
    fresh = serves.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps(answer))
    fresh.replace(serves)
    if mode == "does and fails":
        sys.exit("the connection was lost")
elif word == "observe":
    print(serves.read_text() if serves.exists() else json.dumps(dict(phase="absent")))
elif word == "logs" and serves.exists():
    for number in range(int(sys.argv[2])):
        print(number, "requests since", os.environ["SLIPWAY_SINCE"], "x" * 80)
"""


@dataclass
class CommandBench:
    """`folder` is where the program lies and keeps what it keeps."""

    data: Path
    folder: Path
    backend: Backend

    def good(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, "well", target)

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, "exits", target)

    def release(self, version: str, mode: str, target: Target = TARGET, **config: object) -> Desired:
        digest = pack(self.data / "artefacts", {"mode": mode, "version": version})
        return Desired(a_release(version, digest), {**self.section(target), **config})

    def section(self, target: Target) -> Section:  # noqa: ARG002 - the program is told which target it is
        program = [sys.executable, "program.py"]
        named = {"kind": "command", "folder": str(self.folder), "apply": [*program, "apply", "{key}", "{version}"]}
        return {**named, "observe": [*program, "observe"], "logs": [*program, "logs", "1000"]}


@contextlib.asynccontextmanager
async def commands(data: Path) -> AsyncIterator[CommandBench]:
    folder = data / "program"
    folder.mkdir()
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    async with BACKEND.open(surroundings(data, TOKEN="t0p-secret-value")) as backend:
        yield CommandBench(data, folder, backend)
