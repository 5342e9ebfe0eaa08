"""How the docker backend makes a container of a release. What it is called says its key, so that there is one."""

from collections.abc import Mapping

from docker.utils import parse_bytes

from bot.domain.errors import GaveUp, Retry
from integrations._docker import images, labels
from integrations._docker.engine import Engine, Seen
from integrations._docker.record import Record, Wish
from integrations._docker.section import Container
from integrations._process_host.child import free_port

_TRIES = 3
_TAKEN = ("port is already allocated", "address already in use")


class Containers:
    """Implements `making.Maker`."""

    alone = False

    def __init__(self, engine: Engine, section: Container, record: Record, home: str) -> None:
        self._engine, self._section, self._record, self._home = engine, section, record, home

    def check(self, wish: Wish) -> None:
        """See `making.Maker`."""
        if images.found(self._engine, self._section.image, wish.digest) is None:
            images.insist_on_repository(self._section.image, wish.digest)

    def make(self, wish: Wish, secrets: Mapping[str, str]) -> Seen:
        """See `making.Maker`."""
        name = self._name(wish)
        for _ in range(_TRIES):
            made = self._engine.container(name) or self._created(wish, secrets, name)
            if made is None:
                continue  # somebody took the name between the look and the making: it is looked at again
            try:
                self._engine.start(made.id)
            except (Retry, GaveUp) as no:
                if not any(words in no.reason for words in _TAKEN):
                    raise
                self._engine.end(made.id, 0)  # another program took the private port meanwhile
            else:
                return made
        raise GaveUp(f"no private port could be had for {name}")

    def others(self, container: Seen) -> list[str]:
        """See `making.Maker`."""
        marks = f"{labels.HOME}={self._home}", f"{labels.TARGET}={self._record}"
        return [one.id for one in labels.bearing(self._engine, *marks) if one.id != container.id]

    def settle(self, container: Seen) -> None:
        """See `making.Maker`."""
        network, alias = self._section.network, self._section.alias
        if network and alias and alias not in container.aliases.get(network, ()):
            self._engine.call(container.id, network, alias)
        self._engine.keep(container.id)

    def _created(self, wish: Wish, secrets: Mapping[str, str], name: str) -> Seen | None:
        image = images.fetched(self._engine, self._section.image, wish.digest)
        told = {"SLIPWAY_VERSION": wish.version, "SLIPWAY_COMMIT": wish.commit}
        return self._engine.create(
            image,
            name=name,
            labels=labels.of(self._home, self._record.target, wish),
            environment={**self._section.environment, **secrets, **told},
            ports={f"{self._section.container_port}/tcp": ("127.0.0.1", free_port())} if self._reached else None,
            **settings(self._section),
        )

    @property
    def _reached(self) -> bool:
        """Whether we must reach it from this machine: to ask how it is, or to lead the public port to it."""
        return self._section.port is not None or self._section.health is not None

    def _name(self, wish: Wish) -> str:
        target = self._record.target
        return labels.name(target, labels.mark(self._home, target, wish.key))


def settings(section: Container) -> dict[str, object]:
    """Return what the section says of how a container runs, as the library takes it."""
    return {
        "command": list(section.command) if section.command else None,
        "volumes": list(section.volumes),
        "user": section.user,
        "network": section.network,
        "mem_limit": parse_bytes(section.memory) if section.memory else None,
        "nano_cpus": round(section.cpus * 1e9) if section.cpus else None,
        "read_only": section.read_only,
    }
