"""What GitHub's refusals mean: whether to come back, when, and what a person has to mend.

The rules are GitHub's own (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api):
`retry-after` says how long; no requests left, and `x-ratelimit-reset` says until when; else it is a minute.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from gidgethub import HTTPException

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from integrations._github.account import Account

_MOST_SHOWN = 400  # characters of GitHub's words
_A_MINUTE = timedelta(minutes=1)
_LIMITS = (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


class NotTaken(Retry):
    """Not now, and certainly nothing was done: GitHub was never reached, or said no before it looked."""


class Forbidden(GaveUp):
    """The secret is good, and does not allow this."""


class Conflict(GaveUp):
    """It cannot be done to what is there, as it stands."""


class Missing(GaveUp):
    """There is no such thing, or nothing that we may see."""


def refusal(error: HTTPException, about: str, account: Account) -> Retry | GaveUp:
    """Say what an answer that is no success means; `about` names what was asked for."""
    access, now = account.access, account.now()
    status, said = error.status_code, _said(error, account.mask)
    pause = _pause(error, now)
    if pause is not None:
        return NotTaken(f"GitHub asks to wait: {said}", after=pause)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Retry(f"GitHub could not answer: {said}")
    if status == HTTPStatus.UNAUTHORIZED:
        return GaveUp(f"GitHub does not accept the secret {access.secret}: {said}. Renew it")
    if status == HTTPStatus.FORBIDDEN:
        return Forbidden(
            f"the secret {access.secret} does not allow {about} of {access.repository}: {said}{_needs(error)}"
        )
    if status == HTTPStatus.NOT_FOUND:
        return Missing(
            f"GitHub knows no {about} in {access.repository}: {said}. "
            f"Either it is not there, or the secret {access.secret} gives no access to it: the answer is the same"
        )
    if status == HTTPStatus.CONFLICT:
        return Conflict(f"GitHub refuses {about} of {access.repository}: {said}")
    if status < HTTPStatus.BAD_REQUEST:
        return GaveUp(f"{access.repository} has moved: {said}. Write the name it has now")
    return GaveUp(f"GitHub refuses {about} of {access.repository}: {said}")


def _said(error: HTTPException, mask: Mask) -> str:
    """Return GitHub's words, the status, and the request's number, which GitHub's support asks for."""
    request = error.headers.get("x-github-request-id")
    return f"{mask.line(str(error), _MOST_SHOWN)} ({int(error.status_code)}{f', request {request}' if request else ''})"


def _needs(error: HTTPException) -> str:
    needed = error.headers.get("x-accepted-github-permissions")
    return f". It needs {needed}" if needed else ""


def _pause(error: HTTPException, now: datetime) -> timedelta | None:
    """Return how long a rate limit asks to wait; None when it is no rate limit."""
    if error.status_code not in _LIMITS:
        return None
    headers: Mapping[str, str] = error.headers
    if headers.get("retry-after", "").isdigit():
        return timedelta(seconds=int(headers["retry-after"]))
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        reset = datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), UTC)
        return max(reset - now, timedelta(seconds=1))
    limited = error.status_code == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in str(error).lower()
    return _A_MINUTE if limited else None
