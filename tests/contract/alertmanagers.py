"""A real Alertmanager at work, told of alerts by its own API, and what it tells by its webhook."""

import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.contract.living import until

CONFIG = """
route: { receiver: hook, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: hook
    webhook_configs: [{ url: "%s", send_resolved: true }]
"""


@dataclass
class Running:
    """A real Alertmanager, and what it has told."""

    url: str
    told: list[bytes] = field(default_factory=list)

    async def fire(self, **labels: str) -> None:
        """Have an alert fire."""
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"{self.url}/api/v2/alerts", json=[{"labels": labels}])
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def alertmanager(folder: Path) -> AsyncIterator[Running]:
    """Give an Alertmanager. Without one the test fails in CI and is skipped, loudly, elsewhere."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None and os.environ.get("CI") == "true":
        pytest.fail("There is no Alertmanager on this machine: apt-get install prometheus-alertmanager")
    if program is None:
        pytest.skip("NOT TESTED: a real Alertmanager, for want of one (apt-get install prometheus-alertmanager)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        made = Running(f"http://127.0.0.1:{free.getsockname()[1]}")
    async with hook(made.told) as url:
        (folder / "alertmanager.yml").write_text(CONFIG % url)
        where = [f"--config.file={folder / 'alertmanager.yml'}", f"--storage.path={folder / 'data'}"]
        listen = [f"--web.listen-address={made.url.removeprefix('http://')}", "--cluster.listen-address="]
        it = begun([program, *where, *listen], folder / "log")
        try:
            await until(lambda: ready(made.url))
            yield made
        finally:
            it.terminate()
            it.wait()


def begun(argv: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Begin a program; what it prints goes into a file."""
    with log.open("wb") as out:
        return subprocess.Popen(argv, stdout=out, stderr=out)


async def ready(url: str) -> bool:
    """Whether it answers."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/-/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@asynccontextmanager
async def hook(told: list[bytes]) -> AsyncIterator[str]:
    """Give an address that keeps what it is told."""

    async def keep(request: web.Request) -> web.Response:
        told.append(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/", keep)
    async with served(app) as url:
        yield f"{url}/"


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    """Serve an app; give its address."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
