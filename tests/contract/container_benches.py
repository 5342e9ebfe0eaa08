"""The backends docker and compose with their worlds: a real engine, and images of one static program, busybox.

Nothing is pulled. All that a bench makes bears the mark of its data folder, and is removed with it.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import docker
import pytest
from docker.errors import APIError

from bot.domain.target import Target
from bot.ports import Backend, Desired, Section
from integrations import compose as compose_backend
from integrations import docker as docker_backend
from integrations._docker import labels
from integrations._process_host.address import mark
from integrations._process_host.client import stop_host
from tests.contract.living import surroundings
from tests.contract.wishes import OTHER, TARGET, a_free_port, a_release

PORT = 8080
PROGRAMS = {
    "well": 'echo -n "$SLIPWAY_VERSION" > /www/index.html; echo well > /www/health; exec httpd -f -p 8080 -h /www',
    "sick": 'echo -n "$SLIPWAY_VERSION" > /www/index.html; exec httpd -f -p 8080 -h /www',  # it has no /health
    "exits": "echo cannot connect to the database; exit 3",
    "talks": "echo well > /www/health; httpd -p 8080 -h /www; while true; do echo a line; sleep 0.1; done",
}


def engine() -> docker.DockerClient:
    """Return a client of the engine. What is missing for it fails in CI and is skipped, loudly, elsewhere."""
    if not Path("/bin/busybox").exists():
        cannot("a static busybox (apt-get install busybox-static)")
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "version"], check=False, capture_output=True).returncode
    ):
        cannot("a Docker Engine that answers (apt-get install docker.io)")
    return docker.from_env()


def cannot(what: str) -> NoReturn:
    """End a test for want of something."""
    said = f"NOT TESTED: containers, for want of {what}"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@dataclass
class Images:
    """Images of this test's own: each holds busybox and says what it does."""

    client: docker.DockerClient
    owner: str
    made: dict[tuple[str, ...], str] = field(default_factory=dict)

    def image(self, name: str, program: str, *more: str) -> str:
        """Return the id of an image; asked twice it is the same one."""
        asked = (name, program, *more)
        if asked not in self.made:
            command = json.dumps(["/bin/sh", "-c", program])
            changes = [f"LABEL slipway.tests={self.owner} name={json.dumps(name)}", f"CMD {command}", *more]
            said = self.client.api.import_image_from_data(_files(), changes=changes)
            self.made[asked] = str(json.loads(said.splitlines()[-1])["status"])
        return self.made[asked]


def _files() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add("/bin/busybox", "bin/busybox")
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        archive.addfile(link)
        for name in ("tmp", "www", "etc"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o777
            archive.addfile(folder)
    return packed.getvalue()


@dataclass
class ContainerBench:
    """Containers of a real engine."""

    data: Path
    backend: Backend
    images: Images

    def __post_init__(self) -> None:
        self.ports = {TARGET: a_free_port(), OTHER: a_free_port()}

    @property
    def home(self) -> str:
        return mark(self.data / "containers")

    def good(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, "well", target)

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        return self.release(version, "exits", target)

    def section(self, target: Target) -> Section:
        served = {"port": self.ports[target], "container_port": PORT, "health": "/health"}
        return {"kind": "docker", **served, "start_within": "20s", "grace": "1s"}

    def release(self, version: str, mode: str, target: Target = TARGET, **config: object) -> Desired:
        digest = self.images.image(version, PROGRAMS[mode])
        return Desired(a_release(version, digest), {**self.section(target), **config})


@dataclass
class ComposeBench(ContainerBench):
    """Services of a compose file."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.project = f"slipway-{self.home}"
        self.file = self.data / "stack" / "compose.yml"
        self.file.parent.mkdir()
        services = {name: {"image": "pinned/by-slipway"} for name in ("backend", "frontend")}
        self.file.write_text(json.dumps({"version": "3.7", "services": services}), encoding="utf-8")

    def section(self, target: Target) -> Section:
        named = {"kind": "compose", "files": [str(self.file)], "project": self.project, "service": target.service}
        return {**super().section(target), **named}


@contextlib.asynccontextmanager
async def containers(data: Path) -> AsyncIterator[ContainerBench]:
    with own_images(data) as images:
        try:
            async with docker_backend.BACKEND.open(surroundings(data)) as backend:
                yield ContainerBench(data, backend, images)
        finally:
            await stop_host(data / "containers")


@contextlib.asynccontextmanager
async def composes(data: Path) -> AsyncIterator[ComposeBench]:
    if shutil.which("docker-compose") is None:
        cannot("docker-compose (apt-get install docker-compose)")
    with own_images(data) as images:
        try:
            async with compose_backend.BACKEND.open(surroundings(data)) as backend:
                yield ComposeBench(data, backend, images)
        finally:
            await stop_host(data / "containers")


@contextlib.contextmanager
def own_images(data: Path) -> Iterator[Images]:
    """Give images, and leave nothing behind, whatever happens."""
    client, owner = engine(), mark(data / "containers")
    try:
        yield Images(client, owner)
    finally:
        for one in client.api.containers(all=True, filters={"label": f"{labels.HOME}={owner}"}):
            with contextlib.suppress(APIError):
                client.api.remove_container(one["Id"], force=True, v=True)
        for network in client.networks.list(filters={"label": f"com.docker.compose.project=slipway-{owner}"}):
            network.remove()
        for image in client.images.list(all=True, filters={"label": f"slipway.tests={owner}"}):
            with contextlib.suppress(APIError):
                client.images.remove(str(image.id), force=True)
        client.close()
