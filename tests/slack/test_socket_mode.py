"""Slipway itself over Socket Mode: what HTTP would bring comes down the socket, whatever became of Slack meanwhile."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot import app
from bot.app import Parts
from bot.samples import make_repository
from bot.sandbox.driving import eventually
from bot.settings import read
from bot.slack.sockets import Sockets
from tests.fakes.stage import Json, LocalSlack

ROOT = Path(__file__).parents[2]
SOON = timedelta(seconds=0.4)  # until a client that is not connected is given up


@pytest.fixture
async def slack(start_slack: Callable[..., Awaitable[LocalSlack]]) -> LocalSlack:
    return await start_slack(now=time.time)


@pytest.fixture
async def parts(slack: LocalSlack, database_url: str, tmp_path: Path) -> AsyncIterator[Parts]:
    make_repository(tmp_path)
    settings = read(
        {
            "slack_bot_token": slack.info["bot_token"],
            "slack_app_token": slack.info["app_token"],
            "slack_api_url": slack.info["web_api_url"],
            "database_url": database_url,
            "catalog": ROOT / "slipway.yml",
            "data": tmp_path,
        },
        env_file=None,
    )
    async with app.assembled(settings) as made:
        assert made.sockets is not None
        yield impatient(made, slack, made.edge.client.web)


def impatient(parts: Parts, slack: LocalSlack, client: AsyncWebClient) -> Parts:
    """Return the same with a socket that is given up sooner, and asks this client for its address."""
    return replace(parts, sockets=Sockets(parts.edge.bolt, slack.info["app_token"], client, patience=SOON))


async def connected(sockets: Sockets | None) -> None:
    async def look() -> bool | None:
        return (sockets is not None and sockets.connected) or None

    await eventually(look)


async def told(slack: LocalSlack, text: str, word: str) -> Json:
    """Type a command as Ndapewa, and wait until she is told something with a word in it."""
    person = slack.driver.person("ndapewa")
    await person.command("deployments", text)

    async def look() -> Json | None:
        seen = await person.messages("deployments")
        return next((one for one in seen if word in one["text"]), None)

    return await eventually(look)


async def test_commands_windows_and_what_comes_later_arrive_by_the_socket(slack: LocalSlack, parts: Parts) -> None:
    person = slack.driver.person("ndapewa")
    async with app.running(parts):
        await connected(parts.sockets)
        await told(slack, "/status", "nothing yet")
        await told(slack, "/deploy staging --dry-run", "only looking")
        await person.command("deployments", "/deploy")

        async def window() -> Json | None:
            return next(iter(await person.views()), None)

        opened = await eventually(window)

    assert opened["callback_id"] == "deploy"


async def test_slack_away_at_the_start_is_waited_for(slack: LocalSlack, parts: Parts) -> None:
    await slack.driver.faults(down={"for_seconds": 600})
    async with app.running(parts):
        away = await app.readiness(parts)["slack"]()
        await slack.driver.faults(clear=True)
        await connected(parts.sockets)
        await told(slack, "/status", "nothing yet")
        back = await app.readiness(parts)["slack"]()

    assert (away, back) == ("Slack is not connected by Socket Mode", None)


async def test_slack_that_goes_away_later_is_heard_again(slack: LocalSlack, parts: Parts) -> None:
    async with app.running(parts):
        await connected(parts.sockets)
        await slack.driver.faults(down={"for_seconds": 600})
        await slack.slack.sockets.disconnect("link_disabled")

        async def deaf() -> bool | None:
            return (parts.sockets is not None and not parts.sockets.connected) or None

        await eventually(deaf)
        await slack.driver.faults(clear=True)
        await connected(parts.sockets)
        await told(slack, "/status", "nothing yet")


async def test_an_address_that_is_dead_is_not_tried_for_ever(slack: LocalSlack, parts: Parts) -> None:
    async with deceiving(slack) as url:
        deceived = impatient(parts, slack, AsyncWebClient(slack.info["bot_token"], base_url=url))
        async with app.running(deceived):
            await connected(deceived.sockets)
            await told(slack, "/status", "nothing yet")


@asynccontextmanager
async def deceiving(slack: LocalSlack) -> AsyncIterator[str]:
    """A Slack whose first address leads nowhere, as one does that was asked for just before Slack went away."""
    addresses = iter(["ws://127.0.0.1:9/nowhere"])

    async def open_connection(_: web.Request) -> web.Response:
        real = await AsyncWebClient(base_url=slack.info["web_api_url"]).apps_connections_open(
            app_token=slack.info["app_token"]
        )
        return web.json_response({"ok": True, "url": next(addresses, str(real["url"]))})

    server = web.Application()
    server.router.add_post("/api/apps.connections.open", open_connection)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()
