"""Who holds a field, and since when, read off an object's managedFields.

https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

import re

from integrations._kubernetes.api import Json
from integrations._kubernetes.manifest import MANAGER
from integrations._kubernetes.reasons import Conflicted
from integrations._kubernetes.workload import Workload

_NAMED = re.compile(r'conflict with "(?P<manager>[^"]+)"')


def managers(no: Conflicted) -> frozenset[str]:
    """Return the field managers that hold what we would set."""
    return frozenset(named["manager"] for cause in no.held if (named := _NAMED.search(cause.message)))


def explained(no: Conflicted, place: Workload, seen: Json) -> str:
    """Say who holds which field, since when, and the two ways out."""
    held = [f"{cause.field.lstrip('.')} is held by {_who(cause.message, seen)}" for cause in no.held]
    names = ", ".join(sorted(managers(no)))
    return (
        f"{place} in {place.namespace} is left as it is: {'; '.join(held)}. "
        "Slipway takes a field from nobody unasked: "
        f"take the image out of what {names} applies, or write take_over: [{names}] in the catalog"
    )


def holder(workload: Json) -> str:
    """Say who changed a workload's pod template last, other than us."""
    others = [one for one in _entries(workload) if one.get("manager") != MANAGER and _holds_template(one)]
    latest = max(others, key=lambda one: str(one.get("time") or ""), default=None)
    return f" by {latest['manager']} at {latest.get('time')}" if latest else ""


def _who(message: str, seen: Json) -> str:
    named = _NAMED.search(message)
    manager = named["manager"] if named else message
    since = [str(one.get("time")) for one in _entries(seen) if one.get("manager") == manager and _holds_template(one)]
    return f"{manager} since {max(since)}" if since else manager


def _entries(thing: Json) -> list[Json]:
    found: list[Json] = thing["metadata"].get("managedFields") or []
    return found


def _holds_template(entry: Json) -> bool:
    return "f:template" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})
