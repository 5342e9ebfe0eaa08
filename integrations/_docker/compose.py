"""How a service of a compose file gets one more container: scaled up by one, with an override of ours.

The override pins the image, says whose the container is, and opens a private port. What compose printed and how it
ended is not believed: the container is looked for by its label, and what it does is asked of the engine.
"""

import contextlib
import fcntl
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.domain.errors import GaveUp
from integrations._docker import images, labels, program
from integrations._docker.engine import Engine, Seen
from integrations._docker.record import Record, Wish
from integrations._docker.section import Service
from integrations._process_host.child import free_port

_TRIES = 3
_TAKEN = ("port is already allocated", "address already in use")
_OURS = "leave `ports` and `container_name` out of the service: two of it cannot have the same"


class Services:
    """Implements `making.Maker`. `folder` is the target's own."""

    alone = True  # compose counts containers: one that is just leaving would be counted, or not

    def __init__(self, engine: Engine, section: Service, record: Record, home: str, folder: Path) -> None:
        self._engine, self._section, self._record, self._home, self._folder = engine, section, record, home, folder

    def check(self, wish: Wish) -> None:
        """See `making.Maker`."""
        program.installed()
        head(self._section)
        if images.found(self._engine, self._section.image, wish.digest) is None:
            images.insist_on_repository(self._section.image, wish.digest)

    def make(self, wish: Wish, secrets: Mapping[str, str]) -> Seen:
        """See `making.Maker`."""
        with self._one_at_a_time() as lock:
            image = images.fetched(self._engine, self._section.image, wish.digest)
            said = GaveUp("compose ended well and made no container")
            for _ in range(_TRIES):
                found = self._mine(wish)
                if found is not None and found.status != "created":
                    return found
                if found is not None:
                    self._engine.end(found.id, 0)  # it could not be started, or whoever made it was killed
                try:
                    self._up(image, wish, secrets, lock)
                except GaveUp as no:
                    said = no
                    if not any(words in no.reason for words in _TAKEN):
                        break
            made = self._mine(wish)
            if made is not None and made.status != "created":
                return made
        hint = f"\n{_OURS}" if any(words in said.reason for words in _TAKEN) else ""
        raise GaveUp(f"{said.reason}{hint}")

    def others(self, container: Seen) -> list[str]:
        """See `making.Maker`."""
        return [one.id for one in self._copies() if one.id != container.id and self._may_go(one)]

    def _may_go(self, one: Seen) -> bool:
        """Whether it is the target's, or was there before any target: another's is left alone, and so is a copy."""
        target = str(self._record.target)
        return labels.made(one) and one.labels.get(labels.TARGET, target) == target

    def settle(self, container: Seen) -> None:
        """See `making.Maker`. The compose file says under which names it is found, and whether it is kept alive."""

    def _up(self, image: str, wish: Wish, secrets: Mapping[str, str], lock: IO[bytes]) -> None:
        override = self._folder / "override.json"
        told = {"SLIPWAY_VERSION": wish.version, "SLIPWAY_COMMIT": wish.commit}
        bears = labels.of(self._home, self._record.target, wish)
        reached = self._section.port is not None or self._section.health is not None
        ports = [f"127.0.0.1:{free_port()}:{self._section.container_port}"] if reached else []
        write(override, self._section, image, told, secrets, {"labels": plain(bears), "ports": ports})
        compose, copies = program.installed(), len(self._copies()) + 1
        argv = [*compose.argv, *program.arguments(self._section, override), *compose.up(self._section.service, copies)]
        program.call(argv, self._section, secrets, keeping=lock.fileno())

    def _mine(self, wish: Wish) -> Seen | None:
        mark = labels.mark(self._home, self._record.target, wish.key)
        found = labels.bearing(self._engine, f"{labels.MARK}={mark}")
        return max(found, key=lambda one: one.running, default=None)

    def _copies(self) -> list[Seen]:
        named = (
            f"{labels.COMPOSE_PROJECT}={self._section.project}",
            f"{labels.COMPOSE_SERVICE}={self._section.service}",
        )
        return self._engine.containers(*named, "com.docker.compose.oneoff=False")

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[IO[bytes]]:
        """Wait for every other compose of the project, one too that a killed host left running: it keeps the lock."""
        with lock_of(self._folder.parents[1], self._section).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock


def write(
    path: Path,
    section: Service,
    image: str,
    told: Mapping[str, str],
    secrets: Mapping[str, str],
    more: Mapping[str, object],
) -> None:
    """Write an override. A secret's variable is only named: compose takes its value from its own environment."""
    variables = {**plain(told), **dict.fromkeys(secrets)}
    service = {"image": image, "environment": variables, **more}
    text = json.dumps({**head(section), "services": {section.service: service}}, ensure_ascii=False, indent=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lock_of(home: Path, section: Service) -> Path:
    """Return the file that whoever runs compose on a project holds a lock on: two at once make its networks twice."""
    home.mkdir(parents=True, exist_ok=True)
    return home / f"compose-{section.project}.lock"


def plain(values: Mapping[str, str]) -> dict[str, str]:
    """Return values that compose does not look for variables in."""
    return {name: value.replace("$", "$$") for name, value in values.items()}


def head(section: Service) -> dict[str, object]:
    """Return what an override must say as the first file does, its version; `GaveUp` when a file cannot be read."""
    read = [_read(name) for name in section.files]
    if not any(section.service in (one.get("services") or {}) for one in read):
        raise GaveUp(f"{' and '.join(section.files)} has no service called {section.service}")
    return {"version": read[0]["version"]} if "version" in read[0] else {}


def _read(name: str) -> dict[str, Any]:
    try:
        read = YAML(typ="safe", pure=True).load(Path(name))
    except OSError as error:
        raise GaveUp(f"{name} cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise GaveUp(f"{name} cannot be read: {' '.join(str(error).split())}") from error
    return read if isinstance(read, dict) else {}
