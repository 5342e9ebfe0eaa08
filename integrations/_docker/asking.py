"""The bot's side of both backends: the host is asked to swap, the engine is asked to show."""

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.domain.errors import GaveUp, NeverBuilt, Retry
from bot.domain.observation import Finding, Observed, Phase
from bot.domain.target import Target
from bot.plugins import Surroundings
from bot.ports import Backend, Desired, Section
from integrations._docker import labels
from integrations._docker.engine import Engine, Seen
from integrations._docker.examining import examined
from integrations._docker.record import Wish
from integrations._docker.section import Served
from integrations._environment import ENGINE
from integrations._newest import newest
from integrations._process_host.address import containers, home, mark
from integrations._process_host.client import Client, Program, start_host

CONTAINERS = Program("container host", "integrations._docker", ENGINE)
_READS_WITHIN = 60.0  # seconds, for what a container printed
_OBSERVED: TypeAdapter[Observed | None] = TypeAdapter(Observed | None)

Model = TypeVar("Model", bound=Served)


class Asking(Generic[Model]):
    """Implements `bot.ports.Backend`, `Output` and `Preview`. What is different between backends is in their files."""

    def __init__(self, model: type[Model], surroundings: Surroundings, client: Client) -> None:
        self._model, self._client = model, client
        self.surroundings = surroundings
        self.home = mark(folder(surroundings))
        self._engines: dict[str | None, Engine] = {}

    async def apply(self, target: Target, desired: Desired, *, key: str) -> None:
        """See `bot.ports.Backend`."""
        section, release = self.section(target, desired.config), desired.release
        wish = Wish(key, built(desired), release.version, release.commit.id, section.model_dump(mode="json"))
        told = {**asdict(wish), "secrets": self.secrets(section)}
        named = {"service": target.service, "environment": target.environment}
        await self._client.ask("apply", body={**named, "wish": told})

    async def observe(self, target: Target, *, key: str, config: Section) -> Observed:  # noqa: ARG002 - the host knows
        """See `bot.ports.Backend`."""
        said = await self._client.ask("observe", {"target": str(target), "key": key})
        return _OBSERVED.validate_json(said) or Observed(Phase.ABSENT, detail="nothing was ever deployed there")

    async def output(self, target: Target, *, config: Section, since: datetime, most: int) -> str:
        """See `bot.ports.Output`."""
        engine = self.engine(self.section(target, config))
        live = await self._live(target, engine, config)
        if live is None:
            return ""
        return await engine.threads.look(_newest, engine, live.id, since, most, within=_READS_WITHIN)

    async def preview(self, target: Target, desired: Desired) -> Sequence[str]:
        """See `bot.ports.Preview`."""
        section, digest = self.section(target, desired.config), built(desired)
        live = await self._live(target, self.engine(section), desired.config)
        before = live.labels.get(labels.DIGEST) if live else None
        image = [] if before == digest else [f"image: {_short(before)} → {_short(digest)}"]
        return [*image, *_changed(labels.section_of(live.labels) if live else {}, section.model_dump(mode="json"))]

    async def examine(self, target: Target, *, config: Section) -> Sequence[Finding]:
        """See `bot.ports.Examined`."""
        section = self.section(target, config)
        engine = self.engine(section)
        return await engine.threads.look(examined, engine, section)

    def section(self, target: Target, config: Section) -> Model:
        """Return the target's section, checked; `GaveUp` says what is wrong with it."""
        try:
            return self._model.model_validate(dict(config))
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise GaveUp(f"the backend section of {target} is wrong: {wrong}") from error

    def secrets(self, section: Served) -> dict[str, str]:
        """Return the secrets that the section names, by their variables."""
        return {variable: self.surroundings.secrets.read(name) for variable, name in section.secrets.items()}

    def engine(self, section: Served) -> Engine:
        """Return the section's engine, the same one every time."""
        if section.engine not in self._engines:
            self._engines[section.engine] = Engine(section.engine)
        return self._engines[section.engine]

    def close(self) -> None:
        """Let go of every engine."""
        for engine in self._engines.values():
            engine.close()

    async def _live(self, target: Target, engine: Engine, config: Section) -> Seen | None:
        """Look for the container that serves."""
        key = (await self.observe(target, key="", config=config)).key
        if key is None:
            return None
        marked = f"{labels.MARK}={labels.mark(self.home, target, key)}"
        return next(iter(await engine.threads.look(labels.bearing, engine, marked)), None)


def folder(surroundings: Surroundings) -> Path:
    """Return the folder of the host that swaps containers."""
    return containers(surroundings.data)


@contextlib.asynccontextmanager
async def opened(
    surroundings: Surroundings, make: Callable[[Surroundings, Client], Asking[Model]]
) -> AsyncIterator[Backend]:
    """Open a backend. Where something is live already, its public port is held again before anybody asks."""
    data = folder(surroundings)
    async with Client(data, CONTAINERS) as client:
        if any(home(data).glob("targets/*/record.json")):
            with contextlib.suppress(Retry):  # whoever asks later tries again, and is told why
                await start_host(data, CONTAINERS)
        backend = make(surroundings, client)
        try:
            yield backend
        finally:
            backend.close()


def built(desired: Desired) -> str:
    """Return the digest of the release's image; `GaveUp` when it was never built."""
    release = desired.release
    if release.digest is None:
        raise NeverBuilt(f"{release.service} {release.version} was never built, so there is no image to run")
    return release.digest


def _newest(engine: Engine, container: str, since: datetime, most: int) -> str:
    return newest(engine.output(container, since=since), most).decode(errors="replace")


def _changed(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Return what the catalog says otherwise than when the container that serves was made."""
    lines = []
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        if old != new:
            lines += [f"- {name}: {old}"] if old not in (None, {}, []) else []
            lines += [f"+ {name}: {new}"] if new not in (None, {}, []) else []
    return lines


def _short(digest: str | None) -> str:
    return digest.removeprefix("sha256:")[:12] if digest else "nothing"
