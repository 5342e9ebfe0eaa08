"""Releases as local processes, swapped without dropping a request. The work is done by a process host of its own.

The host (integrations/_process_host) outlives the bot, so this adapter only talks to it; when nobody answers it starts
one, which brings back what was live. `stop_host` ends it with everything it runs, for ``slipway up`` when it ends.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from bot.domain.errors import GaveUp, NeverBuilt
from bot.domain.masking import Mask
from bot.domain.observation import LogChunk, Observed, Phase
from bot.domain.target import Target
from bot.plugins import BackendKind, Surroundings
from bot.ports import Backend, Desired, Section
from integrations._durations import Duration
from integrations._process_host.client import Client
from integrations._process_host.client import start_host as start_host
from integrations._process_host.client import stop_host as stop_host
from integrations._process_host.record import Wish
from integrations._process_host.standing import deployed_ports as deployed_ports
from integrations._process_host.standing import held_ports as held_ports

_TO_BE_BUILT = "what is built first"
_RESERVED = ("PORT", "SLIPWAY_VERSION", "SLIPWAY_COMMIT")
_LONGEST_SHOWN = 300  # characters of a line


class Config(BaseModel):
    """A target's `backend` section: what to run, where it is reached, and how it shows that it is well.

    `port` is the public port on this machine; the program itself listens where ``PORT`` says. `run` is found in the
    unpacked artefact or on PATH. `grace` is how long an old version may finish, `start_within` how long a new one
    may take until `health` answers 2xx.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["process"] = "process"
    port: int = Field(ge=1, le=65535, description="the public port on this machine")
    run: list[str] = Field(min_length=1, description="the program and its arguments")
    health: str = Field("/", description="the path that answers 2xx when it is well")
    grace: Duration = Field(timedelta(seconds=5), description="how long an old version may finish")
    start_within: Duration = Field(timedelta(seconds=20), description="how long a new one may take until it is well")
    environment: dict[str, str] = Field(default_factory=dict, description="more variables for the program")

    @property
    def claims(self) -> dict[str, str]:
        """Return what no other target may have."""
        return {"port": f"port {self.port} of this machine"}

    @field_validator("health")
    @classmethod
    def _is_path(cls, value: str) -> str:
        if not value.startswith("/") or any(mark.isspace() for mark in value):
            raise ValueError(f"“{value}” is not a path: it begins with / and has no spaces, such as /api/health")
        return value

    @field_validator("environment")
    @classmethod
    def _leaves_ours_alone(cls, value: dict[str, str]) -> dict[str, str]:
        for name in _RESERVED:
            if name in value:
                raise ValueError(f"{name} is set by Slipway: leave it out")
        return value


class Processes:
    """Implements `bot.ports.Backend`, `Output` and `Preview`, and `Logs` for the keys it was asked to apply."""

    def __init__(self, client: Client, mask: Mask) -> None:
        self._client, self._mask = client, mask

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        named = {"service": target.service, "environment": target.environment}
        await self._client.ask("apply", body={**named, "wish": asdict(_wish(target, desired, key))})

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:  # noqa: ARG002 - the host knows
        """See `bot.ports.Backend`."""
        said = await self._client.ask("observe", {"target": str(target), "key": key})
        seen = _OBSERVED.validate_json(said) or Observed(Phase.ABSENT, detail="nothing was ever deployed there")
        return replace(seen, detail=self._mask.lines(seen.detail, _LONGEST_SHOWN))

    async def tail(self, *, key: str, offset: int = 0) -> LogChunk:
        """See `bot.ports.Logs`. The key may be a target's name as well, for what is live there."""
        return _LOG_CHUNK.validate_json(await self._client.ask("log", {"key": key, "offset": str(offset)}))

    async def output(self, target: Target, *, config: Section, since: datetime, most: int) -> str:  # noqa: ARG002 - the host knows
        """See `bot.ports.Output`."""
        asked = {"target": str(target), "since": str(since.timestamp()), "most": str(most)}
        return _TEXT.validate_json(await self._client.ask("output", asked))

    async def preview(self, target: Target, desired: Desired) -> Sequence[str]:
        """See `bot.ports.Preview`. Of the environment only names are told: a value may be a secret.

        A release that is not built yet has everything but its digest.
        """
        live = _WISH.validate_json(await self._client.ask("live", {"target": str(target)}))
        release = replace(desired.release, digest=desired.release.digest or _TO_BE_BUILT)
        return _differences(live, _wish(target, replace(desired, release=release), "preview"))


_TEXT, _WISH = TypeAdapter(str), TypeAdapter[Wish | None](Wish | None)
_OBSERVED: TypeAdapter[Observed | None] = TypeAdapter(Observed | None)
_LOG_CHUNK = TypeAdapter(LogChunk)


def _wish(target: Target, desired: Desired, key: str) -> Wish:
    """Say to the host what it should run; `GaveUp` for what cannot be run whoever asks."""
    release = desired.release
    if release.digest is None:
        raise NeverBuilt(f"{release.service} {release.version} was never built, so there is no artefact to run")
    try:
        config = Config.model_validate(dict(desired.config))
    except ValidationError as error:
        raise GaveUp(f"the backend section of {target} is wrong: {_words(error)}") from error
    return Wish(
        key=key,
        digest=release.digest,
        version=release.version,
        commit=release.commit.id,
        port=config.port,
        run=config.run,
        health=config.health,
        grace=config.grace.total_seconds(),
        start_within=config.start_within.total_seconds(),
        environment=config.environment,
    )


def _differences(live: Wish | None, wanted: Wish) -> list[str]:
    """Say what a wish would change of what is live: a line each."""
    if live is None:
        return [f"nothing runs there; {wanted.version} would be started on port {wanted.port}"]
    lines = [
        f"{name}: {_plain(old)} → {_plain(new)}"
        for name in ("version", "digest", "port", "run", "health", "grace", "start_within")
        if (old := getattr(live, name)) != (new := getattr(wanted, name))
    ]
    names = sorted(live.environment.keys() | wanted.environment.keys())
    return lines + [f"environment: {one} {how}" for one in names if (how := _how(live, wanted, one))]


def _how(live: Wish, wanted: Wish, name: str) -> str:
    """Say what becomes of a variable, without its value."""
    if name not in live.environment:
        return "is new"
    if name not in wanted.environment:
        return "is gone"
    return "has another value" if live.environment[name] != wanted.environment[name] else ""


def _plain(value: object) -> str:
    match value:
        case list():
            return " ".join(str(word) for word in value)
        case float():
            return f"{value:g}s"
        case _:
            digest = str(value).startswith("sha256:")
            return str(value).removeprefix("sha256:")[:12] if digest else str(value)


def _words(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())


@contextlib.asynccontextmanager
async def _open(surroundings: Surroundings) -> AsyncIterator[Backend]:
    async with Client(surroundings.data) as client:
        yield Processes(client, surroundings.mask)


BACKEND = BackendKind("process", Config, _open)
