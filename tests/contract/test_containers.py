"""What docker and compose promise beyond every backend: no lost request, the truth of the engine, and bad days."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import psutil
import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Observed, Phase, Run, RunState
from bot.ports import Desired, Inspector, Invocation, LoggedRunner, Output, Preview, RunsThere
from integrations import compose as compose_backend
from integrations import docker as docker_backend
from integrations._docker import labels
from tests.contract.container_benches import PROGRAMS, ContainerBench, composes, containers
from tests.contract.engine_wire import Wire, a_wire
from tests.contract.living import a_bot, heard, load, surroundings, until
from tests.contract.wishes import OTHER, TARGET, a_release

KINDS = {"docker": containers, "compose": composes}
SWAPS = {"docker": 20, "compose": 4}  # one of compose's takes seconds; `make bench swaps` makes all of them


@pytest.fixture(params=KINDS)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ContainerBench]:
    async with KINDS[request.param](tmp_path) as made:
        yield made


@pytest.fixture
async def docker_bench(tmp_path: Path) -> AsyncIterator[ContainerBench]:
    async with containers(tmp_path) as made:
        yield made


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with a_wire() as made:
        yield made


async def observed(bench: ContainerBench, key: str) -> Observed:
    return await bench.backend.observe(TARGET, key=key, config=bench.section(TARGET))


async def settled(bench: ContainerBench, key: str, seconds: float = 60) -> Observed:
    """Wait until a key has come to its end; an engine that is away meanwhile is no end."""

    async def done() -> bool:
        try:
            return (await observed(bench, key)).phase is not Phase.PROGRESSING
        except Retry:
            return False

    await until(done, seconds)
    return await observed(bench, key)


async def brought(bench: ContainerBench, desired: Desired, key: str) -> Observed:
    await bench.backend.apply(TARGET, desired, key=key)
    return await settled(bench, key)


async def said(bench: ContainerBench) -> str:
    async with aiohttp.ClientSession() as web, web.get(f"http://127.0.0.1:{bench.ports[TARGET]}/") as answer:
        return await answer.text()


def of(bench: ContainerBench, *, all_of_them: bool = True) -> list[str]:
    """Return the versions of the containers that there are of this bench."""
    marked = {"label": [f"{labels.HOME}={bench.home}", labels.KEY]}
    listed = bench.images.client.api.containers(all=all_of_them, filters=marked)
    return sorted(one["Labels"][labels.VERSION] for one in listed)


async def only(bench: ContainerBench, *versions: str) -> None:
    """Wait until these are the containers that there are."""

    async def left() -> bool:
        return await asyncio.to_thread(of, bench) == list(versions)

    await until(left, 60)


def host_of(data: Path) -> psutil.Process:
    return next(
        one
        for one in psutil.process_iter(["cmdline"])
        if "integrations._docker" in (one.info["cmdline"] or []) and str(data / "containers") in one.info["cmdline"]
    )


def kill_host(data: Path) -> None:
    host = host_of(data)
    host.kill()
    host.wait(10)


# --- no request is lost -----------------------------------------------------------------------------------------


@pytest.mark.slow
async def test_swaps_under_load_lose_no_request(
    bench: ContainerBench, record_testsuite_property: Callable[[str, object], None]
) -> None:
    await brought(bench, bench.good("0"), "k0")
    seen, lost, over = Counter[str](), list[str](), asyncio.Event()
    loads = [load(bench.ports[TARGET], seen, lost, over, keep_alive=number % 2 == 0) for number in range(4)]
    tasks = [asyncio.create_task(one) for one in loads]
    swaps = SWAPS[str(bench.section(TARGET)["kind"])]
    for number in range(1, swaps + 1):
        swapped = await brought(bench, bench.good(str(number)), f"k{number}")
        assert swapped.phase is Phase.LIVE, swapped
    over.set()
    await asyncio.gather(*tasks)

    record_testsuite_property(f"requests during {swaps} swaps of {type(bench).__name__}", sum(seen.values()))
    assert lost == []
    assert set(seen) >= {str(number) for number in range(swaps + 1)}
    await only(bench, str(swaps))


async def test_the_old_one_leaves_and_nothing_else_is_left(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    await brought(bench, bench.bad("2"), "k2")
    await brought(bench, bench.good("3"), "k3")

    await only(bench, "3")
    assert await said(bench) == "3"


async def test_the_container_says_whose_it_is(bench: ContainerBench) -> None:
    desired = bench.good("1")
    await brought(bench, desired, "k1")
    (one,) = bench.images.client.containers.list(filters={"label": f"{labels.HOME}={bench.home}"})

    assert one.labels[labels.TARGET] == "backend/staging"
    assert one.labels[labels.KEY] == "k1"
    assert one.labels[labels.DIGEST] == desired.release.digest
    assert one.labels[labels.COMMIT] == "0" * 40


# --- what does not come up --------------------------------------------------------------------------------------


async def test_what_ends_says_its_exit_code_and_its_last_words(bench: ContainerBench) -> None:
    seen = await brought(bench, bench.bad("1"), "k1")

    assert seen.phase is Phase.FAILED
    assert seen.detail == "it ended before it was up: exit code 3\ncannot connect to the database"
    assert seen.replicas == (0, 0)
    await only(bench)


async def test_what_is_never_well_never_serves(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    seen = await brought(bench, bench.release("2", "sick", start_within="2s"), "k2")

    assert seen.phase is Phase.FAILED
    assert seen.detail == "not up within 2s: /health answers HTTP 404"
    assert (seen.key, seen.version) == ("k1", "1")
    assert await said(bench) == "1"
    await only(bench, "1")


async def test_an_image_that_is_nowhere_is_refused_at_once(bench: ContainerBench) -> None:
    desired = bench.good("1")
    nowhere = replace(desired, release=replace(desired.release, digest=f"sha256:{'0' * 64}"))

    with pytest.raises(GaveUp, match="the engine has no image sha256:000000000000…, and the section names no `image`"):
        await bench.backend.apply(TARGET, nowhere, key="k1")
    assert (await observed(bench, "k1")).phase is Phase.ABSENT


async def test_a_registry_that_cannot_be_reached_is_quoted(bench: ContainerBench) -> None:
    desired = bench.release("1", "well", image="127.0.0.1:1/nobody")
    nowhere = replace(desired, release=replace(desired.release, digest=f"sha256:{'0' * 64}"))
    seen = await brought(bench, nowhere, "k1")

    assert seen.phase is Phase.FAILED
    assert "127.0.0.1:1" in seen.detail
    assert "connection refused" in seen.detail


async def test_a_port_that_somebody_else_has_is_named(bench: ContainerBench) -> None:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", bench.ports[TARGET])
    async with server:
        seen = await brought(bench, bench.good("1"), "k1")

    assert seen.phase is Phase.FAILED
    assert f"port {bench.ports[TARGET]} is taken by" in seen.detail


async def test_a_newer_wish_ends_the_bringing_up_of_an_older(bench: ContainerBench) -> None:
    await bench.backend.apply(TARGET, bench.release("1", "sick", start_within="1h"), key="k1")
    await brought(bench, bench.good("2"), "k2")

    assert (await observed(bench, "k1")).detail == "superseded: 2 was asked for before 1 was live"
    assert await said(bench) == "2"
    await only(bench, "2")


async def test_the_images_own_health_check_decides(docker_bench: ContainerBench) -> None:
    def checked(version: str, test: str) -> Desired:
        check = f"HEALTHCHECK --interval=1s --timeout=2s --retries=1 CMD {test}"
        digest = docker_bench.images.image(version, PROGRAMS["well"], check)
        section = {**docker_bench.section(TARGET), "health": None}
        return Desired(a_release(version, digest), section)

    good = await brought(docker_bench, checked("1", "test -f /www/health"), "k1")
    bad = await brought(docker_bench, checked("2", "echo no database; exit 1"), "k2")
    untold = docker_bench.release("3", "well", health=None)

    assert good.phase is Phase.LIVE
    assert bad.detail == "its health check says that it is unhealthy: no database"
    assert (await brought(docker_bench, untold, "k3")).detail.startswith("nothing says whether it is well: give the")
    assert await said(docker_bench) == "1"


# --- what somebody else does ------------------------------------------------------------------------------------


async def test_a_container_that_somebody_removed_is_missed(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    (one,) = bench.images.client.containers.list(filters={"label": f"{labels.HOME}={bench.home}"})
    one.remove(force=True)

    seen = await observed(bench, "k1")
    assert (seen.phase, seen.key, seen.digest) == (Phase.FAILED, None, None)
    assert seen.detail == "1 was live, and somebody else removed its container"
    assert (await brought(bench, bench.good("2"), "k2")).phase is Phase.LIVE


async def test_a_container_that_somebody_stopped_does_not_count_as_live(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    (one,) = bench.images.client.containers.list(filters={"label": f"{labels.HOME}={bench.home}"})
    one.stop(timeout=0)

    seen = await observed(bench, "k1")
    assert (seen.phase, seen.key, seen.replicas) == (Phase.FAILED, None, (0, 1))
    one.start()
    assert (await observed(bench, "k1")).phase is Phase.LIVE
    assert await said(bench) == "1"


# --- an engine that is away, an answer that is lost, a bot and a host that are killed ----------------------------


async def test_an_engine_that_is_away_at_the_start_is_asked_later(bench: ContainerBench, wire: Wire) -> None:
    wire.break_off()
    desired = bench.release("1", "well", engine=wire.address)

    with pytest.raises(Retry, match=r"the Docker Engine .* does not answer"):
        await bench.backend.apply(TARGET, desired, key="k1")
    assert (await observed(bench, "k1")).phase is Phase.ABSENT
    wire.mend()
    assert (await brought(bench, desired, "k1")).phase is Phase.LIVE


async def test_an_engine_that_is_away_in_the_middle_is_waited_for(bench: ContainerBench, wire: Wire) -> None:
    await bench.backend.apply(TARGET, bench.release("1", "sick", engine=wire.address, start_within="1h"), key="k1")

    async def made() -> bool:
        return await asyncio.to_thread(of, bench) == ["1"]

    await until(made)
    wire.break_off()

    async def told() -> bool:
        return "does not answer" in (await observed(bench, "k1")).detail

    await until(told)
    wire.mend()
    await brought(bench, bench.release("2", "well", engine=wire.address), "k2")
    await only(bench, "2")


async def test_an_engine_that_stays_away_is_a_failure_and_what_was_begun_is_removed(
    docker_bench: ContainerBench, wire: Wire
) -> None:
    bench = docker_bench
    await brought(bench, bench.good("1"), "k1")
    await bench.backend.apply(TARGET, bench.release("2", "sick", engine=wire.address, start_within="2s"), key="k2")

    async def made() -> bool:
        return await asyncio.to_thread(of, bench) == ["1", "2"]

    await until(made)
    wire.break_off()
    seen = await settled(bench, "k2")

    assert seen.phase is Phase.FAILED
    assert "does not answer" in seen.detail
    assert (seen.key, await said(bench)) == ("k1", "1")
    wire.mend()
    await only(bench, "1")


async def test_an_engine_that_is_away_at_the_end_keeps_nobody_from_leaving(
    docker_bench: ContainerBench, wire: Wire
) -> None:
    bench = docker_bench
    await brought(bench, bench.release("1", "well", engine=wire.address), "k1")
    wire.loses.append(b"POST /v1.41/containers/")  # the old one's stop, or a step before it: either is asked again
    await brought(bench, bench.release("2", "well", engine=wire.address), "k2")

    assert await said(bench) == "2"
    await only(bench, "2")


@pytest.mark.parametrize("request_", ["containers/create", "containers/"])
async def test_an_answer_that_is_lost_changes_nothing(docker_bench: ContainerBench, wire: Wire, request_: str) -> None:
    wire.loses.append(f"POST /v1.41/{request_}".encode())
    seen = await brought(docker_bench, docker_bench.release("1", "well", engine=wire.address), "k1")

    assert (seen.phase, seen.version) == (Phase.LIVE, "1")
    assert wire.loses == []
    await only(docker_bench, "1")


async def test_a_host_that_was_killed_holds_the_port_again(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    kill_host(bench.data)

    assert (await settled(bench, "k1")).phase is Phase.LIVE
    assert await said(bench) == "1"


async def test_a_host_that_is_asked_for_more_at_once_still_holds_the_port(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    kill_host(bench.data)
    await bench.backend.apply(TARGET, bench.release("2", "sick", start_within="1h"), key="k2")

    async def holds() -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            return await said(bench) == "1"
        return False

    await until(holds)
    assert (await observed(bench, "k2")).phase is Phase.PROGRESSING


async def test_a_port_that_was_taken_while_the_host_was_away_is_told_and_taken_back(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    kill_host(bench.data)
    async with await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", bench.ports[TARGET]):

        async def told() -> bool:
            return "is taken by" in (await observed(bench, "k1")).detail

        await until(told)
        assert (await observed(bench, "k1")).phase is Phase.FAILED

    async def live() -> bool:
        return (await observed(bench, "k1")).phase is Phase.LIVE

    await until(live)
    assert await said(bench) == "1"


@pytest.mark.slow
async def test_a_host_killed_at_many_moments_of_swaps_is_never_wrong(bench: ContainerBench) -> None:
    await brought(bench, bench.good("0"), "k0")
    for moment in range(5):
        version = str(moment + 1)
        await bench.backend.apply(TARGET, bench.good(version), key=f"k{version}")
        await asyncio.sleep(moment * 0.3)  # the moment of death is what is tried here
        kill_host(bench.data)

        seen = await settled(bench, f"k{version}")
        assert (seen.phase, seen.version, seen.key) == (Phase.LIVE, version, f"k{version}")
        assert await said(bench) == version

    await only(bench, "5")


async def test_a_host_killed_before_it_began_fails_what_needs_secrets(tmp_path: Path) -> None:
    async with containers(tmp_path) as bench, docker_backend.BACKEND.open(surroundings(tmp_path, DB="pw")) as backend:
        desired = bench.release("1", "sick", secrets={"PASSWORD": "DB"}, start_within="1h", image="127.0.0.1:1/x")
        await backend.apply(TARGET, desired, key="k1")

        async def runs() -> bool:
            return await asyncio.to_thread(of, bench, all_of_them=False) == ["1"]

        await until(runs)
        (one,) = bench.images.client.containers.list(filters={"label": f"{labels.HOME}={bench.home}"})
        kept = [path.read_bytes() for path in (tmp_path / "containers").rglob("*") if path.is_file()]

        assert "PASSWORD=pw" in one.attrs["Config"]["Env"]
        assert not any(b'"pw"' in content for content in kept)
        kill_host(tmp_path)
        one.remove(force=True)
        seen = await settled(bench, "k1")
        assert (seen.phase, seen.detail) == (
            Phase.FAILED,
            "its host was ended before it was started, and no secrets are kept; nothing has changed",
        )


async def test_a_bot_killed_after_it_asked_changes_nothing_about_it(docker_bench: ContainerBench) -> None:
    desired = docker_bench.good("1")
    config, digest, data = json.dumps(dict(desired.config)), desired.release.digest, str(docker_bench.data)
    bot = (
        "import asyncio, json, pathlib\nfrom bot.plugins import Surroundings\nfrom bot.ports import Desired\n"
        "from integrations.docker import BACKEND\nfrom tests.contract.wishes import TARGET, a_release\n"
        "async def main():\n"
        f"    async with BACKEND.open(Surroundings(pathlib.Path({data!r}), None, None)) as backend:\n"
        f"        wish = Desired(a_release('1', {digest!r}), json.loads({config!r}))\n"
        "        await backend.apply(TARGET, wish, key='k1')\n"
        "        print('asked', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with a_bot(bot) as killed:
        assert heard(killed) == "asked"
        os.killpg(killed.pid, signal.SIGKILL)

    assert (await settled(docker_bench, "k1")).phase is Phase.LIVE


# --- a proxy of the user's own ----------------------------------------------------------------------------------


async def test_an_alias_leads_to_what_is_live(docker_bench: ContainerBench) -> None:
    bench, client = docker_bench, docker_bench.images.client
    network = client.networks.create(f"net-{bench.home}")
    try:
        section = {"network": network.name, "alias": "api", "port": None}
        for version in ("1", "2"):
            await brought(bench, bench.release(version, "well", **section), f"k{version}")
            await only(bench, version)
            asked = client.containers.run(
                str(bench.good(version).release.digest),
                ["busybox", "wget", "-qO-", "http://api:8080/"],
                network=network.name,
                labels={labels.HOME: bench.home},
                detach=True,
            )
            asked.wait()
            assert asked.logs() == version.encode()
    finally:
        for one in client.containers.list(all=True, filters={"label": f"{labels.HOME}={bench.home}"}):
            one.remove(force=True)
        network.remove()


# --- what is shown ----------------------------------------------------------------------------------------------


async def test_targets_of_one_engine_do_not_touch_each_other(bench: ContainerBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    await bench.backend.apply(OTHER, bench.good("7", OTHER), key="k2")
    await only(bench, "1", "7")

    assert await said(bench) == "1"


async def test_output_is_what_is_live_says(bench: ContainerBench) -> None:
    assert isinstance(bench.backend, Output)
    config, before = bench.section(TARGET), datetime.fromtimestamp(time.time() - 3600, UTC)
    assert await bench.backend.output(TARGET, config=config, since=before, most=1000) == ""
    await brought(bench, bench.release("1", "talks"), "k1")

    async def talks() -> bool:
        assert isinstance(bench.backend, Output)
        return len(await bench.backend.output(TARGET, config=config, since=before, most=40)) > 30

    await until(talks)
    said = await bench.backend.output(TARGET, config=config, since=before, most=40)
    assert said in ("a line\n" * 4, "a line\n" * 5)
    later = datetime.fromtimestamp(time.time() + 3600, UTC)
    assert await bench.backend.output(TARGET, config=config, since=later, most=40) == ""


@pytest.mark.slow
async def test_a_log_of_200_megabytes_is_read_in_little_memory(docker_bench: ContainerBench) -> None:
    """It is read by a process of its own, whose memory tells."""
    bench = docker_bench
    much = f"yes {'x' * 999} | head -n 200000; echo the last"
    program = f"{much}; echo well > /www/health; exec httpd -f -p 8080 -h /www"
    desired = Desired(a_release("1", bench.images.image("1", program)), {**bench.section(TARGET), "start_within": "5m"})
    await bench.backend.apply(TARGET, desired, key="k1")
    assert (await settled(bench, "k1", 300)).phase is Phase.LIVE
    reader = (
        "import asyncio, pathlib, resource\nfrom datetime import UTC, datetime\n"
        "from integrations.docker import BACKEND\nfrom tests.contract.living import surroundings\n"
        "from tests.contract.wishes import TARGET\n"
        "def peak():\n    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "async def main():\n"
        f"    async with BACKEND.open(surroundings(pathlib.Path({str(bench.data)!r}))) as backend:\n"
        f"        config = {dict(desired.config)!r}\n"
        "        since = datetime.fromtimestamp(0, UTC)\n"
        "        async def read(since):\n"
        "            return await backend.output(TARGET, config=config, since=since, most=100_000)\n"
        "        await read(datetime.fromtimestamp(4e9, UTC))\n"
        "        before = peak()\n"
        "        text = await read(since)\n"
        "        print(len(text), text[-9:-1].replace(' ', '-'), peak() - before, flush=True)\n"
        "asyncio.run(main())\n"
    )
    with a_bot(reader) as reading:
        length, last, kilobytes = (await asyncio.to_thread(heard, reading)).split()

    assert 99_000 < int(length) <= 100_000
    assert last == "the-last"
    assert int(kilobytes) <= 20_000


async def test_a_preview_says_what_would_change(bench: ContainerBench) -> None:
    assert isinstance(bench.backend, Preview)
    old, new = bench.good("1"), bench.release("2", "well", grace="7s")
    assert (await bench.backend.preview(TARGET, old))[0].startswith("image: nothing → ")
    await brought(bench, old, "k1")

    assert await bench.backend.preview(TARGET, old) == []
    short = [str(one.release.digest).removeprefix("sha256:")[:12] for one in (old, new)]
    assert await bench.backend.preview(TARGET, new) == [
        f"image: {short[0]} → {short[1]}",
        "- grace: 1s",
        "+ grace: 7s",
    ]


async def test_facts_of_an_image(docker_bench: ContainerBench) -> None:
    assert isinstance(docker_bench.backend, Inspector)
    digest = docker_bench.images.image("1", PROGRAMS["well"], "USER 1000")
    section = docker_bench.section(TARGET)
    plain = await docker_bench.backend.inspect(TARGET, Desired(a_release("1", digest), section))
    limited = {**section, "user": "7", "memory": "64m", "cpus": 0.5}
    told = await docker_bench.backend.inspect(TARGET, Desired(a_release("1", digest), limited))

    assert (plain.digest, plain.user, plain.user_field) == (digest, "1000", "USER in the Dockerfile")
    assert plain.limits == {}
    assert plain.size is not None
    assert plain.size > 1_000_000
    assert plain.created is not None
    assert (told.user, told.user_field) == ("7", "`user` of the backend section")
    assert told.limits == {"memory": "64m", "cpu": "0.5"}
    with pytest.raises(GaveUp, match="the engine has no image"):
        await docker_bench.backend.inspect(TARGET, Desired(a_release("1", f"sha256:{'0' * 64}"), section))


async def test_facts_of_a_service(tmp_path: Path) -> None:
    async with composes(tmp_path) as bench:
        assert isinstance(bench.backend, Inspector)
        limits = {"image": "x", "user": "1000", "mem_limit": "64m", "cpus": 0.5}
        bench.file.write_text(json.dumps({"version": "2.4", "services": {"backend": limits}}), encoding="utf-8")
        facts = await bench.backend.inspect(TARGET, bench.good("1"))

    assert (facts.user, facts.limits) == ("1000", {"memory": "64m", "cpu": "0.5"})
    assert facts.user_field == f"services.backend.user in {bench.file}"
    assert facts.limits_field.startswith("services.backend.")


async def test_a_container_runs_as_the_section_says(docker_bench: ContainerBench) -> None:
    bench = docker_bench
    how = {"memory": "64m", "cpus": 0.5, "user": "1000", "environment": {"A": "b"}, "volumes": [f"{bench.data}:/x:ro"]}
    await brought(bench, bench.release("1", "well", **how), "k1")
    (one,) = bench.images.client.containers.list(filters={"label": f"{labels.HOME}={bench.home}"})

    assert one.attrs["HostConfig"]["Memory"] == 64 * 1024 * 1024
    assert one.attrs["HostConfig"]["NanoCpus"] == 500_000_000
    assert one.attrs["HostConfig"]["Binds"] == [f"{bench.data}:/x:ro"]
    assert one.attrs["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert one.attrs["Config"]["User"] == "1000"
    assert {"A=b", "SLIPWAY_VERSION=1"} <= set(one.attrs["Config"]["Env"])


# --- one-off work -----------------------------------------------------------------------------------------------


async def ended(runner: LoggedRunner, key: str) -> Run:
    async def done() -> bool:
        return (await runner.observe(key=key)).state is not RunState.RUNNING

    await until(done, 60)
    return await runner.observe(key=key)


async def test_one_off_work_has_the_targets_settings_and_leaves_nothing(bench: ContainerBench) -> None:
    kinds = {"docker": docker_backend.BACKEND, "compose": compose_backend.BACKEND}
    kind = kinds[str(bench.section(TARGET)["kind"])]
    async with kind.open(surroundings(bench.data, DB="pw")) as backend:
        assert isinstance(backend, RunsThere)
        runner = backend.runner(TARGET, bench.release("1", "well", secrets={"PASSWORD": "DB"}))
        say = ["sh", "-c", 'echo "$PASSWORD $MINE $PWD"; echo a=b >> "$SLIPWAY_RESULT"; exit 3']
        await runner.start(Invocation(say, {"MINE": "1"}, folder="/www"), key="one")

        assert await ended(runner, "one") == Run(RunState.EXITED, 3, {"a": "b"})
        assert (await runner.tail(key="one")).text == "pw 1 /www\n"

    marked = {"label": [f"{labels.HOME}={bench.home}"]}
    assert bench.images.client.api.containers(all=True, filters=marked) == []


async def test_work_that_takes_too_long_is_ended_in_the_engine_too(bench: ContainerBench) -> None:
    assert isinstance(bench.backend, RunsThere)
    runner = bench.backend.runner(TARGET, bench.good("1"))
    await runner.start(Invocation(["busybox", "sleep", "600"], timeout=timedelta(seconds=6)), key="one")

    assert (await ended(runner, "one")).exit_code == 124
    marked = {"label": [f"{labels.HOME}={bench.home}"]}
    assert bench.images.client.api.containers(all=True, filters=marked) == []


async def test_work_goes_on_while_the_engine_does_not_answer(docker_bench: ContainerBench, wire: Wire) -> None:
    assert isinstance(docker_bench.backend, RunsThere)
    runner = docker_bench.backend.runner(TARGET, docker_bench.release("1", "well", engine=wire.address))
    await runner.start(Invocation(["sh", "-c", "echo begun; sleep 4; echo done; exit 5"]), key="one")

    async def begun() -> bool:
        return "begun" in (await runner.tail(key="one")).text

    await until(begun)
    wire.break_off()

    async def told() -> bool:
        return "does not answer" in (await runner.tail(key="one")).text

    await until(told)
    wire.mend()
    assert (await ended(runner, "one")).exit_code == 5
    assert (await runner.tail(key="one")).text.endswith("done\n")


async def test_a_program_that_is_not_in_the_image_says_so(bench: ContainerBench) -> None:
    assert isinstance(bench.backend, RunsThere)
    runner = bench.backend.runner(TARGET, bench.good("1"))
    await runner.start(Invocation(["no-such-program"]), key="one")

    assert (await ended(runner, "one")).exit_code == 127
    assert "no-such-program" in (await runner.tail(key="one")).text
