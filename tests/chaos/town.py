"""HealthBridge with everything real, in a folder of its own, and a bot that can be killed at any moment.

Database and local Slack live in this process and stay; the bot is a child, started again after each kill; the process
host and the detached commands outlive it, as they do outside.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.embedded import database
from bot.ledger.migrate import upgrade
from bot.samples import make_repository
from bot.sandbox.config import SandboxConfig
from bot.sandbox.driving import Driver
from bot.sandbox.serving import serving
from integrations.process import stop_host
from tests.fakes.databases import libpq

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
_SET_HERE = ("SLACK_", "SLIPWAY_", "DATABASE_URL")
TALLY = "import os; print(os.environ['SLIPWAY_OPERATION'], file=open({path!r}, 'a'))"
_PLACES = {"backend": ("1", "/api/health"), "frontend": ("2", "/")}


def catalog(folder: Path, ports: str) -> str:
    """Return a small HealthBridge with short checks, whose deploys leave a tally of what was run for whom."""
    tally = TALLY.format(path=str(folder / "tally"))
    services = "\n".join(
        f"  {name}:\n    source: {{ kind: git, repository: {folder}/healthbridge.git, path: {name} }}\n"
        f"    build: {{ run: [{sys.executable}, build.py], output: dist }}"
        for name in _PLACES
    )
    places = "\n".join(
        _environment(name, digit, ports, tally) for name, digit in (("staging", "2"), ("development", "1"))
    )
    return (
        "organisation: HealthBridge\n"
        "teams: { developers: { usergroup: developers }, on-call: { usergroup: on-call } }\n"
        "channels: { deployments: deployments, approvals: approvals }\n"
        f"services:\n{services}\nenvironments:\n{places}\n"
    )


def _environment(name: str, digit: str, ports: str, tally: str) -> str:
    lines = [f"  {name}:", "    branch: develop", "    deployers: [developers]", "    on_failure: ask", "    targets:"]
    for service, (last, health) in _PLACES.items():
        port = f"{ports}{digit}{last}"
        url = f"http://127.0.0.1:{port}{health}"
        lines += [
            f"      {service}:",
            f"        backend: {{ kind: process, port: {port}, run: [{sys.executable}, server.py], health: {health} }}",
            "        steps:",
            "          - build",
            f'          - command: {{ name: tally, run: [{sys.executable}, -c, "{tally}"], in_rollback: true }}',
            "          - apply: { within: 1m }",
            f'          - verify: {{ http: "{url}", within: 30s }}',
            f'          - bake: {{ http: "{url}", for: 2s, every: 1s }}',
        ]
    return "\n".join(lines)


def free_ports() -> str:
    """Return the first digits of ports that are all free."""
    while True:
        digits = str(random.randrange(310, 320))  # noqa: S311 - any will do
        with suppress(OSError):
            for last in ("11", "12", "21", "22"):
                with socket.socket() as trial:
                    trial.bind(("127.0.0.1", int(digits + last)))
            return digits


@dataclass
class Town:
    """Where everything is; `kill` and `start` are for the bot."""

    folder: Path
    url: str
    driver: Driver
    engine: AsyncEngine
    port: int
    environment: dict[str, str]
    kills: int = 0
    bot: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start the bot."""
        with (self.folder / "bot.log").open("ab") as log:
            self.bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.cli", "serve"), env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )

    async def healthy(self) -> None:
        """Wait until the bot answers."""
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():
                assert self.bot
                assert self.bot.returncode is None, (self.folder / "bot.log").read_text()[-3000:]
                await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            said = await reader.readline()
            writer.close()
        except OSError:
            return False
        return b" 200 " in said

    async def kill(self) -> None:
        """Kill the bot, without a word."""
        assert self.bot
        self.bot.kill()
        await self.bot.wait()
        self.kills += 1

    async def end(self) -> None:
        """Stop the bot in order."""
        if self.bot is not None and self.bot.returncode is None:
            self.bot.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.bot.wait(), 15)
            if self.bot.returncode is None:
                self.bot.kill()
                await self.bot.wait()


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """Build it for the block, with the bot running."""
    make_repository(folder)
    (folder / "slipway.yml").write_text(catalog(folder, free_ports()))
    port = _free_port()
    with database(folder, own=True) as url:
        upgrade(url)
        config = SandboxConfig("", request_url=f"http://127.0.0.1:{port}/slack/events")
        async with serving(config) as slack:
            environment = {
                name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SLIPWAY_"))
            }
            environment |= {
                "SLACK_BOT_TOKEN": slack.slack.credentials.bot_token,
                "SLACK_SIGNING_SECRET": slack.slack.credentials.signing_secret,
                "SLACK_API_URL": f"{slack.base_url}/api/",
                "DATABASE_URL": url,
                "SLIPWAY_DATA": str(folder),
                "SLIPWAY_CATALOG": str(folder / "slipway.yml"),
                "SLIPWAY_PORT": str(port),
            }
            driver, engine = Driver(slack.base_url), create_async_engine(url, pool_size=2)
            made = Town(folder, libpq(url), driver, engine, port, environment)
            try:
                await made.start()
                await made.healthy()
                yield made
            finally:
                await made.end()
                await stop_host(folder)
                await engine.dispose()
                await driver.close()
