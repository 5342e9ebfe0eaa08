"""The Events API: envelopes, subscriptions, and Slack's three repetitions.

Delivery is at least once and in no order, as in Slack; the faults can make both visible. An event that nobody could
receive (no request URL and no socket) is dropped without repetition: in Slack such an app is switched off.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Coroutine

from . import cast
from .credentials import Credentials
from .errors import NotDelivered
from .faults import Faults
from .model import Channel
from .outbound import Outbound, Retry
from .validation.events import EVENT_SCOPES
from .wire import Json
from .workspace import Workspace, new_id

REPEATED_AFTER = (0, 60, 300)
HELD_BACK = 1.0
SLOWEST = 0.001
HOUR, MINUTE = 3600.0, 60.0
MESSAGE_SUBSCRIPTIONS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


class Events:
    """What happens in the workspace, told to the app."""

    def __init__(
        self,
        workspace: Workspace,
        outbound: Outbound,
        faults: Faults,
        credentials: Credentials,
        subscribed: frozenset[str] | None,
        scopes: frozenset[str] | None,
    ) -> None:
        self._workspace = workspace
        self._outbound = outbound
        self._faults = faults
        self._token = credentials.verification_token
        self._subscribed = subscribed
        self._scopes = scopes
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent: deque[float] = deque()
        self._capped_at: float | None = None

    def message(self, channel: Channel, event: Json) -> None:
        """Tell of something in a conversation the bot is in."""
        if cast.BOT_USER in channel.members and self._wants(MESSAGE_SUBSCRIPTIONS[channel.kind]):
            self._start({"type": "message", "channel": channel.id, "channel_type": channel.kind} | event)

    def reaction(self, channel: Channel, event: Json) -> None:
        """Tell of a reaction in a conversation the bot is in: `reactions:read` sees no others."""
        if cast.BOT_USER in channel.members:
            self.tell(event)

    def tell(self, event: Json, channel: Channel | None = None) -> None:
        """Tell of anything else; with a channel, only when the bot may know of it."""
        seen = channel is None or cast.BOT_USER in channel.members or channel.is_public
        if seen and self._wants(event["type"]):
            self._start(event)

    async def close(self) -> None:
        """Give up what is still to be repeated."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _wants(self, name: str) -> bool:
        """Whether the app asked for the event, and was granted a scope that it needs."""
        needed = EVENT_SCOPES.get(name, frozenset())
        granted = self._scopes is None or not needed or bool(needed & self._scopes)
        return granted and (self._subscribed is None or name in self._subscribed)

    def _start(self, event: Json) -> None:
        """Send the event in the background, twice or late when a fault says so, or not at all above the cap."""
        if not self._outbound.has_app or self._is_capped():
            return
        envelope = self._envelope(event)
        late = HELD_BACK if self._faults.strikes("out_of_order") else 0.0
        for _ in range(2 if self._faults.strikes("duplicate_events") else 1):
            self._run(self._deliver(envelope, late))

    def _is_capped(self) -> bool:
        """Whether the app got its hour's worth; it is told so once a minute."""
        now = self._workspace.now()
        while self._sent and now - self._sent[0] >= HOUR:
            self._sent.popleft()
        if len(self._sent) < self._faults.speed("event_cap"):
            self._sent.append(now)
            return False
        if self._capped_at is None or now - self._capped_at >= MINUTE:
            self._capped_at = now
            about = {"token": self._token, "type": "app_rate_limited", "team_id": cast.TEAM, "api_app_id": cast.APP}
            self._run(self._deliver(about | {"minute_rate_limited": int(now // MINUTE * MINUTE)}, 0.0))
        return True

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, envelope: Json, late: float) -> None:
        """Try once, then as often as Slack does."""
        await asyncio.sleep(late)
        again: Retry | None = None
        for number, pause in enumerate((*REPEATED_AFTER, None), start=1):
            try:
                await self._outbound.send("events_api", envelope, accepts_response=False, retry=again)
            except NotDelivered as error:
                if pause is None or error.reason == "no_retry":
                    return
                again = Retry(number, error.reason)
                await asyncio.sleep(pause / max(self._faults.speed("retry_speed"), SLOWEST))
            else:
                return

    def _envelope(self, event: Json) -> Json:
        """Return the event_callback around the event."""
        now = self._workspace.now()
        return {
            "token": self._token,
            "team_id": cast.TEAM,
            "context_team_id": cast.TEAM,
            "context_enterprise_id": None,
            "api_app_id": cast.APP,
            "event": {"event_ts": event.get("ts") or f"{now:.6f}"} | event,
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(now),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": cast.TEAM,
                    "user_id": cast.BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_urlsafe(24)}",
        }
