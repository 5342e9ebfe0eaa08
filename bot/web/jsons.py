"""`POST /webhooks/json/<route>`: what Grafana and others tell, read as the catalog says (`alerts.routes.<route>.json`).

A path leads from the body, or from an alert in it, to what is meant: `labels.alertname`, `events.0.title`. What a path
does not find is as if it had not been said; what it finds and cannot be read is refused, and the answer names it.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from starlette.routing import Route

from bot.catalog.monitors import JsonIntake
from bot.domain.alert import Alert, Told
from bot.domain.silence import shared
from bot.web import intake
from bot.web.intake import MALFORMED, Refusal
from bot.world import World

PATH: Final = "/webhooks/json/{route}"
MOST_ALERTS: Final = 20_000
MILLISECONDS: Final = 10**11  # a larger number of seconds is in the year 5138
_NAMED = {"summary": "summary", "description": "description", "runbook": "runbook_url", "dashboard": "dashboard_url"}
_NOTHING = (None, "")
_ZERO_YEAR = "0001-"  # how Go writes a time that is none


def route(world: World) -> Route:
    """Return the way in for monitors that are not Alertmanager."""

    def parsed(name: str, body: bytes) -> list[Told]:
        known = world.catalog.alerts.routes.get(name) if world.catalog.alerts else None
        shape = known.json_ if known is not None else None
        if shape is None:
            way = f"say under alerts.routes.{name[:40]} how its JSON is read, such as `json: {{ like: grafana }}`"
            raise Refusal(MALFORMED, f"The catalog does not say how this route's JSON is read; {way}.")
        return tell(shape.whole(), _object(body), now=world.clock.now())

    return intake.route(world, PATH, parsed)


def tell(shape: JsonIntake, body: object, *, now: datetime) -> list[Told]:
    """Return what a body tells, by its groups; a `Refusal` names the field that is wrong."""
    ones, where = ([body], "") if shape.alerts is None else (_found(body, shape.alerts), f"{shape.alerts}.")
    if not isinstance(ones, list):
        raise Refusal(MALFORMED, f"{shape.alerts}: a list of alerts was expected")
    if len(ones) > MOST_ALERTS:
        raise Refusal(MALFORMED, f"{shape.alerts}: more than {MOST_ALERTS} alerts")
    group = _text(body, shape.group, "")
    missing, link = _number(body, shape.missing), _text(body, shape.link, "")
    alerts = [_alert(shape, one, f"{where}{number}." if where else "", now) for number, one in enumerate(ones)]
    if group:
        return [Told(group, alerts, shared(alerts), missing, link)]
    return [Told(one.fingerprint, [one], one.labels, 0, link) for one in alerts]


def _object(body: bytes) -> object:
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Refusal(MALFORMED, "the body: it is not JSON that can be read") from error
    if not isinstance(found, dict):
        raise Refusal(MALFORMED, "the body: an object was expected")
    return found


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _alert(shape: JsonIntake, one: object, where: str, now: datetime) -> Alert:
    if not isinstance(one, dict):
        raise Refusal(MALFORMED, f"{where.rstrip('.') or 'the body'}: an object was expected")
    labels = _labels(shape, one, where)
    annotations = _words(one, shape.annotations, where)
    for name, known_as in _NAMED.items():
        annotations |= {known_as: said} if (said := _text(one, getattr(shape, name), where)) else {}
    firing = _fires(shape, one, where)
    return Alert(
        _text(one, shape.fingerprint, where) or intake.fingerprint(labels.items()),
        labels,
        _moment(one, shape.starts_at, where) or now,
        None if firing else _moment(one, shape.ends_at, where) or now,
        annotations,
        _text(one, shape.source, where),
    )


def _labels(shape: JsonIntake, one: object, where: str) -> dict[str, str]:
    labels = _words(one, shape.labels, where)
    labels |= {name: said for name, path in shape.label.items() if (said := _text(one, path, where))}
    name = _text(one, shape.name, where) or labels.get("alertname", "")
    if not name:
        path = shape.name or "name"
        raise Refusal(MALFORMED, f"{where}{path}: it says what the alert is called, and is missing")
    severity = _text(one, shape.severity, where) or labels.get("severity", "")
    meant = {word.lower(): ours for word, ours in shape.severities.items()}.get(severity.lower(), severity)
    return labels | {"alertname": name} | ({"severity": meant} if meant else {})


def _fires(shape: JsonIntake, one: object, where: str) -> bool:
    said = _text(one, shape.status, where).lower()
    if not said or said in {word.lower() for word in shape.firing}:
        return True
    if said in {word.lower() for word in shape.resolved}:
        return False
    words = ", ".join([*shape.firing[:5], *shape.resolved[:5]])
    raise Refusal(MALFORMED, f"{where}{shape.status}: neither that it fires nor that it does not; known are {words}")


def _found(thing: object, path: str | None) -> object:
    """Return what a path leads to, or None."""
    for part in path.split(".") if path else ():
        match thing:
            case dict():
                thing = thing.get(part)
            case list() if part.isascii() and part.isdecimal() and len(part) < 6 and int(part) < len(thing):  # noqa: PLR2004 - digits
                thing = thing[int(part)]
            case _:
                return None
    return thing if path else None


def _text(thing: object, path: str | None, where: str) -> str:
    """Return what a path leads to as text; empty where it leads to nothing."""
    match _found(thing, path):
        case None:
            return ""
        case bool() as yes:
            return "1" if yes else "0"
        case str() | int() | float() as said:
            return str(said)
        case _:
            raise Refusal(MALFORMED, f"{where}{path}: a text was expected")


def _words(thing: object, path: str | None, where: str) -> dict[str, str]:
    """Return an object of texts; what is nested in it is written as JSON."""
    found = _found(thing, path)
    if found in _NOTHING:
        return {}
    if not isinstance(found, Mapping):
        raise Refusal(MALFORMED, f"{where}{path}: an object was expected")
    return {
        name: said if isinstance(said, str) else json.dumps(said) for name, said in found.items() if said is not None
    }


def _number(thing: object, path: str | None) -> int:
    found = _found(thing, path)
    if found is None:
        return 0
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise Refusal(MALFORMED, f"{path}: a number was expected")
    return found


def _moment(thing: object, path: str | None, where: str) -> datetime | None:
    """Return a moment; None where none is said."""
    found = _found(thing, path)
    if found in _NOTHING or found == 0 or (isinstance(found, str) and found.startswith(_ZERO_YEAR)):
        return None
    try:
        if isinstance(found, str) and not found.replace(".", "", 1).isdecimal():
            return datetime.fromisoformat(found)
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            number = float(found)
            return datetime.fromtimestamp(number / 1000 if number >= MILLISECONDS else number, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refusal(MALFORMED, f"{where}{path}: it is no moment") from error
    raise Refusal(MALFORMED, f"{where}{path}: a moment was expected")
