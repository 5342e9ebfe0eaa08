"""Images that are made of commits, on a real engine: known by their id, or by the digest that a registry gave them."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import docker
import pytest

from bot.domain.errors import GaveUp
from bot.domain.observation import Run, RunState
from bot.plugins import Source
from integrations._docker import images
from integrations._docker.engine import Engine
from integrations.detached import Detached
from integrations.git import SOURCE, Config
from tests.contract.container_benches import engine
from tests.contract.living import WallClock, surroundings, until
from tests.fakes.registry import Registry

DOCKERFILE = 'FROM scratch\nARG GREETING\nLABEL greeting=$GREETING\nCOPY said /said\nCMD ["/said"]\n'


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    found = engine()
    yield found
    found.close()


@pytest.fixture
def commit(tmp_path: Path) -> str:
    """Make a repository with a service that has a Dockerfile; return its commit."""
    folder = tmp_path / "shop"
    (folder / "api").mkdir(parents=True)
    (folder / "api" / "Dockerfile").write_text(DOCKERFILE)
    (folder / "api" / "said").write_text(str(tmp_path))
    (folder / "secret").write_text("x")
    git = ["git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Begin"]):
        subprocess.run([*git, *words], check=True)
    return subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
async def registry() -> AsyncIterator[tuple[Registry, str]]:
    made = Registry()
    runner, port = await made.serve()
    yield made, f"127.0.0.1:{port}"
    await runner.cleanup()


def a_source(tmp_path: Path, **build: object) -> Source:
    given = {"repository": str(tmp_path / "shop"), "path": "api", "build": build}
    return SOURCE.open(surroundings(tmp_path), {"api": Config.model_validate(given)})


async def built(tmp_path: Path, source: Source, commit: str) -> tuple[Run, str]:
    runner = Detached(tmp_path, WallClock())
    await runner.start(source.invocation("api", commit), key="build")

    async def done() -> bool:
        return (await runner.observe(key="build")).state is RunState.EXITED

    await until(done, 60)
    return await runner.observe(key="build"), (await runner.tail(key="build")).text


async def test_an_image_is_known_by_its_id_and_tagged_with_its_commit(
    tmp_path: Path, commit: str, client: docker.DockerClient
) -> None:
    name = f"slipway-tests/{commit[:12]}"
    run, log = await built(tmp_path, a_source(tmp_path, image=name, arguments={"GREETING": "שלום"}), commit)
    try:
        assert run.exit_code == 0, log
        image = client.images.get(f"{name}:{commit[:12]}")
        assert run.result == {"digest": image.id}
        assert image.labels["greeting"] == "שלום"
    finally:
        client.images.remove(f"{name}:{commit[:12]}", force=True)


async def test_a_pushed_image_is_known_by_its_registrys_digest_and_pulled_by_it(
    tmp_path: Path, commit: str, client: docker.DockerClient, registry: tuple[Registry, str]
) -> None:
    held, host = registry
    name = f"{host}/shop/api"
    run, log = await built(tmp_path, a_source(tmp_path, image=name, push=True), commit)
    assert run.exit_code == 0, log
    digest = run.result["digest"]
    image = client.images.get(f"{name}@{digest}")
    client.images.remove(str(image.id), force=True)

    there = Engine()
    assert digest in held.manifests
    assert images.found(there, name, digest) is None
    assert await asyncio.to_thread(images.fetched, there, name, digest) == image.id
    client.images.remove(str(image.id), force=True)
    with pytest.raises(GaveUp, match="manifest unknown"):
        await asyncio.to_thread(images.fetched, there, name, f"sha256:{'0' * 64}")
    there.close()


async def test_a_push_that_is_refused_fails_in_its_own_words(
    tmp_path: Path, commit: str, client: docker.DockerClient
) -> None:
    name = "127.0.0.1:1/shop/api"
    run, log = await built(tmp_path, a_source(tmp_path, image=name, push=True), commit)
    client.images.remove(f"{name}:{commit[:12]}", force=True)

    assert (run.exit_code, run.result) == (1, {})
    assert "connection refused" in log


@pytest.mark.usefixtures("client")
async def test_a_dockerfile_that_is_not_there_says_so(tmp_path: Path, commit: str) -> None:
    run, log = await built(tmp_path, a_source(tmp_path, image="x", dockerfile="Dockerfile.prod"), commit)

    assert (run.exit_code, run.result) == (1, {})
    assert "Dockerfile.prod" in log
