"""What an S3-compatible store answers, as `Retry` or `GaveUp` in its own words.

obstore gives the answer's body within the error's text, and everything it knows of itself after it; of all that a
person is shown S3's code and sentence, or what the network said.
"""

import contextlib
import re
from collections.abc import Iterator

from obstore.exceptions import BaseError

from bot.domain.errors import GaveUp, Retry

_STATUS = re.compile(r"\bstatus(?: code)?: ([1-5][0-9]{2})\b")
_CODE = re.compile(r"<Code>([^<]{1,100})</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,500})</Message>")
_NETWORK = re.compile(r'message: "([^"]{1,200})"|\b(TimedOut|IncompleteMessage|ConnectionReset)\b')
_FOR_NOW = {408, 409, 412, 429}
_FOR_NOW_CODES = {"RequestTimeout", "SlowDown"}
_NOT_IMPLEMENTED = 501


@contextlib.contextmanager
def answers(store: str) -> Iterator[None]:
    """Turn what a store refuses, and what comes between, into the two kinds of no."""
    try:
        yield
    except (BaseError, FileNotFoundError, PermissionError, TimeoutError) as error:
        raise _no(store, str(error)) from error


def is_missing_key(error: Exception) -> bool:
    """Whether a 404 is about the object and not about the bucket."""
    return "NoSuchBucket" not in str(error)


def _no(store: str, text: str) -> Retry | GaveUp:
    status = int(found[1]) if (found := _STATUS.search(text)) else 0
    code = found[1] if (found := _CODE.search(text)) else ""
    words = ": ".join(word for word in (code or str(status or ""), _sentence(text)) if word)
    if status == _NOT_IMPLEMENTED:
        return GaveUp(f"{store}: {words}; if it knows no conditional writes, say “conditional: false”")
    if 400 <= status < 500 and status not in _FOR_NOW and code not in _FOR_NOW_CODES:  # noqa: PLR2004 - HTTP's own figures
        return GaveUp(f"{store}: {words}")
    return Retry(f"{store}: {words or 'no answer'}")


def _sentence(text: str) -> str:
    if found := _MESSAGE.search(text):
        return found[1]
    if found := _NETWORK.search(text):
        return found[1] or {"TimedOut": "it did not answer in time"}.get(found[2], "the connection was lost")
    return ""
