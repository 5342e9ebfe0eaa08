"""A release takes over from another: through Slipway, against the same by hand with the same tools; and under load.

Through Slipway it is the whole way, from the click on Approve until the ledger says that the operation succeeded and
the old one is gone; its only step is `apply`. By hand (by_hand.py) it is start, health, traffic, stop. In turns, with
nothing else going on. Then, under a constant load on the public port (steady.py), one swap after the other through
Slipway: whatever is not a whole answer 200 counts as lost.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from docker.errors import NotFound

from integrations._docker import labels
from integrations._docker.section import Service
from integrations._process_host.address import mark
from integrations._process_host.client import stop_host
from tests.bench import by_hand
from tests.bench.figures import Row, Sample, compared
from tests.bench.programs import IMAGE, PORT, artefact
from tests.bench.serving import Load, free_port
from tests.bench.town import Town, repository, town, written
from tests.contract.container_benches import Images, own_images

Turns = Iterator[tuple[str, str]]

SWAPS = 20
MOST = 1.1
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Way:
    """A kind of backend: a target's section, two artefacts to swap, how it is done by hand, and who serves now.

    `serves` returns what returns when those are gone.
    """

    name: str
    section: Mapping[str, object]
    digests: tuple[str, str]
    by_hand: by_hand.Swap
    serves: Callable[[], Callable[[], None]]
    rounds: int


def measure(load: Load, environment: Mapping[str, str], logs: Path) -> list[Row]:
    """Return the rows."""
    data, rows = logs / "swaps", list[Row]()
    data.mkdir()
    with _ways(data) as ways:
        catalog = written(repository(environment), {way.name: way.section for way in ways})
        with town(load, environment, data, catalog) as place:
            turns = {way.name: _turns(place, way) for way in ways}
            for way in ways:
                rows += _against(place, way, turns[way.name])
            for way in ways:
                rows.append(_under_load(place, way, turns[way.name]))
    return rows


def _turns(place: Town, way: Way) -> Turns:
    """Let the ledger know two releases of a service; return them in turns, each as a commit and a digest."""
    pairs = list(zip(place.commits[:2], way.digests, strict=True))
    for commit, digest in pairs:
        place.built(way.name, commit, digest)
    return itertools.cycle(pairs)


def _against(place: Town, way: Way, turns: Turns) -> list[Row]:
    began, slipway, hand = time.monotonic(), list[float](), list[float]()
    for number, (commit, digest) in enumerate(itertools.islice(turns, 2 + way.rounds)):
        if number % 2:
            slipway.append(_through_slipway(place, way, commit))
        hand.append(_by_hand(way, digest))
        if not number % 2:
            slipway.append(_through_slipway(place, way, commit))
    sys.stderr.write(f"          {way.name} in {time.monotonic() - began:.0f} s\n")
    ours, theirs = Sample("slipway", slipway[2:]), Sample("by hand", hand[2:])  # the first two begin from nothing
    return compared(f"swap, {way.name} ÷ by hand", ours, theirs, {"p50": MOST}, "s")


def _through_slipway(place: Town, way: Way, commit: str) -> float:
    change = place.people.ask(f"bench {way.name} {commit}")
    place.people.calm(change)
    with ThreadPoolExecutor(1) as pool:
        leaving = pool.submit(_when, way.serves())
        began = place.people.approve(change)
        place.people.done(change)
        return max(time.monotonic(), leaving.result()) - began


def _when(gone: Callable[[], None]) -> float:
    gone()
    return time.monotonic()


def _by_hand(way: Way, digest: str) -> float:
    began = time.monotonic()
    way.by_hand(digest)
    return time.monotonic() - began


def _under_load(place: Town, way: Way, turns: Turns) -> Row:
    words = [sys.executable, "-m", "tests.bench.steady", f"http://127.0.0.1:{way.section['port']}/"]
    with subprocess.Popen(words, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as loading:
        for commit, _ in itertools.islice(turns, SWAPS):
            change = place.people.ask(f"bench {way.name} {commit}")
            place.people.approve(change)
            place.people.done(change)
        said = json.loads(loading.communicate()[0])
    for words_of_one in sorted(set(said["lost"])):
        sys.stderr.write(f"          lost: {words_of_one}\n")
    return Row(f"requests lost, {way.name}, ÷ sent", "swaps", len(said["lost"]), said["sent"], "", 0.0, SWAPS)


@contextmanager
def _ways(data: Path) -> Iterator[list[Way]]:
    """Give every way that this machine can go, and leave nothing behind."""
    with ExitStack() as stack:
        hand = by_hand.Processes(data)
        stack.callback(lambda: hand.stop(list(hand.running)))
        ways = [_process(data, hand.swap)]
        try:
            images = stack.enter_context(own_images(data))
            ways += [_docker(data, images), _compose(data, images)]
        except pytest.skip.Exception as no:
            sys.stderr.write(f"          {no}\n")
        for home in (data, data / "containers"):
            stack.callback(lambda home=home: asyncio.run(stop_host(home)))
        yield ways


def _process(data: Path, swap: by_hand.Swap) -> Way:
    port = free_port()
    section = {"kind": "process", "port": port, "run": ["python3", "server.py"], "health": "/health", "grace": "1s"}

    def serves() -> Callable[[], None]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
                old = psutil.Process(int(answer.read()))
        except OSError:
            return lambda: None
        return lambda: psutil.wait_procs([old]) and None

    return Way("process", section, (artefact(data, "one"), artefact(data, "two")), swap, serves, 12)


def _docker(data: Path, images: Images) -> Way:
    swap = by_hand.docker(data, f"{labels.HOME}={images.owner}")
    return Way("docker", _served("docker"), _images(images), swap, _containers(images, "docker"), 10)


def _compose(data: Path, images: Images) -> Way:
    file, project = data / "compose.yml", f"slipway-{mark(data / 'containers')}"
    services = {name: {"image": "pinned/later"} for name in ("server", "by-hand")}
    file.write_text(json.dumps({"version": "3.7", "services": services}))
    named = {"files": [str(file)], "project": project, "service": "server"}
    hand = Service.model_validate({**named, "kind": "compose", "service": "by-hand"})
    swap = by_hand.compose(data, f"{labels.HOME}={images.owner}", hand)
    section = {**_served("compose"), **named}
    return Way("compose", section, _images(images), swap, _containers(images, "compose"), 6)


def _served(kind: str) -> dict[str, object]:
    return {"kind": kind, "port": free_port(), "container_port": PORT, "health": "/health", "grace": "1s"}


def _images(images: Images) -> tuple[str, str]:
    return images.image("one", IMAGE), images.image("two", IMAGE)


def _containers(images: Images, service: str) -> Callable[[], Callable[[], None]]:
    marked = {"label": [f"{labels.HOME}={images.owner}", f"{labels.TARGET}={service}/bench"]}

    def serves() -> Callable[[], None]:
        old = images.client.api.containers(filters=marked)

        def gone() -> None:
            for one in old:
                with suppress(NotFound):
                    images.client.api.wait(one["Id"], timeout=60, condition="removed")

        return gone

    return serves
