"""Releases as a service of a compose file: one more container beside the old one, and the old one goes.

``docker compose`` is used where it is, else ``docker-compose`` (integrations/_docker/program.py says what differs).
What they print and how they end is not believed: the engine is asked what runs.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
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
from integrations._process_host.address import home
from integrations._process_host.client import Client
from integrations.detached import Detached


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
        data = home(folder(self.surroundings))

        def asked(invocation: Invocation, key: str) -> dict[str, object]:
            mark, secrets = labels.mark(self.home, target, key), self.secrets(section)
            own = _own(folder(self.surroundings) / "one-off", mark)
            image = images.fetched(self.engine(section), section.image, digest)
            marked = {labels.HOME: self.home, labels.RUN: mark}
            compose.write(own.with_suffix(".json"), section, image, {}, secrets, {"labels": marked})
            name = f"{section.project}-{section.service}-run-{mark}"
            argv = _run(section, own, name, invocation)
            environment = {**secrets, **running.told(invocation), **program.reached(section)}
            where = {"folder": str(Path(section.files[0]).parent), "lock": str(compose.lock_of(data, section))}
            return {"engine": section.engine, "name": name, "argv": argv, "environment": environment, **where}

        detached = Detached(folder(self.surroundings), self.surroundings.clock)
        return running.Attended(detached, self.engine(section).threads, asked)

    async def inspect(self, target: Target, desired: Desired) -> ImageFacts:
        """See `bot.ports.Inspector`."""
        section = self.section(target, desired.config)
        return await self.engine(section).threads.deed(self._facts, section, built(desired))

    def _facts(self, section: Config, digest: str) -> ImageFacts:
        chosen = program.installed()
        service, named = _service(chosen, section), f"services.{section.service}"
        user = str(service["user"]) if service.get("user") else None
        return images.facts(
            self.engine(section),
            section.image,
            digest,
            user,
            {
                "user_field": f"{named}.user in {section.files[-1]}" if user else "USER in the Dockerfile",
                "limits": chosen.limits(service),
                "limits_field": f"{chosen.limits_field(section.service)} in {section.files[-1]}",
            },
        )


def _own(ours: Path, mark: str) -> Path:
    """Return a folder that any user of a container may leave a result in, and on this machine nobody but us."""
    ours.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours.chmod(0o700)  # it may be from before this was so
    own = ours / mark
    own.mkdir(exist_ok=True)
    own.chmod(0o777)
    return own


def _run(section: Config, own: Path, name: str, invocation: Invocation) -> list[str]:
    """Return how compose starts one command in a container of that name; its result lands in a folder of ours."""
    chosen = program.installed()
    options = [word for variable in running.told(invocation) for word in ("-e", variable)]
    options += ["--volume", f"{own}:{FOLDER}", *(["--workdir", invocation.folder] if invocation.folder else [])]
    words = chosen.run(section.service, name, options, invocation.argv)
    return [*chosen.argv, *program.arguments(section, own.with_suffix(".json")), *words]


def _service(chosen: program.Program, section: Config) -> Mapping[str, object]:
    """Return the service as compose understands it, all its files together."""
    printed = program.call([*chosen.argv, *program.arguments(section), "config"], section, {})
    whole = YAML(typ="safe", pure=True).load(printed)
    return dict(whole["services"][section.service])


def _open(surroundings: Surroundings) -> AbstractAsyncContextManager[Backend]:
    return opened(surroundings, Compose)


BACKEND = BackendKind("compose", Config, _open)
