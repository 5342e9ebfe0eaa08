"""Backends with their worlds, for the contract of backends: how to make a release that comes up, and one that does not.

To hold another backend to the contract, add a bench to `BENCHES`.
"""

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bot.domain.observation import Observed, Phase
from bot.domain.target import Target
from bot.ports import Backend, Desired, Section
from integrations.process import BACKEND, stop_host
from tests.contract.artefacts import pack as pack
from tests.contract.command_bench import commands
from tests.contract.container_benches import composes, containers
from tests.contract.github_bench import github, real_github
from tests.contract.kubernetes_bench import a_real_cluster, kubernetes
from tests.contract.living import WallClock, surroundings, until
from tests.contract.static_site_benches import buckets, copied_buckets, directories
from tests.contract.wishes import OTHER as OTHER
from tests.contract.wishes import TARGET as TARGET
from tests.contract.wishes import Bench as Bench
from tests.contract.wishes import a_free_port as a_free_port
from tests.contract.wishes import a_release as a_release
from tests.fakes.backend import Behaviour, ScriptedBackend, ScriptedEnder

# A small service: it says its version, is sick or does not start when it is told to be.
SERVER = """
import os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
if MODE == "exits":
    print("cannot connect to the database", flush=True)
    sys.exit(3)
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.path == "/die":
            os._exit(7)
        if self.path == "/slow":
            time.sleep(1)
        status = 500 if MODE == "sick" and self.path == "/health" else 200
        body = os.environ["SLIPWAY_VERSION"].encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/say":
            print(body.decode(), flush=True)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@dataclass
class ProcessBench:
    """Local processes: artefacts in a store, public ports of their own."""

    data: Path
    backend: Backend

    def __post_init__(self) -> None:
        self.ports = {TARGET: a_free_port(), OTHER: a_free_port()}

    def good(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, "well", target)

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, "exits", target)

    def section(self, target: Target) -> Section:
        named = {"kind": "process", "port": self.ports[target], "run": ["python3", "server.py"], "health": "/health"}
        return {**named, "start_within": "10s", "grace": "2s"}

    async def say(self, line: str, target: Target = TARGET) -> None:
        url = f"http://127.0.0.1:{self.ports[target]}/say"
        async with aiohttp.ClientSession() as session, session.post(url, data=line.encode()) as answer:
            assert answer.ok

    def release(self, version: str, mode: str, target: Target = TARGET, **config: object) -> Desired:
        files = {"server.py": f"MODE = {mode!r}\nNOTE = {version!r}\n{SERVER}"}
        digest = pack(self.data / "artefacts", files)
        return Desired(a_release(version, digest), {**self.section(target), **config})


@dataclass
class ScriptedBench:
    backend: ScriptedBackend

    def good(self, version: str, target: Target = TARGET) -> Desired:  # noqa: ARG002 - as the protocol says
        return Desired(a_release(version, f"sha256:{hashlib.sha256(version.encode()).hexdigest()}"))

    async def say(self, line: str, target: Target = TARGET) -> None:
        self.backend.prints(target, f"{line}\n", WallClock().now())

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        self.backend.then(Behaviour.FAIL)
        return self.good(version, target)

    def lasting(self, version: str, target: Target = TARGET) -> Desired:
        self.backend.then(Behaviour.HANG)
        return self.good(version, target)

    def section(self, target: Target) -> Section:  # noqa: ARG002 - as the protocol says
        return {}


@contextlib.asynccontextmanager
async def processes(data: Path) -> AsyncIterator[ProcessBench]:
    try:
        async with BACKEND.open(surroundings(data)) as backend:
            yield ProcessBench(data, backend)
    finally:
        await stop_host(data)


@contextlib.asynccontextmanager
async def scripted(_data: Path) -> AsyncIterator[ScriptedBench]:
    yield ScriptedBench(ScriptedEnder())


BENCHES: dict[str, Callable[[Path], AbstractAsyncContextManager[Bench]]] = {
    "command": commands,
    "kubernetes": kubernetes,
    "a real cluster": a_real_cluster,
    "github_actions": github,
    "real_github": real_github,
    "process": processes,
    "docker": containers,
    "compose": composes,
    "scripted": scripted,
    "static_site": directories,
    "static_site_s3": buckets,
    "static_site_s3_copies": copied_buckets,
}


async def settled(bench: Bench, key: str, target: Target = TARGET) -> Observed:
    """Wait until a key has come to its end."""

    async def done() -> bool:
        return (await look()).phase is not Phase.PROGRESSING

    async def look() -> Observed:
        return await bench.backend.observe(target, key=key, config=bench.section(target))

    await until(done, getattr(bench, "patience", 60))
    return await look()


async def brought(bench: Bench, desired: Desired, key: str, target: Target = TARGET) -> Observed:
    await bench.backend.apply(target, desired, key=key)
    return await settled(bench, key, target)
