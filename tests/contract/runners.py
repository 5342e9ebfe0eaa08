"""Runners with their worlds, for the contract of runners: how to say the same few programs to each.

To hold another runner to the contract, add a bench to `RUNNERS`.
"""

import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.observation import Run, RunState
from bot.ports import Invocation, LoggedRunner, RunsThere
from integrations.detached import Detached
from tests.contract.container_benches import ContainerBench, composes, containers
from tests.contract.kubernetes_bench import KubernetesBench, RealBench, a_real_cluster, kubernetes
from tests.contract.living import WallClock, until
from tests.contract.wishes import TARGET
from tests.fakes.runner import ScriptedRunner


@dataclass
class Bench:
    """A runner, and how to say the same few programs to it."""

    runner: LoggedRunner
    says: Callable[[str], Invocation]
    exits: Callable[[int], Invocation]
    leaves: Callable[[str], Invocation]
    prints: Callable[[bytes], Invocation]
    hangs: Invocation


def python(code: str, **options: object) -> Invocation:
    return Invocation([sys.executable, "-c", code], **options)  # type: ignore[arg-type] # each test names its own options


def shell(code: str, *words: str, **options: object) -> Invocation:
    return Invocation(["sh", "-c", code, "sh", *words], **options)  # type: ignore[arg-type] # as above


@contextlib.asynccontextmanager
async def detached(data: Path) -> AsyncIterator[Bench]:
    yield Bench(
        Detached(data, WallClock()),
        says=lambda text: python(f"print({text!r})"),
        exits=lambda code: python(f"raise SystemExit({code})"),
        leaves=lambda line: python(f"import os; open(os.environ['SLIPWAY_RESULT'], 'a').write({line!r} + chr(10))"),
        prints=lambda raw: python(f"import os; os.write(1, {raw!r})"),
        hangs=python("import time; time.sleep(60)", timeout=timedelta(seconds=0.5)),
    )


@contextlib.asynccontextmanager
async def scripted(_data: Path) -> AsyncIterator[Bench]:
    class Later(WallClock):
        def now(self) -> datetime:
            return super().now() + timedelta(seconds=time.monotonic() * 100)

    yield Bench(
        ScriptedRunner(Later()),
        says=lambda text: Invocation(["say", text]),
        exits=lambda code: Invocation(["exit", str(code)]),
        leaves=lambda line: Invocation(["result", line]),
        prints=lambda raw: Invocation(["print", raw.hex()]),
        hangs=Invocation(["hang"], timeout=timedelta(seconds=1)),
    )


@contextlib.asynccontextmanager
async def jobs(data: Path) -> AsyncIterator[Bench]:
    async with kubernetes(data) as world:
        yield _jobs_of(world)


@contextlib.asynccontextmanager
async def real_jobs(data: Path) -> AsyncIterator[Bench]:
    async with a_real_cluster(data) as world:
        yield _jobs_of(world)


def _jobs_of(world: KubernetesBench | RealBench) -> Bench:
    assert isinstance(world.backend, RunsThere)
    return Bench(
        world.backend.runner(TARGET, world.good("1.0.0")),
        says=lambda text: shell('printf "%s\\n" "$1"', text),
        exits=lambda code: shell('exit "$1"', str(code)),
        leaves=lambda line: shell('echo "$1" >> "$SLIPWAY_RESULT"', line),
        prints=lambda raw: shell('printf "%b" "$1"', _escaped(raw)),
        hangs=Invocation(["sleep", "60"], timeout=timedelta(seconds=1)),
    )


@contextlib.asynccontextmanager
async def one_off_containers(data: Path) -> AsyncIterator[Bench]:
    async with containers(data) as where:
        yield _in_a_container(where)


@contextlib.asynccontextmanager
async def one_off_services(data: Path) -> AsyncIterator[Bench]:
    async with composes(data) as where:
        yield _in_a_container(where)


def _in_a_container(where: ContainerBench) -> Bench:
    """Return the runner of a backend, where a release's own image is what has the programs."""
    assert isinstance(where.backend, RunsThere)
    return Bench(
        where.backend.runner(TARGET, where.good("1.0.0")),
        says=lambda text: Invocation(["busybox", "echo", text]),
        exits=lambda code: shell('exit "$1"', str(code)),
        leaves=lambda line: shell('echo "$1" >> "$SLIPWAY_RESULT"', line),
        prints=lambda raw: shell('busybox printf "%b" "$1"', _escaped(raw)),
        hangs=Invocation(["busybox", "sleep", "60"], timeout=timedelta(seconds=4)),
    )


def _escaped(raw: bytes) -> str:
    """Return bytes as the shell's printf is told them, whatever they are."""
    return "".join(f"\\0{byte:03o}" for byte in raw)


RUNNERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Bench]]] = {
    "a real cluster": real_jobs,
    "compose": one_off_services,
    "detached": detached,
    "docker": one_off_containers,
    "kubernetes": jobs,
    "scripted": scripted,
}


async def ended(runner: LoggedRunner, key: str) -> Run:
    async def done() -> bool:
        return (await runner.observe(key=key)).state is not RunState.RUNNING

    await until(done, 60)
    return await runner.observe(key=key)


async def whole_log(runner: LoggedRunner, key: str) -> str:
    text, offset = "", 0
    while (piece := await runner.tail(key=key, offset=offset)).text:
        text, offset = text + piece.text, piece.next_offset
    return text
