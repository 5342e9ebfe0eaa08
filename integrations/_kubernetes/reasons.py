"""The cluster's no, as one of ours: `Retry` for what passes, `GaveUp` for what does not, in the API server's words.

An API server says no with a `Status`: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask

_MOST = 600  # characters of an answer that is no Status


class Missing(GaveUp):
    """There is no such object, or no such namespace."""


class Expired(GaveUp):
    """The resource version to go on from is no longer kept: read anew."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One field that somebody else holds."""

    field: str
    message: str


class Conflicted(Retry):
    """Somebody changed it meanwhile; or, when there are `held` fields, others hold what we would set."""

    def __init__(self, reason: str, kind: str, held: Sequence[Cause]) -> None:
        super().__init__(reason)
        self.kind = kind
        self.held = held


def no(status: int, body: bytes, headers: Mapping[str, str], mask: Mask) -> Retry | GaveUp:
    """Return what an answer that is not 2xx means."""
    said = _status(body, mask)
    words = str(said.get("message") or f"HTTP {status}")
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return GaveUp(f"the cluster does not let us in: {words} (401); the credentials have expired, or are wrong")
        case HTTPStatus.FORBIDDEN:
            return GaveUp(f"{words} (403); “slipway doctor” prints the role that grants what is missing")
        case HTTPStatus.NOT_FOUND:
            return Missing(words)
        case HTTPStatus.CONFLICT:
            return Conflicted(words, str(said.get("reason")), _held(said))
        case HTTPStatus.GONE:
            return Expired(words)
        case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.REQUEST_TIMEOUT:
            return Retry(f"the cluster is busy: {words}", after=_after(headers))
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Retry(f"the cluster cannot answer now: {words}", after=_after(headers))
        case _:
            return GaveUp(f"the cluster refuses it: {words}")


def _status(body: bytes, mask: Mask) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"message": mask.beginning(body.decode(errors="replace").strip(), _MOST)}


def _held(said: dict[str, Any]) -> tuple[Cause, ...]:
    causes = (said.get("details") or {}).get("causes") or []
    return tuple(
        Cause(str(cause.get("field")), str(cause.get("message")))
        for cause in causes
        if cause.get("reason") == "FieldManagerConflict"
    )


def _after(headers: Mapping[str, str]) -> timedelta | None:
    seconds = headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None
