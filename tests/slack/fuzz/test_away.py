"""Slack's own API is away, and was since the start: what people say is answered all the same, as far as it can be."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app
from bot.samples import make_repository
from bot.settings import read
from tests.fakes.posted import JSON, command, interaction, signed
from tests.slack.fuzz.conftest import ROOT, Bot

SECRET = "s3cret"


@pytest.fixture
async def alone(database_url: str, tmp_path: Path) -> AsyncIterator[Bot]:
    make_repository(tmp_path)
    settings = read(
        {
            "slack_bot_token": "xoxb-1",
            "slack_signing_secret": SECRET,
            "slack_api_url": "http://127.0.0.1:9/api/",
            "database_url": database_url,
            "catalog": ROOT / "slipway.yml",
            "data": tmp_path,
        },
        env_file=None,
    )
    async with app.assembled(settings) as parts:
        yield Bot(parts, app.api(parts), SECRET)
        await parts.edge.drain()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ({"command": "/slipway", "text": "help"}, "/deploy"),
        ({"command": "/status", "text": ""}, "nothing yet"),
        ({"command": "/deploy", "text": "staging"}, "I could not do that: Slack cannot be reached"),
    ],
)
async def test_a_command_is_answered(alone: Bot, typed: dict[str, str | None], answer: str) -> None:
    status, said = await alone.post(signed(command(**typed), secret=SECRET, at=time.time()))

    assert status == 200
    assert answer in said.decode()


async def test_a_button_and_an_event_are_heard(alone: Bot) -> None:
    pressed = {
        "type": "block_actions",
        "user": {"id": "U0NDAPEWA1"},
        "team": {"id": "T0HEALTHB1"},
        "trigger_id": "1.2.abc",
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C0DEPLOYM2"},
        "actions": [{"type": "button", "action_id": "check_again", "block_id": "b", "value": "1"}],
    }
    event = {"type": "event_callback", "team_id": "T0HEALTHB1", "event": {"type": "subteam_updated"}}
    posts = [
        signed(interaction(pressed), secret=SECRET, at=time.time()),
        signed(json.dumps(event).encode(), secret=SECRET, at=time.time(), content_type=JSON),
    ]

    assert [(await alone.post(posted))[0] for posted in posts] == [200, 200]
