"""What one local Slack is made of, said in one frozen value.

The clock is a plain function so that a test can move it: trigger ids, response_urls, rate limits and faults expire by
it. Only waiting for the app (`patience`) and the pauses between repeated events are measured in real time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .wire import Json


@dataclass(frozen=True)
class SlashCommand:
    """A command as the manifest registers it; `command` begins with a slash."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class SandboxConfig:
    """How to make one local Slack.

    base_url      where it is reached, `http://127.0.0.1:PORT`, without a slash at the end (`serving` fills it in)
    data          the folder it persists in; None keeps everything in memory
    request_url   where signed HTTP goes until Socket Mode connects or `/driver/app` says otherwise
    commands      the registered slash commands; None lets every word that begins with a slash through to the app
    scopes        the bot token's scopes; None grants everything except `chat:write.public`
    events        the subscribed bot events (`message.channels`, ...); None subscribes to all
    patience      seconds an app has to answer (Slack: 3)
    retry_speed   how many times faster than Slack events are repeated (Slack: at once, 1 minute, 5 minutes)
    """

    base_url: str = ""
    data: Path | None = None
    request_url: str | None = None
    bot_url: str | None = None
    commands: tuple[SlashCommand, ...] | None = None
    scopes: frozenset[str] | None = None
    events: frozenset[str] | None = None
    bot_name: str = "Slipway"
    team_name: str = "HealthBridge"
    now: Callable[[], float] = field(default=time.time)
    patience: float = 3.0
    retry_speed: float = 1.0


def from_manifest(manifest: Json) -> Json:
    """Return the fields of a `SandboxConfig` that an app manifest decides."""
    features = manifest.get("features") or {}
    settings = manifest.get("settings") or {}
    subscriptions = settings.get("event_subscriptions") or {}
    scopes = ((manifest.get("oauth_config") or {}).get("scopes") or {}).get("bot")
    name = (features.get("bot_user") or {}).get("display_name")
    found: Json = {
        "commands": tuple(_command(entry) for entry in features.get("slash_commands") or []),
        "scopes": frozenset(scopes) if scopes is not None else None,
        "events": frozenset(subscriptions.get("bot_events") or []),
    }
    return found | ({"bot_name": name} if name else {})


def _command(entry: Json) -> SlashCommand:
    """Return one command of a manifest."""
    return SlashCommand(
        entry["command"],
        entry.get("description", ""),
        entry.get("usage_hint", ""),
        bool(entry.get("should_escape")),
    )
