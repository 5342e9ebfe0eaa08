"""Releases as containers of the Docker Engine, swapped without dropping a request.

A container host of our own does the swap, and holds the public port (integrations/_docker says how); this adapter asks
it, and asks the engine what there is to show. `integrations.docker` is this file, `docker` the library.
"""

from contextlib import AbstractAsyncContextManager

from bot.domain.observation import ImageFacts
from bot.domain.target import Target
from bot.plugins import BackendKind, Surroundings
from bot.ports import Backend, Desired, Invocation, LoggedRunner
from integrations._docker import images, labels, running
from integrations._docker.asking import Asking, built, folder, opened
from integrations._docker.containers import settings
from integrations._docker.one_off import FOLDER
from integrations._docker.section import Container as Config
from integrations._process_host.client import Client
from integrations.detached import Detached


class Docker(Asking[Config]):
    """Implements `bot.ports.Backend`, and `RunsThere`, `Output`, `Preview` and `Inspector`."""

    def __init__(self, surroundings: Surroundings, client: Client) -> None:
        super().__init__(Config, surroundings, client)

    def runner(self, target: Target, desired: Desired) -> LoggedRunner:
        """See `bot.ports.RunsThere`. It has the target's settings, but no port, no alias and no limit to writing."""
        section, digest = self.section(target, desired.config), built(desired)

        def asked(invocation: Invocation, key: str) -> dict[str, object]:
            mark = labels.mark(self.home, target, key)
            options = {
                **settings(section),
                "labels": {labels.HOME: self.home, labels.RUN: mark},
                "environment": {**section.environment, **self.secrets(section), **running.told(invocation)},
                "command": list(invocation.argv),
                "working_dir": invocation.folder,
                "volumes": [*section.volumes, FOLDER],
            }
            name = f"{target.service}-{target.environment}-run-{mark}"
            image = {"engine": section.engine, "repository": section.image, "digest": digest}
            return {**image, "name": name, "options": options}

        detached = Detached(folder(self.surroundings), self.surroundings.clock)
        return running.Attended(detached, self.engine(section).threads, asked)

    async def inspect(self, target: Target, desired: Desired) -> ImageFacts:
        """See `bot.ports.Inspector`."""
        section = self.section(target, desired.config)
        limits = {"memory": section.memory, "cpu": section.cpus and f"{section.cpus:g}"}
        engine = self.engine(section)
        return await engine.threads.deed(
            images.facts,
            engine,
            section.image,
            built(desired),
            section.user,
            {
                "user_field": "`user` of the backend section" if section.user else "USER in the Dockerfile",
                "limits": {name: value for name, value in limits.items() if value},
                "limits_field": "`memory` and `cpus` of the backend section",
            },
        )


def _open(surroundings: Surroundings) -> AbstractAsyncContextManager[Backend]:
    return opened(surroundings, Docker)


BACKEND = BackendKind("docker", Config, _open)
