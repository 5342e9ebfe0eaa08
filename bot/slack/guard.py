"""What stands before Bolt: only requests that Slack signed just now, and that are shaped as Slack shapes them, pass.

Bolt parses before it verifies, and answers 500 to a timestamp with letters, a body that is not UTF-8, JSON that is not
an object; it reads bodies of any size. So the order here is: size, timestamp, signature over the raw bytes, and only
then a look inside. What does not pass is answered 400 (malformed), 401 (not signed by Slack, or not just now) or 413
(too large), in one sentence that repeats nothing of what was sent.

What passes is handed on parsed (`Admitted.payload`), so that what was checked is what is acted on; a second parser
could read it differently. Bolt's own takes a slash command whose text contains the word “payload” for an empty one.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from bot.body import TooLarge, read
from bot.ports import Clock
from bot.slack.shape import Malformed, Payload, parse

LARGEST: Final = 1024 * 1024  # bytes; Slack's largest payloads carry a view of 250 kB twice
FRESH: Final = 300  # seconds between Slack's clock and ours, either way; Slack's own figure
_REMEMBERED = 20_000  # Slack sends an app at most 30,000 events an hour
_LONGEST_TIMESTAMP = 12  # digits
_MALFORMED, _FORGED, _TOO_LARGE = 400, 401, 413


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that Slack signed: its raw bytes, what they say, and whether these very bytes were admitted before.

    A repeat is somebody's copy and must not be acted on; an event that Slack sends again is signed anew and is none.
    """

    body: bytes
    payload: Payload
    repeat: bool
    signature: bytes


class _Refusal(Exception):  # noqa: N818 - it is an answer
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.answer = PlainTextResponse(sentence, status)


class Guard:
    """Admits requests signed with the secret; without one (Socket Mode only) it admits none."""

    def __init__(self, secret: str | None, clock: Clock) -> None:
        if secret is not None and not secret:
            raise ValueError("the signing secret is empty, so anybody could sign with it")
        self._key = secret.encode() if secret is not None else None
        self._clock = clock
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    async def admit(self, request: Request) -> Admitted | Response:
        """Return the request, verified and parsed, or the answer that refuses it; never raises."""
        try:
            headers = dict(request.scope["headers"])
            key, timestamp, claimed = self._claim(headers)
            body = await read(request, most=LARGEST)
            signature = _verified(key, timestamp, body, claimed)
            payload = parse(body, headers.get(b"content-type", b""))
        except _Refusal as no:
            return no.answer
        except Malformed as no:
            return PlainTextResponse(no.sentence, _MALFORMED)
        except TooLarge:
            return PlainTextResponse("The request is too large.", _TOO_LARGE)
        except ClientDisconnect:
            return PlainTextResponse("The request is not complete.", _MALFORMED)
        return Admitted(body, payload, self._repeats(signature, int(timestamp)), signature)

    def forget(self, admitted: Admitted) -> None:
        """Admit a request's copy as if it were the first, because acting on it has failed."""
        self._seen.pop(admitted.signature, None)

    def _claim(self, headers: Mapping[bytes, bytes]) -> tuple[bytes, bytes, bytes]:
        """Return what there is to verify with: the key, the timestamp, and the claimed signature."""
        if self._key is None:
            raise _Refusal(_FORGED, "Nothing is taken here: this Slipway listens by Socket Mode.")
        timestamp = headers.get(b"x-slack-request-timestamp")
        claimed = headers.get(b"x-slack-signature")
        if timestamp is None or claimed is None:
            raise _Refusal(_FORGED, "The request is not signed.")
        if not timestamp.isdigit() or len(timestamp) > _LONGEST_TIMESTAMP:
            raise _Refusal(_MALFORMED, "The timestamp is not a whole number of seconds.")
        if abs(self._clock.now().timestamp() - int(timestamp)) > FRESH:
            raise _Refusal(_FORGED, "The request is too old, or of the future.")
        return self._key, timestamp, claimed

    def _repeats(self, signature: bytes, timestamp: int) -> bool:
        """Whether this signature was seen; remember it for as long as it is fresh."""
        if signature in self._seen:
            return True
        oldest_fresh = int(self._clock.now().timestamp()) - FRESH
        while self._seen and (len(self._seen) >= _REMEMBERED or next(iter(self._seen.values())) < oldest_fresh):
            self._seen.popitem(last=False)
        self._seen[signature] = timestamp
        return False


def _verified(key: bytes, timestamp: bytes, body: bytes, claimed: bytes) -> bytes:
    """Return the signature when the claimed one is it."""
    signature = b"v0=" + hmac.digest(key, b"v0:" + timestamp + b":" + body, hashlib.sha256).hex().encode()
    if not hmac.compare_digest(signature, claimed):
        raise _Refusal(_FORGED, "The signature is wrong.")
    return signature
