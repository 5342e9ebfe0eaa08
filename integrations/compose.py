"""Releases as a service of a compose file: one more container beside the old one, and the old one goes.

``docker compose`` is used where it is, else ``docker-compose`` (integrations/_docker/program.py says what differs).
What they print and how they end is not believed: the engine is asked what runs.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from ruamel.yaml import YAML

from bot.domain.observation import ImageFacts
from bot.domain.target import Target
from bot.plugins import BackendKind, Surroundings
from bot.ports import Backend, Desired, Invocation, LoggedRunner, Section
from integrations._docker import compose, images, labels, program, running
from integrations._docker.asking import Asking, built, folder, opened
from integrations._docker.one_off import FOLDER
from integrations._docker.section import Service as Config
from integrations._process_host.client import Client
from integrations.detached import Detached

_GRACE = "3s"  # for one-off work that takes too long; the detached runner waits no longer than 5


class Compose(Asking[Config]):
    """Implements `bot.ports.Backend`, and `RunsThere`, `Output`, `Preview` and `Inspector`."""

    def __init__(self, surroundings: Surroundings, client: Client) -> None:
        super().__init__(Config, surroundings, client)

    def section(self, target: Target, config: Section) -> Config:
        """Return the section with files that mean the same from every folder."""
        section = super().section(target, config)
        return section.model_copy(update={"files": tuple(str(Path(name).absolute()) for name in section.files)})

    def runner(self, target: Target, desired: Desired) -> LoggedRunner:
        """See `bot.ports.RunsThere`."""
        section, digest = self.section(target, desired.config), built(desired)

        def within(invocation: Invocation, own: Path) -> Invocation:
            image = images.fetched(self.engine(section), section.image, digest)
            own.mkdir(parents=True, exist_ok=True)
            own.chmod(0o777)  # whoever the image's user is leaves the result there
            secrets, told = self.secrets(section), running.told(invocation)
            marked = {labels.HOME: self.home, labels.RUN: own.name}
            override = own.parent / f"{own.name}.json"
            compose.write(override, section, image, {}, secrets, {"labels": marked, "stop_grace_period": _GRACE})
            options = [word for name in told for word in ("-e", name)] + ["--volume", f"{own}:{FOLDER}"]
            options += ["--workdir", invocation.folder] if invocation.folder else []
            chosen = program.installed()
            name = f"{section.project}-{section.service}-run-{own.name}"
            words = chosen.run(section.service, name, options, invocation.argv)
            argv = [*chosen.argv, *program.arguments(section, override), *words]
            environment = {**running.let_through(), **secrets, **told, **program.reached(section)}
            return replace(invocation, argv=argv, environment=environment, folder=str(Path(section.files[0]).parent))

        data = folder(self.surroundings)
        return running.Attended(Detached(data, self.surroundings.clock), data / "results", within)

    async def inspect(self, target: Target, desired: Desired) -> ImageFacts:
        """See `bot.ports.Inspector`."""
        return await asyncio.to_thread(self._facts, self.section(target, desired.config), built(desired))

    def _facts(self, section: Config, digest: str) -> ImageFacts:
        chosen = program.installed()
        service, named = _service(chosen, section), f"services.{section.service}"
        user = str(service["user"]) if service.get("user") else None
        return images.facts(
            self.engine(section),
            section.image,
            digest,
            user=user,
            user_field=f"{named}.user in {section.files[-1]}" if user else "USER in the Dockerfile",
            limits=chosen.limits(service),
            limits_field=f"{chosen.limits_field(section.service)} in {section.files[-1]}",
        )


def _service(chosen: program.Program, section: Config) -> Mapping[str, object]:
    """Return the service as compose understands it, all its files together."""
    printed = program.call([*chosen.argv, *program.arguments(section), "config"], section, {})
    whole = YAML(typ="safe", pure=True).load(printed)
    return dict(whole["services"][section.service])


def _open(surroundings: Surroundings) -> AbstractAsyncContextManager[Backend]:
    return opened(surroundings, Compose)


BACKEND = BackendKind("compose", Config, _open)
