"""What every API of Prometheus' family wants to be shown, and how far its answers are read."""

import base64
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

from bot.domain.errors import GaveUp
from bot.ports import Secrets

SHUT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Credentials:
    """How one gets in: a bearer token, or a user and a password. `token` and `password` are names of secrets."""

    secrets: Secrets
    token: str | None = None
    user: str | None = None
    password: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers that show it; none where nothing is wanted."""
        if self.token is not None:
            return {"Authorization": f"Bearer {self.secrets.read(self.token)}"}
        if self.user is not None and self.password is not None:
            pair = f"{self.user}:{self.secrets.read(self.password)}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        return {}

    def shut_out(self, whom: str, status: int) -> GaveUp:
        """Return that somebody does not let us in, and which secret to look at."""
        secret = self.token or self.password
        which = f"the secret {secret}" if secret else "it wants a `token`, or a `user` and `password`"
        return GaveUp(f"{whom} does not let us in (HTTP {status}): {which}")


async def body(content: aiohttp.StreamReader, *, most: int, whose: str, instead: str) -> bytes:
    """Read an answer to its end; `GaveUp` when that is further than `most` bytes, and what to do instead."""
    read = bytearray()
    async for piece in content.iter_any():
        read += piece
        if len(read) > most:
            raise GaveUp(f"{whose} answer is longer than {most} bytes: {instead}")
    return bytes(read)
