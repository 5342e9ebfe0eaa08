"""Trigger ids: leave to open one window in front of one person, once, within three seconds."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from .errors import SlackError

LIFE = 3.0
REMEMBERED = 3_600.0


@dataclass
class Trigger:
    """Who pressed and when; `used` once a window was opened by it."""

    person: str
    issued_at: float
    used: bool = False


class Triggers:
    """All trigger ids of the last hour (older ones are unknown, which Slack calls invalid)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._known: dict[str, Trigger] = {}

    def issue(self, person: str) -> str:
        """Return a new trigger id for the person."""
        now = self._now()
        self._known = {k: t for k, t in self._known.items() if now - t.issued_at < REMEMBERED}
        trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._known[trigger_id] = Trigger(person, now)
        return trigger_id

    def person(self, trigger_id: str) -> str:
        """Return whose it is. Raises SlackError: invalid_, exchanged_ or expired_trigger_id."""
        trigger = self._known.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._now() - trigger.issued_at > LIFE:
            raise SlackError("expired_trigger_id")
        return trigger.person

    def spend(self, trigger_id: str) -> None:
        """Mark it as used; called when the window did open (a refused view does not cost the trigger)."""
        self._known[trigger_id].used = True
