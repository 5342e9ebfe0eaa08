"""One local Slack and one app for each framework and transport, kept for all the tests of a worker."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.slack.compat.driver import SELMA, TOMAS, Driver, Person
from tests.slack.compat.processes import HERE, Missing, app, free_port, local_slack, node_command

Json = dict[str, Any]

BOLTS = ["python-http", "python-socket", "python-socket-aiohttp", "node-http", "node-socket"]
_WORDS = ["form", "read", "bad", "burst", "silent", "room", "secret", "pick", "check"]
_COMMANDS = ["/compat", *(f"/compat-{word}" for word in _WORDS)]
_EVENTS = ["app_home_opened", "app_mention", "message.channels", "reaction_added"]
_SCOPES = """
    app_mentions:read channels:history channels:manage channels:read chat:write chat:write.public commands pins:write
    reactions:read reactions:write usergroups:read users:read
"""
_HURRY = 10
"""How much more generous the rate limits are, so that only the test of them waits."""


@dataclass(frozen=True)
class Setting:
    """A local Slack with one app connected."""

    driver: Driver
    channel: str

    def person(self, user_id: str) -> Person:
        return Person(self.driver, user_id, self.channel)


@pytest.fixture(scope="module", params=BOLTS)
def setting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    language, _, transport = request.param.partition("-")
    command, environment = _command(language)
    folder = tmp_path_factory.mktemp(request.param)
    app_port = free_port()
    request_url = f"http://127.0.0.1:{app_port}/slack/events" if transport == "http" else None
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(_manifest(request_url)))
    with local_slack(folder, manifest, request_url) as port:
        driver = Driver(port)
        driver.post("faults", pace=_HURRY)
        info = driver.get("info")
        environment |= {
            "TRANSPORT": transport,
            "PORT": str(app_port),
            "API_URL": info["web_api_url"].rstrip("/") + "/",
            "BOT_TOKEN": info["bot_token"],
            "APP_TOKEN": info["app_token"],
            "SIGNING_SECRET": info["signing_secret"],
        }
        with app(command, folder, environment):
            yield Setting(driver, _channel(driver))


@pytest.fixture
def tomas(setting: Setting) -> Person:
    return setting.person(TOMAS)


@pytest.fixture
def selma(setting: Setting) -> Person:
    return setting.person(SELMA)


def _command(language: str) -> tuple[list[str], dict[str, str]]:
    if language == "python":
        return [sys.executable, str(HERE / "python_app.py")], {}
    try:
        return node_command()
    except Missing as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(str(reason))
        pytest.skip(str(reason))


def _channel(driver: Driver) -> str:
    found: str = next(channel["id"] for channel in driver.get("channels") if channel["name"] == "deployments")
    return found


def _manifest(request_url: str | None) -> Json:
    address = {"url": request_url} if request_url else {}
    request = {"request_url": request_url} if request_url else {}
    return {
        "display_information": {"name": "Compat"},
        "features": {
            "bot_user": {"display_name": "Compat"},
            "shortcuts": [
                {"name": "Open the form", "type": "global", "callback_id": "open_form", "description": "Open it"},
                {"name": "Quote", "type": "message", "callback_id": "quote", "description": "Quote it"},
            ],
            "slash_commands": [{"command": name, "description": name} | address for name in _COMMANDS],
        },
        "oauth_config": {"scopes": {"bot": _SCOPES.split()}},
        "settings": {
            "event_subscriptions": {"bot_events": _EVENTS} | request,
            "interactivity": {"is_enabled": True} | request,
            "socket_mode_enabled": request_url is None,
        },
    }
