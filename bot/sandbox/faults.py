"""Bad days on order: knobs that make the local Slack refuse, stall, vanish, forget its answers and repeat itself.

Each knob is one JSON object; `count` is how often it still strikes (absent: until cleared), `methods` narrows it to
some Web API methods. docs/reference/local-slack.md says what each does; this module only decides *whether*.
"""

from __future__ import annotations

from collections.abc import Callable

from .errors import DriverError
from .wire import Json

FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "rate_limit": {"methods": list, "retry_after": (int, float), "count": int},
    "down": {"for_seconds": (int, float), "count": int, "mode": str},
    "slow": {"methods": list, "seconds": (int, float), "count": int},
    "lose_answer": {"methods": list, "count": int},
    "duplicate_events": {"count": int},
    "duplicate_interactions": {"count": int},
    "out_of_order": {"count": int},
}
SPEEDS = ("pace", "retry_speed", "event_cap")
EVENT_CAP = 30_000.0
DEFAULTS: dict[str, Json] = {"rate_limit": {"retry_after": 1}, "down": {"mode": "503"}, "slow": {"seconds": 1}}
MODES = ("503", "drop")


class Faults:
    """The knobs as they are set.

    `pace` scales the rate limits (0 is off), `retry_speed` hastens repeated events, `event_cap` is how many events an
    hour the app may get.
    """

    def __init__(self, now: Callable[[], float], *, retry_speed: float) -> None:
        self._now = now
        self._active: dict[str, Json] = {}
        self._usual = {"pace": 1.0, "retry_speed": retry_speed, "event_cap": EVENT_CAP}
        self._speeds = dict(self._usual)

    def change(self, wanted: Json) -> None:
        """Set the named knobs; null clears one, `{"clear": true}` all. Raises DriverError, changing nothing."""
        wanted = dict(wanted)
        cleared = wanted.pop("clear", False)
        for name, value in wanted.items():
            _check(name, value)
        if cleared:
            self._active.clear()
            self._speeds = dict(self._usual)
        for name, value in wanted.items():
            self._turn(name, value)

    def show(self) -> Json:
        """Return what is active, with what remains of each, and both speeds."""
        self._forget_expired()
        shown: Json = {name: {k: v for k, v in knob.items() if k != "until"} for name, knob in self._active.items()}
        if until := self._active.get("down", {}).get("until"):
            shown["down"]["for_seconds"] = round(until - self._now(), 3)
        return shown | self._speeds

    def speed(self, name: str) -> float:
        """Return `pace`, `retry_speed` or `event_cap`."""
        return self._speeds[name]

    def rate_limited(self, method: str) -> float | None:
        """Return the Retry-After of a 429 to be given now, or None."""
        knob = self._strike("rate_limit", method)
        return float(knob["retry_after"]) if knob else None

    def down(self) -> str | None:
        """Return how this request finds Slack down (`503` or `drop`), or None."""
        knob = self._strike("down")
        return str(knob["mode"]) if knob else None

    def delay(self, method: str) -> float:
        """Return how many seconds this call is held back."""
        knob = self._strike("slow", method)
        return float(knob["seconds"]) if knob else 0.0

    def loses_answer(self, method: str) -> bool:
        """Whether this call does its work and then hangs up."""
        return self._strike("lose_answer", method) is not None

    def strikes(self, name: str) -> bool:
        """Whether a knob without methods (`duplicate_events`, ...) strikes now."""
        return self._strike(name) is not None

    def _turn(self, name: str, value: Json | float | None) -> None:
        """Set one checked knob."""
        if name in SPEEDS:
            self._speeds[name] = float(value) if isinstance(value, int | float) else self._usual[name]
        elif value is None:
            self._active.pop(name, None)
        else:
            knob = DEFAULTS.get(name, {}) | (value if isinstance(value, dict) else {})
            if "for_seconds" in knob:
                knob["until"] = self._now() + knob["for_seconds"]
            self._active[name] = knob

    def _strike(self, name: str, method: str | None = None) -> Json | None:
        """Return the knob when it strikes, one count used up."""
        self._forget_expired()
        knob = self._active.get(name)
        if knob is None or (method is not None and method not in (knob.get("methods") or [method])):
            return None
        if "count" in knob:
            knob["count"] -= 1
            if knob["count"] <= 0:
                del self._active[name]
        return knob

    def _forget_expired(self) -> None:
        for name in [n for n, knob in self._active.items() if knob.get("until", float("inf")) <= self._now()]:
            del self._active[name]


def _check(name: str, value: object) -> None:
    """Raise DriverError unless the knob exists and the value is one for it."""
    if name in SPEEDS:
        if value is not None and (not isinstance(value, int | float) or isinstance(value, bool) or value < 0):
            raise DriverError(400, f"{name} is {value!r}, but must be a number from 0 up, or null.")
        return
    if name not in FIELDS:
        raise DriverError(400, f"There is no fault {name!r}; there are {', '.join([*FIELDS, *SPEEDS])} and clear.")
    if value is None:
        return
    if not isinstance(value, dict):
        raise DriverError(400, f"{name} is {value!r}, but must be an object with {', '.join(FIELDS[name])}, or null.")
    for key, given in value.items():
        _check_member(name, key, given)


def _check_member(name: str, key: str, given: object) -> None:
    """Raise DriverError unless the knob has this member and it is of the right kind."""
    wanted = FIELDS[name].get(key)
    if wanted is None:
        raise DriverError(400, f"{name} has no {key!r}; it has {', '.join(FIELDS[name])}.")
    if not isinstance(given, wanted) or isinstance(given, bool):
        raise DriverError(400, f"{name}.{key} is {given!r}, which is not of the right kind.")
    if key == "mode" and given not in MODES:
        raise DriverError(400, f"{name}.mode is {given!r}, but can be {' or '.join(MODES)}.")
    if isinstance(given, int | float) and given < (1 if key == "count" else 0):
        raise DriverError(400, f"{name}.{key} is {given!r}, which is too small.")
