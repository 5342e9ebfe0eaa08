"""Graphs are drawn for real: a PNG that a phone shows, drawn by a program of its own that ends in time."""

import asyncio
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import psutil
import pytest
from PIL import Image

from bot.domain.errors import GaveUp, Retry
from bot.domain.graph import Graph, Line, Panel, Unit
from integrations.plots import MatplotlibPlots
from tests.unit.source import ROOT

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def line(name: str, *values: float | None) -> Line:
    return Line(
        name, [(NOON - HOUR + number * HOUR / max(len(values) - 1, 1), one) for number, one in enumerate(values)]
    )


def graph(*panels: Panel, zone: str = "Africa/Windhoek", marked: datetime | None = None) -> Graph:
    return Graph("backend in production", NOON - HOUR, NOON, panels, zone, marked, "It began")


def size(png: bytes) -> tuple[int, int]:
    """The width and the height of a PNG, as its header says."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found: tuple[int, int] = struct.unpack(">II", png[16:24])
    return found


def opaque(png: bytes) -> bool:
    """Whether no point of a PNG lets the ground through: on Slack's dark theme its letters would be lost."""
    found: bool = Image.open(BytesIO(png)).convert("RGBA").getchannel("A").getextrema() == (255, 255)
    return found


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> MatplotlibPlots:
    return MatplotlibPlots(tmp_path_factory.mktemp("matplotlib"), within=timedelta(minutes=2))


@pytest.mark.parametrize(
    ("drawn", "height"),
    [
        (
            graph(
                Panel(
                    "Response time", Unit.SECONDS, [line("p50", 0.1, 0.2), line("p95", 0.4, None), line("p99", 2, 3)]
                ),
                Panel("Errors", Unit.RATIO, [line("errors", None, 0.5, None)]),
                Panel("Requests", Unit.RATE, [line("requests", 0, 0)]),
            ),
            1230,
        ),
        (graph(Panel("up == 0", Unit.PLAIN, [line("", 1, 1, 0)], 0.0), marked=NOON - HOUR / 2), 710),
        (
            graph(
                Panel("a" * 3000, Unit.PLAIN, [line(f"$x_{n}^ → \u05e9\u05dc {n}", n, -n) for n in range(6)], -1e12, 40)
            ),
            710,
        ),
        (graph(Panel("Errors", Unit.RATIO, [line("errors")]), zone="UTC"), 710),
        (graph(Panel("bytes", Unit.PLAIN, [line("", 1e18, 1e-18)])), 710),
    ],
    ids=["three panels", "threshold and start", "many strange lines", "nothing", "large and small"],
)
async def test_a_graph_is_a_png_as_wide_as_a_phone_with_a_ground_of_its_own(
    plots: MatplotlibPlots, drawn: Graph, height: int
) -> None:
    png = await plots.draw(drawn)

    assert size(png) == (1080, height)
    assert len(png) < 400_000
    assert opaque(png)


async def test_the_event_loop_never_waits_for_it(plots: MatplotlibPlots) -> None:
    latest = 0.0

    async def beat() -> None:
        nonlocal latest
        while True:
            began = time.monotonic()
            await asyncio.sleep(0)
            latest = max(latest, time.monotonic() - began)
            await asyncio.sleep(0.005)

    beating = asyncio.create_task(beat())
    used = time.process_time()
    await plots.draw(graph(Panel("Errors", Unit.RATIO, [line("errors", 0.1, 0.2)])))
    used = time.process_time() - used
    beating.cancel()

    assert used < 1  # this process only handed it over
    assert latest < 1


async def test_one_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    slow = MatplotlibPlots(tmp_path, within=timedelta(milliseconds=50), program="http.server")
    before = psutil.Process().children()

    with pytest.raises(Retry, match=r"not drawn within 0\.05s"):
        await slow.draw(graph())
    assert psutil.Process().children() == before


async def test_one_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(GaveUp, match="No module named no_such_program"):
        await MatplotlibPlots(tmp_path, program="no_such_program").draw(graph())


def test_the_bot_itself_never_imports_matplotlib() -> None:
    said = "import sys, bot.app, integrations.plots; print('matplotlib' in sys.modules or 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], check=True, capture_output=True, text=True, cwd=ROOT)

    assert done.stdout.strip() == "False"
