"""The image that the sample services are built on, on a real engine: pulled, or made of this machine's own Python."""

import asyncio
import secrets
from collections.abc import Iterator

import docker
import pytest

from bot.sample_base import have_base
from tests.contract.container_benches import PROGRAMS, Images, engine
from tests.fakes.registry import Registry

pytestmark = pytest.mark.slow

NOBODY = "127.0.0.1:1/python:3"


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    found = engine()
    yield found
    found.close()


@pytest.fixture
def name(client: docker.DockerClient) -> Iterator[str]:
    name = f"localhost/slipway-tests-{secrets.token_hex(8)}/python:latest"
    yield name
    if client.images.list(name):
        client.images.remove(name, force=True)


async def test_it_is_pulled_where_there_is_a_registry(client: docker.DockerClient, name: str) -> None:
    runner, port = await Registry().serve()
    pulled = f"127.0.0.1:{port}/python:3"
    made = Images(client, name).image("3", PROGRAMS["well"])
    client.images.get(made).tag(pulled)
    await asyncio.to_thread(client.images.push, pulled)
    client.images.remove(made, force=True)
    said: list[str] = []
    await asyncio.to_thread(have_base, name, said.append, pulled=pulled)
    await runner.cleanup()

    assert client.images.get(name).id == made
    assert said == [f"fetching {pulled}, once"]
    client.images.remove(pulled)


def test_without_a_registry_it_is_made_of_this_machines_own_python(client: docker.DockerClient, name: str) -> None:
    said: list[str] = []
    have_base(name, said.append, pulled=NOBODY)

    assert f"{NOBODY} cannot be pulled" in said[1]
    assert "making an image of this machine's own Python" in said[2]
    program = ["python3", "-c", "import sys, zlib; print(sys.prefix)"]
    assert client.containers.run(name, program, remove=True, user="65534") == b"/usr/local\n"


def test_one_that_is_there_is_taken(client: docker.DockerClient, name: str) -> None:
    made = Images(client, name).image("3", PROGRAMS["well"])
    client.images.get(made).tag(name)
    said: list[str] = []
    have_base(name, said.append, pulled=NOBODY)

    assert (said, client.images.get(name).id) == ([], made)
