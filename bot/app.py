"""The one place where everything meets: settings become ports, ports a world, a world a running bot.

Nothing else knows everybody. Opening goes from the ground up (ledger, Slack, adapters, engine, web) and closing is the
same backwards, so that whatever stops, what stands on it has stopped before.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from socket import socket
from urllib.parse import unquote, urlsplit

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from bot import jobs
from bot.adapters import alertmanagers, clients, learn_secrets, pagers, prometheus, rosters
from bot.calendar import Schedule
from bot.catalog import Catalog
from bot.clock import SystemClock
from bot.database import url_of
from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from bot.engine import changes as engine_changes
from bot.engine import requests as engine_requests
from bot.engine.advance import Mover, take_up
from bot.engine.ticking import Calendar
from bot.engine.touching import touch
from bot.engine.worker import Task, Worker, forever
from bot.jobs import JobKind
from bot.kinds import load_catalog
from bot.ledger import pulse
from bot.ledger.ledger import Ledger
from bot.ledger.queue import Queue, conninfo
from bot.lines import logs_to_stderr
from bot.painter.painter import Painter
from bot.painter.replies import reply
from bot.plugins import Source, Surroundings, backend_kinds, introduced, source_kinds
from bot.ports import Backend, Clock, Unclear
from bot.settings import Settings
from bot.slack.board import SlackBoard
from bot.slack.client import SlackClient
from bot.slack.directory import SlackDirectory
from bot.slack.edge import Edge
from bot.slack.guard import Guard
from bot.slack.pictures import SlackPictures
from bot.slack.routes import route as slack_route
from bot.slack.sockets import Sockets
from bot.web import alertmanager, health, jsons, metrics, pagerduty
from bot.web.health import Part
from bot.web.metrics import Metrics
from bot.world import World
from integrations.detached import Detached
from integrations.environment_secrets import EnvironmentSecrets
from integrations.http_probe import HttpProbe
from integrations.plots import MatplotlibPlots
from integrations.postgres_backups import PostgresBackups

RESCUE = timedelta(seconds=1)
GREET = timedelta(seconds=5)  # until Slack has said who we are
UNSEALED_FOR = timedelta(seconds=30)  # longer than this, and sealing has come to a halt

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running bot is made of."""

    world: World
    edge: Edge
    guard: Guard
    worker: Worker
    mover: Mover
    calendar: Calendar
    sockets: Sockets | None = None
    metrics: Metrics = field(default_factory=Metrics)


@asynccontextmanager
async def assembled(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """Give a bot with everything open; nothing runs yet."""
    clock = clock or SystemClock()
    settings.data.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        queue = Queue(conninfo(url_of(settings)))
        await stack.enter_async_context(queue.app.open_async())
        ledger = Ledger(url_of(settings), clock=clock, queue=queue)
        stack.push_async_callback(ledger.close)
        figures = Metrics()
        token = secret(settings.slack_bot_token)
        client = await stack.enter_async_context(SlackClient(token, settings.slack_api_url, told=figures.slack_call))
        directory = SlackDirectory(client, clock)
        world = await _world(stack, settings, ledger, clock, directory, SlackPictures(client))
        board = SlackBoard(client)
        edge = Edge(world, client, board, directory)
        mover = Mover(world)
        painter = Painter(world, board)
        worker = Worker(queue, _tasks(world, mover, painter, board))
        calendar = Calendar(world, introduced("bot.schedules", "SCHEDULE", Schedule))
        guard = Guard(secret(settings.slack_signing_secret) or None, clock)
        yield Parts(world, edge, guard, worker, mover, calendar, _sockets(settings, edge), figures)


def secret(value: SecretStr | None) -> str:
    """Return a secret in clear, for the one who sends it."""
    return value.get_secret_value() if value is not None else ""


async def _world(
    stack: AsyncExitStack,
    settings: Settings,
    ledger: Ledger,
    clock: Clock,
    directory: SlackDirectory,
    pictures: SlackPictures,
) -> World:
    catalog = load_catalog(settings)
    mask = Mask(_secrets(settings))
    surroundings = Surroundings(settings.data, clock, EnvironmentSecrets(settings.environment, mask.learn), mask)
    learn_secrets(catalog, surroundings.secrets)
    return World(
        ledger=ledger,
        clock=clock,
        catalog=catalog,
        directory=directory,
        backends=await open_backends(stack, catalog, surroundings),
        sources=_sources(catalog, surroundings),
        runner=Detached(settings.data, clock),
        backups=PostgresBackups(surroundings, programs=clients()),
        probe=await stack.enter_async_context(HttpProbe(mask)),
        secrets=surroundings.secrets,
        metrics=await prometheus(stack, catalog, surroundings),
        plots=MatplotlibPlots(settings.data / "matplotlib"),
        pictures=pictures,
        mask=mask,
        pagers=await pagers(stack, catalog, surroundings),
        rosters=await rosters(stack, catalog, surroundings),
        silences=await alertmanagers(stack, catalog, surroundings),
    )


async def open_backends(stack: AsyncExitStack, catalog: Catalog, surroundings: Surroundings) -> dict[str, Backend]:
    """Open the backends that the catalog names, and no others."""
    named = {plan.backend.kind for place in catalog.environments.values() for plan in place.targets.values()}
    kinds = backend_kinds()
    return {name: await stack.enter_async_context(kinds[name].open(surroundings)) for name in sorted(named)}


def _sources(catalog: Catalog, surroundings: Surroundings) -> dict[str, Source]:
    """Open each kind of source once, for all the services that use it; return it by service."""
    found: dict[str, Source] = {}
    kinds = source_kinds()
    for kind in sorted({service.source.kind for service in catalog.services.values()}):
        configs: dict[str, BaseModel] = {}
        for name, service in catalog.services.items():
            if service.source.kind == kind:
                build = service.build.model_dump(mode="json") if service.build else None
                given = {**service.source.config.model_dump(mode="json"), "build": build}
                configs[name] = kinds[kind].config.model_validate(given)
        found |= dict.fromkeys(configs, kinds[kind].open(surroundings, configs))
    return found


def _secrets(settings: Settings) -> list[str]:
    given = (settings.slack_bot_token, settings.slack_signing_secret, settings.slack_app_token, settings.database_url)
    password = urlsplit(secret(settings.database_url)).password
    return [*(secret(one) for one in given if one is not None), *([password, unquote(password)] if password else [])]


def _tasks(world: World, mover: Mover, painter: Painter, board: SlackBoard) -> Mapping[str, Task]:
    """Say which function does which job; a job's subject is a row's number."""
    more = {name: partial(_do, world, kind) for name, kind in jobs.kinds().items()}
    return more | {
        "plan": lambda subject, _: engine_requests.plan(world, int(subject)),
        "start": lambda subject, _: engine_changes.start(world, int(subject)),
        "advance": lambda subject, known: mover.advance(int(subject), known),
        "paint": lambda subject, _: painter.paint(int(subject)),
        "reply": lambda subject, _: reply(world, board, int(subject)),
        "touch": lambda subject, _: touch(world, int(subject)),
    }


async def _do(world: World, kind: JobKind, subject: int | str, _: object) -> None:
    await kind.do(world, int(subject))


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[None]:
    """Let the engine run, and take up what an earlier process left; stop it in order."""
    await _greet(parts)
    async with parts.world.ledger.transaction() as tx:
        await take_up(tx, everything=True)
    working = [
        asyncio.create_task(parts.worker.run()),
        asyncio.create_task(forever(RESCUE, parts.worker.rescue, "rescue")),
        asyncio.create_task(forever(GREET, lambda: _greet(parts), "greet")),
    ]
    listening = [asyncio.create_task(parts.sockets.run())] if parts.sockets else []
    parts.calendar.start()
    try:
        yield
    finally:
        parts.calendar.stop()
        parts.mover.stop()
        await _end(listening)
        await parts.edge.drain()
        await _end(working)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _greet(parts: Parts) -> None:
    """Warm what the first person would otherwise wait for; Slack being away does not keep the bot from starting."""
    if parts.edge.identity is not None:
        return
    try:
        await parts.edge.introduce()
        await parts.world.members(parts.world.catalog.teams)
    except (Retry, GaveUp, Unclear) as error:
        log.warning("Slack could not be asked yet", reason=str(error))


def _sockets(settings: Settings, edge: Edge) -> Sockets | None:
    """Return the way Slack's words come where an app-level token is given; without one they come by HTTP."""
    if settings.slack_app_token is None:
        return None
    return Sockets(edge.bolt, secret(settings.slack_app_token), edge.client.web)


def api(parts: Parts) -> FastAPI:
    """Return the web app of a running bot."""
    web = FastAPI(title="Slipway", docs_url=None, redoc_url=None, openapi_url=None)
    web.router.routes.append(slack_route(parts.edge, parts.guard, parts.metrics))
    web.router.routes += health.routes(readiness(parts))
    web.router.routes += [alertmanager.route(parts.world), jsons.route(parts.world), pagerduty.route(parts.world)]
    web.router.routes.append(metrics.route(parts.metrics, parts.world.ledger))
    return web


def readiness(parts: Parts) -> dict[str, Part]:
    """Return what must be well before the bot can do its work, as questions."""

    async def database() -> str | None:
        async with parts.world.ledger.transaction() as tx:
            await pulse.version(tx)
        return None

    async def sealing() -> str | None:
        async with parts.world.ledger.transaction() as tx:
            since = await pulse.oldest_unsealed(tx)
            late = since is not None and tx.now - since > UNSEALED_FOR
        return f"events wait to be sealed since {since}" if late else None

    async def worker() -> str | None:
        return None if parts.worker.running else "no worker is running"

    async def slack() -> str | None:
        if parts.sockets is not None and not parts.sockets.connected:
            return "Slack is not connected by Socket Mode"
        return None if parts.edge.identity is not None else "Slack has not answered yet"

    return {"database": database, "sealing": sealing, "worker": worker, "slack": slack}


async def serve(settings: Settings, bound: list[socket]) -> int:
    """Run the bot on bound sockets until SIGTERM or SIGINT; return the exit code."""
    logs_to_stderr()
    async with assembled(settings) as parts, running(parts):
        gc.freeze()  # what is there now stays: the collector need not walk it again and again in the middle of an ack
        config = uvicorn.Config(api(parts), log_config=None, access_log=False, lifespan="off")
        await uvicorn.Server(config).serve(bound)
    return 0
