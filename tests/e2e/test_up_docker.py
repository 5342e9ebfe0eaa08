"""`slipway up --docker`: the whole story again, with the sample services as containers of a real Docker Engine."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from bot import sample_stack
from bot.domain.errors import GaveUp, Refused
from bot.samples import break_it
from bot.sandbox.driving import Driver, Someone, eventually
from integrations._docker.program import installed
from tests.contract.container_benches import cannot, engine
from tests.e2e.stage import Running, fetch, hundred, of_folder, stage, start, until

pytestmark = pytest.mark.slow

DEPLOYMENTS, APPROVALS = "deployments", "approvals"
PLACES = {"staging": 2, "production": 3}
PATIENCE = 90.0  # seconds for one change on a busy machine


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    """The engine, with a compose. Without them this fails in CI and is skipped, loudly, elsewhere."""
    found = engine()
    try:
        installed()
    except GaveUp as no:
        cannot(f"compose ({no.reason}: apt-get install docker-compose)")
    yield found
    found.close()


@pytest.fixture
def digits(client: docker.DockerClient) -> Iterator[int]:
    """Ports of one's own, and nothing left on the engine that bears their digits, whatever the test did."""
    with hundred() as digits:
        yield digits
        sample_stack.clear(str(digits))
        assert on_engine(client, digits) == []


@dataclass
class Story:
    """Who takes part, and where it plays."""

    running: Running
    driver: Driver
    client: docker.DockerClient

    def person(self, name: str) -> Someone:
        return self.driver.person(name)

    async def sees(self, change: int, *words: str, channel: str = DEPLOYMENTS) -> str:
        """Wait until the card of a change says all of this; return its ts."""
        shown = ""

        async def card() -> str | None:
            nonlocal shown
            for message in await self.person("selma").messages(channel):
                subject = ((message["metadata"] or {}).get("event_payload") or {}).get("subject")
                if subject == f"change:{change}":
                    shown = str(message["text"])
                    if all(word in shown for word in words):
                        return str(message["ts"])
            return None

        try:
            return await eventually(card, within=PATIENCE)
        except TimeoutError:
            pytest.fail(f"change {change} does not say {words} in #{channel} within {PATIENCE:.0f} s: {shown}")

    async def asked(self, what: str) -> str:
        """Type a command as Ndapewa; what she alone is answered."""
        said = await self.person("ndapewa").command(DEPLOYMENTS, what)
        return " ".join(str(one["text"]) for one in said["messages"])

    def api(self, environment: str) -> str:
        """What the API says of itself on its public port."""
        status, said = fetch(f"http://127.0.0.1:{self.running.digits}{PLACES[environment]}1/api/health")
        return f"{status} {said.strip()}"

    def page(self, environment: str) -> str:
        """How the API is, asked through the page's container."""
        return fetch(f"http://127.0.0.1:{self.running.digits}{PLACES[environment]}2/backend")[1]

    async def answers(self, what: str, *words: str) -> None:
        """Ask until all of this is answered: what is looked at may be seen a moment later."""
        said = ""

        async def all_of_it() -> bool:
            nonlocal said
            said = await self.asked(what)
            return all(word in said for word in words)

        try:
            await eventually(all_of_it, within=PATIENCE)
        except TimeoutError:
            pytest.fail(f"{what} does not answer {words} within {PATIENCE:.0f} s: {said}")

    def images(self, environment: str) -> list[tuple[str, str]]:
        """The services of an environment that run, each with its image; twice while one takes over."""
        project = f"com.docker.compose.project=healthbridge-{self.running.digits}-{environment}"
        found = self.client.containers.list(filters={"label": project, "status": "running"})
        return sorted((one.labels["com.docker.compose.service"], str(one.attrs["Image"])) for one in found)

    def runs_what_staging_runs(self) -> None:
        """Wait until production's images are staging's; who is relieved leaves a moment later."""
        until(lambda: self.images("production") == self.images("staging"), "production runs what staging runs")

    def slipway(self, *words: str) -> str:
        """Type `slipway …` in a terminal beside; what it answers."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "DATABASE"))}
        own |= {"SLIPWAY_DATA": str(self.running.folder), "SLIPWAY_CATALOG": str(sample_stack.CATALOG)}
        own |= {"SLIPWAY_EXAMPLE_PORTS": str(self.running.digits)}
        argv = [sys.executable, "-m", "bot.cli", *words]
        done = subprocess.run(argv, cwd=sample_stack.EXAMPLES, env=own, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


@asynccontextmanager
async def told(running: Running, client: docker.DockerClient) -> AsyncIterator[Story]:
    driver = Driver(running.url)
    try:
        yield Story(running, driver, client)
    finally:
        await driver.close()


def on_engine(client: docker.DockerClient, digits: int) -> list[str]:
    """Everything on the engine that bears these digits."""
    name = f"healthbridge-{digits}"
    containers = [str(one.name) for one in client.containers.list(all=True) if str(one.name).startswith(name)]
    networks = [str(one.name) for one in client.networks.list() if str(one.name).startswith(name)]
    return [*containers, *networks, *(tag for one in client.images.list(f"localhost/{name}/*") for tag in one.tags)]


async def test_people_deploy_approve_break_and_roll_back_on_docker(
    tmp_path: Path, client: docker.DockerClient, digits: int
) -> None:
    folder = tmp_path / "data"
    with stage(folder, digits, "--docker") as running:
        async with told(running, client) as story:
            await the_developer_deploys_to_staging(story)
            await production_waits_for_two_and_runs_the_very_image(story)
            await a_bad_version_fails_and_is_rolled_back(story)
            until(lambda: "wait to be sealed" not in story.slipway("ledger", "verify"), "the ledger is sealed")
            assert story.slipway("ledger", "verify").startswith("In order:")
        with pytest.raises(Refused, match="stop it first"):
            sample_stack.remove(folder)

        assert running.interrupt() == 0
        assert "the containers run on" in running.told
        assert of_folder(folder) == []
        assert len(story.images("production")) == len(story.images("staging")) == 2
    assert "are gone. Its ledger still speaks of them" in sample_stack.remove(folder)
    assert on_engine(client, digits) == []


async def the_developer_deploys_to_staging(story: Story) -> None:
    assert not await story.asked("/deploy staging")
    await story.sees(1, "succeeded", "backend  nothing → 1.4.0", "frontend  nothing → 1.2.0")

    assert story.api("staging") == '200 {"status": "ok", "version": "1.4.0"}'
    assert story.page("staging") == '{"status": "ok", "version": "1.4.0"}'


async def production_waits_for_two_and_runs_the_very_image(story: Story) -> None:
    assert not await story.asked("/deploy production")
    for who, told in (("selma", "Needs 2 approvals"), ("layla", "Needs 1 more approval")):
        card = await story.sees(2, told, channel=APPROVALS)
        await story.person(who).press(APPROVALS, card, "approve")
    await story.sees(2, "succeeded", channel=APPROVALS)

    assert story.api("production") == '200 {"status": "ok", "version": "1.4.0"}'
    story.runs_what_staging_runs()


async def a_bad_version_fails_and_is_rolled_back(story: Story) -> None:
    assert "1.5.0 is now the newest on develop" in break_it(story.running.folder)
    assert not await story.asked("/deploy staging")
    await story.sees(3, "failed, and left running", "HTTP 500", "no connection left in the pool")
    assert story.api("staging").startswith("500")
    await story.answers("/status staging", "backend 1.5.0")

    assert not await story.asked("/rollback staging backend --trigger bug --reason search answers 500")
    await story.sees(4, "Roll back staging", "succeeded")
    assert story.api("staging") == '200 {"status": "ok", "version": "1.4.0"}'
    await story.answers("/status staging", "backend 1.4.0", "1.5.0")  # and that the bad one is held off
    story.runs_what_staging_runs()


def test_where_docker_does_not_answer_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    monkeypatch.setenv("PATH", f"{a_docker(tmp_path)}{os.pathsep}{os.environ['PATH']}")
    running = start(tmp_path / "data", 1, "--docker")
    with running.process:
        assert running.process.wait(timeout=60) == 1

    assert running.told == (
        "The Docker Engine does not answer (no socket at unix:///nowhere); start it, "
        "or type make up, which needs none.\n"
    )
    assert not (tmp_path / "data").exists()


def a_docker(folder: Path) -> Path:
    """Make a program called docker that reaches no engine, for machines that have none."""
    program = folder / "bin" / "docker"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "no socket at $DOCKER_HOST" >&2\nexit 1\n')
    program.chmod(0o755)
    return program.parent


def test_where_there_is_no_docker_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refused, match=r"^There is no program “docker” on PATH; install Docker and start it, or type"):
        sample_stack.check()


def test_where_nothing_was_started_there_is_nothing_to_remove(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has no sample services"):
        sample_stack.remove(tmp_path)


@pytest.mark.usefixtures("client")
def test_containers_whose_folder_is_gone_are_removed_by_their_digits(tmp_path: Path, digits: int) -> None:
    assert sample_stack.remove(tmp_path / "gone", str(digits)).endswith("are gone.")
