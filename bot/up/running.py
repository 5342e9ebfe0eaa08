"""The order of things: locks and checks, database, sample repository, sample services, local Slack, bot; and back."""

import asyncio
import os
import signal
import socket
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from bot import sample_stack
from bot.database import url_of, with_database
from bot.domain.errors import Refused, Retry
from bot.ledger.migrate import upgrade
from bot.locked import Taken, locked
from bot.samples import make_repository
from bot.sandbox.config import SandboxConfig, from_manifest
from bot.sandbox.serving import HOST, Serving, serving
from bot.settings import Settings
from integrations._process_host.address import containers
from integrations._process_host.client import is_running
from integrations.process import start_host, stop_host

from . import alerts_token
from .checks import check_folder, free_port, take_port
from .child import Child, handed_on, kept
from .ready import until_ready
from .sample_ports import check_ports, with_kept_digits

_MANIFEST = Path(__file__).parents[2] / "app-manifest.yml"  # a test holds it to the code
_LOG_LIMIT = 10 * 1024 * 1024


@dataclass
class Progress:
    """Tells on standard error what goes on, and how long it took since the start."""

    began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """Write a line with the time since the start."""
        typer.echo(f"{time.monotonic() - self.began:6.1f} s  {text}", err=True)


def up(settings: Settings, *, port: int, browser: bool, docker: bool = False) -> int:
    """Run everything until it is interrupted; return the exit code. What stands in the way is `Refused`.

    With a `database_url` in the settings that one is used, else the embedded database of the data folder. `docker` is
    whether the sample services are to be containers.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress()
    if docker:
        sample_stack.check()
    settings = _with_catalog(settings.model_copy(update={"data": settings.data.resolve()}))
    check_folder(settings.data)
    progress.say(f"catalog {settings.catalog}")
    settings = with_kept_digits(settings)
    with _alone(settings.data), take_port(port) as bound:
        check_ports(settings, page=port)
        if docker:
            sample_stack.prepare(settings.data, settings.example_ports, progress.say)
        logs = settings.data / "logs"
        logs.mkdir(exist_ok=True)
        make_repository(settings.data)
        progress.say(f"sample repository in {settings.data / 'healthbridge.git'}")
        with with_database(settings, own=True) as connected:
            version = upgrade(url_of(connected))
            progress.say(f"database of version {version}")
            stage = _Stage(connected, free_port(port + 1), _log(logs / "bot.log"), progress)
            return asyncio.run(stage.play(bound, browser=browser))


def _with_catalog(settings: Settings) -> Settings:
    """Use the catalog beside the package where none was named and the folder we are in has none."""
    beside = Path(__file__).parents[2] / settings.catalog.name
    if "catalog" in settings.model_fields_set or settings.catalog.exists() or not beside.exists():
        return settings.model_copy(update={"catalog": settings.catalog.resolve()})
    return settings.model_copy(update={"catalog": beside})


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder for ourselves."""
    try:
        with locked(data / "slipway.lock"):
            yield
    except Taken as error:
        who = f" (process {error.holder})" if error.holder else ""
        raise Refused(f"Slipway runs on {data} already{who}; stop that one, or say --data with another.") from error


def _log(path: Path) -> Path:
    """Begin a new log file when the old one has become long; one old one is kept."""
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return path


@dataclass
class _Stage:
    """The part that runs in an event loop: the local Slack and the bot."""

    settings: Settings
    bot_port: int
    log: Path
    progress: Progress
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bot_url(self) -> str:
        return f"http://{HOST}:{self.bot_port}"

    async def play(self, bound: socket.socket, *, browser: bool) -> int:
        """Start both, say that they are ready, and run until we are interrupted."""
        self._listen_to_signals()
        config = SandboxConfig(
            data=self.settings.data / "slack",
            request_url=f"{self.bot_url}/slack/events",
            bot_url=self.bot_url,
            **_manifested(),
        )
        try:
            async with self._services(), serving(config, bound) as slack:
                self.progress.say(f"local Slack on {slack.base_url}")
                await self._with_bot(slack, browser=browser)
        except asyncio.CancelledError:
            self.progress.say("stopped")
        return 0

    @asynccontextmanager
    async def _services(self) -> AsyncIterator[None]:
        """Bring the sample services back as they were, meanwhile; and end them in the end."""
        starting = asyncio.create_task(start_host(self.settings.data))
        try:
            yield
        finally:
            with suppress(asyncio.CancelledError, Retry):  # one that did not start is started by the first deploy
                await starting
            await self._end_host(self.settings.data)
            if is_running(containers(self.settings.data)):
                await self._end_host(containers(self.settings.data))
                self.progress.say("the containers run on, without their public ports until the next start")

    async def _end_host(self, data: Path) -> None:
        try:
            await stop_host(data)
        except Retry as error:
            self.progress.say(f"sample services: {error.reason}")

    async def _with_bot(self, slack: Serving, *, browser: bool) -> None:
        argv = [sys.executable, "-m", "bot.cli", "serve", "--with-parent"]
        bot = Child(argv, self._environment(slack), self.log, self.progress.say, self.hurry)
        async with kept(bot) as child:
            await until_ready(self.bot_url, child)
            bot.was_ready = True
            self.progress.say(f"bot on {self.bot_url}")
            self.progress.say(
                f"alerts at {self.bot_url}/webhooks/…, with the token in {alerts_token.path(self.settings.data)}"
            )
            typer.echo(f"ready {slack.base_url}")
            sys.stdout.flush()
            if browser and _has_display():
                await asyncio.to_thread(webbrowser.open, slack.base_url)
            await child

    def _environment(self, slack: Serving) -> dict[str, str]:
        """Return the bot's environment: ours, with everything that is set for a bot replaced by what is true here."""
        token = alerts_token.kept(self.settings.data)
        return (
            {alerts_token.NAME: token}
            | handed_on(os.environ)
            | {
                "SLACK_BOT_TOKEN": slack.slack.credentials.bot_token,
                "SLACK_SIGNING_SECRET": slack.slack.credentials.signing_secret,
                "SLACK_API_URL": f"{slack.base_url}/api/",
                "DATABASE_URL": url_of(self.settings),
                "SLIPWAY_CATALOG": str(self.settings.catalog),
                "SLIPWAY_DATA": str(self.settings.data),
                "SLIPWAY_HOST": HOST,
                "SLIPWAY_PORT": str(self.bot_port),
                "SLIPWAY_EXAMPLE_PORTS": self.settings.example_ports,
            }
        )

    def _listen_to_signals(self) -> None:
        """Stop in order at the first signal, in haste at the next."""
        main, loop = asyncio.current_task(), asyncio.get_running_loop()

        def on_signal() -> None:
            if main is None or main.cancelling():
                self.hurry.set()
                return
            self.progress.say("stopping; again to hurry")
            main.cancel()

        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, on_signal)


def _manifested() -> dict[str, Any]:
    """Return what the app manifest decides in the local Slack: the words it completes, the scopes it holds to."""
    if not _MANIFEST.exists():
        return {}
    return from_manifest(YAML(typ="safe").load(_MANIFEST.read_text(encoding="utf-8")))


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
