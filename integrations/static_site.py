"""Releases as static files, in a directory that a web server serves or in an S3-compatible bucket.

The artefact is unpacked on this machine, checked, put where it is served from, and switched to in one step. The work
is done when `apply` returns; integrations/_static_site says what lies there, and what a crash leaves.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from obstore.store import S3Store

from bot.domain.errors import Retry
from bot.domain.observation import Finding, Observed
from bot.domain.target import Target
from bot.plugins import BackendKind, Surroundings
from bot.ports import Backend, Desired, Secrets, Section
from integrations._sections import checked
from integrations._static_site.bucket import InBucket
from integrations._static_site.config import Bucket, Config
from integrations._static_site.copies import Copied
from integrations._static_site.directory import Directory
from integrations._static_site.place import Place
from integrations._static_site.publishing import examined, look, preview, publish, wish

if TYPE_CHECKING:
    from obstore.store import S3Credential  # it is a name for types only

Answer = TypeVar("Answer")
_CONNECT, _ANSWER = timedelta(seconds=5), timedelta(seconds=60)


class StaticSites:
    """Implements `bot.ports.Backend`, `Preview` and `Examined`."""

    def __init__(self, surroundings: Surroundings, stopping: threading.Event) -> None:
        self._data, self._secrets, self._stopping = surroundings.data, surroundings.secrets, stopping
        self._store = self._data / "artefacts"

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        config = checked(Config, desired.config, target)
        record = wish(target, desired, config, key)
        await _done(lambda: publish(self._place(target, config), self._store, config, record))

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:
        """See `bot.ports.Backend`."""
        place = checked(Config, config, target)
        return await _done(lambda: look(self._place(target, place), key))

    async def preview(self, target: Target, desired: Desired) -> Sequence[str]:
        """See `bot.ports.Preview`: the paths that came (+), went (-) and changed (~)."""
        config = checked(Config, desired.config, target)
        digest = wish(target, desired, config, "").digest
        return await _done(lambda: preview(self._place(target, config), self._store, digest))

    async def examine(self, target: Target, *, config: Section) -> Sequence[Finding]:
        """See `bot.ports.Examined`."""
        named = checked(Config, config, target)
        return await _done(lambda: [examined(self._place(target, named), named.directory)])

    def _place(self, target: Target, config: Config) -> Place:
        if config.bucket is None:
            return Directory(Path(str(config.directory)))
        room = self._data / "static_site" / f"{target.service}@{target.environment}"
        kind = Copied if config.bucket.serve == "copies" else InBucket
        return kind(_opened(config.bucket, self._secrets), config, config.bucket, room, self._stopping)


async def _done(work: Callable[[], Answer]) -> Answer:
    """Do blocking work in a thread; what the machine's own disk refuses may go well later."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise Retry(f"cannot publish: {error.strerror or error}: {error.filename}") from error


def _opened(bucket: Bucket, secrets: Secrets) -> S3Store:
    token = secrets.read(bucket.session_token) if bucket.session_token else None
    return _client(bucket, secrets.read(bucket.access_key), secrets.read(bucket.secret_key), token)


@lru_cache(maxsize=32)
def _client(bucket: Bucket, access_key: str, secret_key: str, token: str | None) -> S3Store:
    """Return the client of a bucket. It never tries again by itself: that is the engine's to say.

    obstore would fill from ``AWS_…`` in the bot's own environment what is not said here, a session token too.
    """

    def credentials() -> "S3Credential":
        return {"access_key_id": access_key, "secret_access_key": secret_key, "token": token, "expires_at": None}

    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        region=bucket.region,
        endpoint=bucket.endpoint or f"https://s3.{bucket.region}.amazonaws.com",
        virtual_hosted_style_request=False,
        skip_signature=False,
        credential_provider=credentials,
        client_options={"allow_http": True, "connect_timeout": _CONNECT, "timeout": _ANSWER},
        retry_config={"max_retries": 0, "retry_timeout": _ANSWER},
    )


@contextlib.asynccontextmanager
async def _open(surroundings: Surroundings) -> AsyncIterator[Backend]:
    stopping = threading.Event()
    try:
        yield StaticSites(surroundings, stopping)
    finally:
        stopping.set()


BACKEND = BackendKind("static_site", Config, _open)
