"""What docker and compose promise beside what is not theirs: other targets, copies, silent engines, and secrets."""

import asyncio
import contextlib
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Phase, Run, RunState
from bot.domain.target import Target
from bot.ports import Backend, Desired, Invocation, Output, RunsThere
from integrations import docker as docker_backend
from integrations._docker import labels
from integrations._docker.engine import Engine
from integrations._docker.threads import Unreachable
from integrations.detached import Detached
from tests.contract.container_benches import PROGRAMS, ContainerBench, composes, containers
from tests.contract.living import WallClock, surroundings, until
from tests.contract.test_containers import brought, ended, kill_host, observed, of, only, said
from tests.contract.wishes import OTHER, TARGET, a_free_port, a_release

SECRET = "zebra-quartz-lamp-0042"
AGES = datetime.fromtimestamp(0, UTC)


@pytest.fixture
async def docker_bench(tmp_path: Path) -> AsyncIterator[ContainerBench]:
    async with containers(tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def a_silent_engine() -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """Give the address of a port that takes connections and says nothing, and those that it took."""
    taken: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: taken.append(writer), "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", taken
    finally:
        server.close()
        for writer in taken:
            writer.transport.abort()


# --- what is not the target's -----------------------------------------------------------------------------------


async def test_another_targets_container_of_the_same_service_is_left_alone(tmp_path: Path) -> None:
    async with composes(tmp_path) as bench:
        production = Target("backend", "production")
        bench.ports[production] = a_free_port()
        await bench.backend.apply(production, bench.good("1", production), key="k1")

        async def live() -> bool:
            seen = await bench.backend.observe(production, key="k1", config=bench.section(production))
            return seen.phase is Phase.LIVE

        await until(live, 60)
        await brought(bench, bench.good("2"), "k2")
        await brought(bench, bench.good("3"), "k3")
        await only(bench, "1", "3")

        assert await live()


@contextlib.contextmanager
def a_copy(bench: ContainerBench) -> Iterator[str]:
    """Run something of an image that somebody made of the container that is live, as one does to look into it."""

    def docker(*words: str) -> str:
        return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout.strip()

    (one,) = bench.images.client.containers.list(filters={"label": f"{labels.HOME}={bench.home}"})
    image = docker("commit", str(one.id))
    try:
        yield docker("run", "--detach", image, "busybox", "sleep", "1000")
    finally:
        for copy in docker("ps", "--all", "--quiet", "--filter", f"ancestor={image}").split():
            docker("rm", "--force", copy)
        docker("rmi", "--force", image)


async def test_a_copy_that_somebody_made_of_ours_is_theirs(docker_bench: ContainerBench) -> None:
    """Of a compose service it would be, too, if docker-compose (v1) itself did not remove what has a number twice."""
    bench = docker_bench
    await brought(bench, bench.good("1"), "k1")
    with a_copy(bench) as copy:
        await brought(bench, bench.good("2"), "k2")
        await brought(bench, bench.bad("3"), "k3")
        await only(bench, "1", "2")  # the copy bears the labels of 1

        assert copy in [one.id for one in bench.images.client.containers.list()]
        assert await said(bench) == "2"


async def test_one_that_was_started_again_says_so(docker_bench: ContainerBench) -> None:
    program = (
        f"if [ -e /www/again ]; then {PROGRAMS['well']}; fi; touch /www/again; ({PROGRAMS['well']}) & sleep 3; exit 7"
    )
    digest = docker_bench.images.image("1", program)
    await brought(docker_bench, Desired(a_release("1", digest), docker_bench.section(TARGET)), "k1")

    async def again() -> bool:
        return "started again" in (await observed(docker_bench, "k1")).detail

    await until(again, 30)
    seen = await observed(docker_bench, "k1")
    assert (seen.phase, seen.replicas) == (Phase.LIVE, (1, 1))
    assert seen.detail.startswith("it was started again once; the last time it had ended by itself at 2")


# --- an engine that takes connections and says nothing ----------------------------------------------------------


async def test_a_silent_engine_keeps_no_other_from_being_deployed_to(docker_bench: ContainerBench) -> None:
    bench = docker_bench
    async with a_silent_engine() as (address, _):
        dead = Desired(a_release("9", f"sha256:{'0' * 64}"), {**bench.section(OTHER), "engine": address})
        asking = [asyncio.create_task(bench.backend.apply(OTHER, dead, key=f"dead-{number}")) for number in range(12)]
        async with asyncio.timeout(25):
            seen = await brought(bench, bench.good("1"), "k1")
        ends = await asyncio.gather(*asking, return_exceptions=True)

    assert seen.phase is Phase.LIVE
    assert {type(end) for end in ends} == {Retry}
    assert all("does not answer" in str(end) or "did not answer" in str(end) for end in ends)


async def test_a_silent_engine_keeps_the_bot_from_nothing_else(docker_bench: ContainerBench, tmp_path: Path) -> None:
    bench = docker_bench
    assert isinstance(bench.backend, Output)
    await brought(bench, bench.good("1"), "k1")
    async with a_silent_engine() as (address, _):
        dead = {**bench.section(TARGET), "engine": address}
        looks = [bench.backend.output(TARGET, config=dead, since=AGES, most=1000) for _ in range(12)]
        asking = asyncio.gather(*looks, return_exceptions=True)
        await asyncio.sleep(0)
        async with asyncio.timeout(4):
            run = await Detached(tmp_path, WallClock()).observe(key="nothing")
        async with asyncio.timeout(20):
            ends = await asking

    assert run.state is RunState.ABSENT
    assert {type(end) for end in ends} == {Unreachable}


async def test_a_silent_engine_is_not_asked_again_for_a_while() -> None:
    now = [0.0]
    async with a_silent_engine() as (address, taken):
        engine = Engine(address, now=lambda: now[0], connects_within=1)
        counts = []
        for later in (0, 1, 8, 2):  # seconds after the one before
            now[0] += later
            with pytest.raises(Unreachable):
                await engine.threads.look(engine.container, "x")
            counts.append(len(taken))
        engine.close()

    assert counts == [1, 1, 1, 2]


async def test_a_look_has_a_deadline(docker_bench: ContainerBench) -> None:
    engine = Engine()
    await brought(docker_bench, docker_bench.good("1"), "k1")
    (one,) = engine.containers(f"{labels.HOME}={docker_bench.home}")

    with pytest.raises(Unreachable, match="did not answer within"):
        await engine.threads.look(engine.wait, one.id, within=0.05)
    engine.close()


async def test_what_takes_longer_than_connecting_may_is_waited_for(docker_bench: ContainerBench) -> None:
    engine = Engine(connects_within=1)
    made = engine.create(docker_bench.images.image("1", "sleep 2; exit 5"), labels={labels.HOME: docker_bench.home})
    assert made is not None
    engine.start(made.id)

    assert await engine.threads.deed(engine.wait, made.id) == 5
    engine.close()


# --- secrets on disk and in words -------------------------------------------------------------------------------


def files(data: Path) -> list[Path]:
    return [path for path in (data / "containers").rglob("*") if path.is_file()]


@pytest.fixture
async def partner(docker_bench: ContainerBench) -> AsyncIterator[Backend]:
    """The backend with a secret for its targets."""
    async with docker_backend.BACKEND.open(surroundings(docker_bench.data, PARTNER_ID=SECRET)) as backend:
        yield backend


@pytest.mark.parametrize("host", ["lives", "was killed"])
async def test_a_secret_that_a_program_prints_is_nowhere_on_disk(
    docker_bench: ContainerBench, partner: Backend, host: str
) -> None:
    """A host that was killed and started again was told no secrets, and knows them all the same."""
    bench, pad = docker_bench, "x" * 268  # so that what is shown of the line would end within the secret
    digest = bench.images.image("1", f'echo "cannot call as $PARTNER"; echo "{pad} and as $PARTNER"; sleep 600')
    section = {**bench.section(TARGET), "secrets": {"PARTNER": "PARTNER_ID"}, "start_within": "6s"}
    await partner.apply(TARGET, Desired(a_release("1", digest), section), key="k1")

    async def runs() -> bool:
        return await asyncio.to_thread(of, bench, all_of_them=False) == ["1"]

    await until(runs)
    if host == "was killed":
        kill_host(bench.data)

    async def failed() -> bool:
        with contextlib.suppress(Retry):
            return (await observed(bench, "k1")).phase is Phase.FAILED
        return False

    await until(failed, 30)
    detail = (await observed(bench, "k1")).detail
    holding = [path.name for path in files(bench.data) if SECRET[:8] in path.read_text(errors="replace")]

    assert holding == []
    assert "cannot call as •••" in detail
    assert SECRET[:8] not in detail
    (record,) = [path for path in files(bench.data) if path.name == "record.json"]
    assert stat.S_IMODE(record.stat().st_mode) == 0o600


async def test_nobody_else_may_leave_the_result_of_one_off_work(tmp_path: Path) -> None:
    async with composes(tmp_path) as bench:
        assert isinstance(bench.backend, RunsThere)
        runner = bench.backend.runner(TARGET, bench.good("1"))
        await runner.start(Invocation(["sh", "-c", "echo a=b > $SLIPWAY_RESULT"]), key="one")

        assert await ended(runner, "one") == Run(RunState.EXITED, 0, {"a": "b"})
        assert stat.S_IMODE((tmp_path / "containers" / "one-off").stat().st_mode) == 0o700


# --- what is left, and printed, past all measure ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("leaves", "result", "words"),
    [
        ("rm /slipway/result; ln -s /etc/passwd /slipway/result", {}, "is no file: it counts as no result"),
        ("rm /slipway/result; mkdir /slipway/result", {}, "is no file: it counts as no result"),
        ("rm /slipway/result", {}, ""),
        ("echo a=b > /slipway/result; head -c 50000000 /dev/zero >> /slipway/result", {"a": "b"}, ""),
    ],
)
async def test_what_was_done_is_done_whatever_it_left_as_its_result(
    docker_bench: ContainerBench, leaves: str, result: dict[str, str], words: str
) -> None:
    assert isinstance(docker_bench.backend, RunsThere)
    runner = docker_bench.backend.runner(TARGET, docker_bench.good("1"))
    await runner.start(Invocation(["sh", "-c", leaves], timeout=timedelta(seconds=60)), key="one")
    run = await ended(runner, "one")

    assert (run.state, run.exit_code) == (RunState.EXITED, 0)
    assert result.items() <= run.result.items()
    assert words in (await runner.tail(key="one")).text


async def test_of_a_large_file_only_the_beginning_is_fetched(docker_bench: ContainerBench) -> None:
    engine = Engine()
    await brought(docker_bench, docker_bench.good("1"), "k1")
    (one,) = engine.containers(f"{labels.HOME}={docker_bench.home}")
    packed = engine.get(one.id, "/bin/busybox", 10_000)
    engine.close()

    assert packed is not None
    assert 10_000 <= len(packed) <= 80_000


async def test_of_a_line_that_never_ends_the_end_is_shown(docker_bench: ContainerBench) -> None:
    program = f"head -c 100000 /dev/zero | tr '\\0' x; echo the end; {PROGRAMS['well']}"
    digest = docker_bench.images.image("1", program)
    await brought(docker_bench, Desired(a_release("1", digest), docker_bench.section(TARGET)), "k1")
    assert isinstance(docker_bench.backend, Output)
    config = docker_bench.section(TARGET)
    printed = await docker_bench.backend.output(TARGET, config=config, since=AGES, most=1000)

    assert printed == f"{'x' * 992}the end\n"


async def test_a_deed_that_cannot_be_done_says_so_in_the_engines_words() -> None:
    engine = Engine()
    with pytest.raises(GaveUp, match="No such container"):
        await engine.threads.deed(engine.start, "there-is-no-such-container")
    engine.close()
