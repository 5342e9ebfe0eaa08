"""What the process backend promises beyond every backend: no dropped request, and nothing forgotten by a `kill -9`."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import psutil
import pytest
from aiohttp import web as server
from pydantic import ValidationError

from bot.domain.errors import GaveUp
from bot.domain.masking import Mask
from bot.domain.observation import Phase
from bot.ports import Desired
from integrations._process_host.address import socket as socket_of
from integrations.process import BACKEND, Config, Processes, start_host, stop_host
from tests.contract.benches import OTHER, TARGET, ProcessBench, brought, pack, processes, settled
from tests.contract.living import WallClock, a_bot, heard, load, surroundings, until


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[ProcessBench]:
    async with processes(tmp_path) as made:
        yield made


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def address(bench: ProcessBench, path: str = "/") -> str:
    return f"http://127.0.0.1:{bench.ports[TARGET]}{path}"


async def said(web: aiohttp.ClientSession, url: str) -> str:
    async with web.get(url) as answer:
        return await answer.text()


def host_of(data: Path) -> psutil.Process:
    """Find the host by its command line."""
    return next(
        p
        for p in psutil.process_iter(["cmdline"])
        if p.info["cmdline"] and "integrations._process_host" in p.info["cmdline"] and str(data) in p.info["cmdline"]
    )


def children_of(data: Path) -> list[psutil.Process]:
    """Find the processes that run releases of this data folder: they run in folders of its own."""
    found = []
    for one in psutil.process_iter(["pid"]):
        with contextlib.suppress(psutil.Error):
            if one.cwd().startswith(str(data / "process" / "targets")) and one.status() != psutil.STATUS_ZOMBIE:
                found.append(one)
    return found


def kill_host(data: Path) -> None:
    host = host_of(data)
    host.kill()
    host.wait(10)


# --- no request is dropped --------------------------------------------------------------------------------------


async def upload(port: int, seen: Counter[str], lost: list[str], over: asyncio.Event) -> None:
    """Send bodies that cannot be sent twice."""
    async with aiohttp.ClientSession() as session:
        while not over.is_set():
            try:
                async with session.post(f"http://127.0.0.1:{port}/", data=b"x" * 50_000) as answer:
                    seen["upload"] += 1
                    if answer.status != 200 or len(await answer.read()) != 50_000:
                        lost.append(f"upload: HTTP {answer.status}")
            except aiohttp.ClientError as error:
                lost.append(repr(error))


@pytest.mark.slow
async def test_twenty_swaps_under_load_lose_no_request(
    bench: ProcessBench, record_testsuite_property: Callable[[str, object], None]
) -> None:
    await brought(bench, bench.good("0"), "k0")
    seen, lost, over = Counter[str](), list[str](), asyncio.Event()
    port = bench.ports[TARGET]
    loads = [load(port, seen, lost, over, keep_alive=number % 2 == 0) for number in range(8)]
    tasks = [asyncio.create_task(one) for one in [*loads, upload(port, seen, lost, over)]]
    for number in range(1, 21):
        observed = await brought(bench, bench.good(str(number)), f"k{number}")
        assert observed.phase is Phase.LIVE, observed
    over.set()
    await asyncio.gather(*tasks)

    record_testsuite_property("requests during 20 swaps", sum(seen.values()))
    assert lost == []
    assert set(seen) >= {str(number) for number in range(21)}


async def test_a_restart_is_a_new_process_of_the_same_release_and_loses_no_request(bench: ProcessBench) -> None:
    desired = bench.good("1")
    await brought(bench, desired, "k0")
    before = children_of(bench.data)
    seen, lost, over = Counter[str](), list[str](), asyncio.Event()
    port = bench.ports[TARGET]
    loads = [load(port, seen, lost, over, keep_alive=number % 2 == 0) for number in range(4)]
    tasks = [asyncio.create_task(one) for one in [*loads, upload(port, seen, lost, over)]]
    for number in range(1, 4):
        assert (await brought(bench, desired, f"k{number}")).phase is Phase.LIVE
    over.set()
    await asyncio.gather(*tasks)

    assert lost == []
    assert set(seen) == {"1", "upload"}

    async def gone() -> bool:
        return not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in before)

    await until(gone)


async def test_a_request_in_flight_finishes_where_it_began(bench: ProcessBench, web: aiohttp.ClientSession) -> None:
    await brought(bench, bench.good("1"), "k1")
    slow = asyncio.create_task(said(web, address(bench, "/slow")))
    await asyncio.sleep(0.2)  # it is on its way
    await brought(bench, bench.good("2"), "k2")

    assert await said(web, address(bench)) == "2"
    assert await slow == "1"


async def test_the_old_version_is_gone_afterwards_with_its_folder(bench: ProcessBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    await brought(bench, bench.good("2"), "k2")

    async def one_left() -> bool:
        return len(children_of(bench.data)) == 1 and len(list(bench.data.glob("process/targets/*/run/*"))) == 1

    await until(one_left, 5)


# --- what does not come up --------------------------------------------------------------------------------------


async def test_what_ends_at_once_says_its_exit_code_and_last_words(bench: ProcessBench) -> None:
    seen = await brought(bench, bench.bad("1"), "k1")

    assert seen.detail == "it ended before it was up: exit code 3\ncannot connect to the database"
    assert seen.replicas == (0, 0)


async def test_its_last_words_are_masked_before_they_are_cut(bench: ProcessBench, tmp_path: Path) -> None:
    says = f"import sys; sys.exit('{'x' * 290} zebra-quartz-lamp-0042')"
    async with BACKEND.open(replace(surroundings(tmp_path), mask=Mask(["zebra-quartz-lamp-0042"]))) as backend:
        masked = replace(bench, backend=backend)
        seen = await brought(masked, bench.release("1", "well", run=[sys.executable, "-c", says]), "k1")

    assert seen.detail.splitlines()[-1] == f"{'x' * 290} •••"


async def test_what_is_sick_from_the_start_never_serves(bench: ProcessBench, web: aiohttp.ClientSession) -> None:
    await brought(bench, bench.good("1"), "k1")
    seen = await brought(bench, bench.release("2", "sick", start_within="4s"), "k2")

    assert seen.phase is Phase.FAILED
    assert seen.detail.splitlines()[0] == "not up within 4s: /health answers HTTP 500"
    assert await said(web, address(bench)) == "1"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"run": ["no-such-program"]}, "cannot run no-such-program: No such file or directory"),
        ({"run": ["python3", "nowhere.py"]}, "can't open file"),
    ],
)
async def test_what_cannot_be_run_says_so(bench: ProcessBench, change: dict[str, object], words: str) -> None:
    seen = await brought(bench, bench.release("1", "well", TARGET, **change), "k1")

    assert seen.phase is Phase.FAILED
    assert words in seen.detail


async def test_an_altered_artefact_is_never_run(bench: ProcessBench) -> None:
    desired = bench.good("1")
    packed = next((bench.data / "artefacts").iterdir())
    packed.write_bytes(packed.read_bytes().replace(b"Server((", b"Zerver(("))

    seen = await brought(bench, desired, "k1")
    assert seen.phase is Phase.FAILED
    assert "the artefact was altered" in seen.detail


async def test_an_artefact_that_is_gone_says_so(bench: ProcessBench) -> None:
    desired = bench.good("1")
    next((bench.data / "artefacts").iterdir()).unlink()

    assert "build it again" in (await brought(bench, desired, "k1")).detail


async def test_an_artefact_cannot_write_outside_its_folder(bench: ProcessBench, tmp_path: Path) -> None:
    digest = pack(bench.data / "artefacts", {"../../../../escaped": "x"})
    desired = bench.good("1")
    seen = await brought(bench, Desired(replace(desired.release, digest=digest), desired.config), "k1")

    assert seen.phase is Phase.FAILED
    assert "cannot be unpacked" in seen.detail
    assert not await asyncio.to_thread(lambda: list(tmp_path.rglob("escaped")))


async def test_a_port_that_somebody_else_has_is_named(bench: ProcessBench) -> None:
    with socket.create_server(("127.0.0.1", bench.ports[TARGET])):
        seen = await brought(bench, bench.good("1"), "k1")

    assert seen.phase is Phase.FAILED
    assert f"port {bench.ports[TARGET]} is taken by" in seen.detail
    assert f"(process {os.getpid()})" in seen.detail


async def test_a_newer_wish_ends_the_bringing_up_of_an_older(bench: ProcessBench, web: aiohttp.ClientSession) -> None:
    await bench.backend.apply(TARGET, bench.release("1", "sick", start_within="1h"), key="k1")
    await brought(bench, bench.good("2"), "k2")

    seen = await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))
    assert (seen.phase, seen.version) == (Phase.FAILED, "2")
    assert seen.detail == "superseded: 2 was asked for before 1 was live"
    assert await said(web, address(bench)) == "2"


# --- what dies --------------------------------------------------------------------------------------------------


async def test_what_ends_by_itself_is_started_again_and_it_says_so(
    bench: ProcessBench, web: aiohttp.ClientSession
) -> None:
    await brought(bench, bench.good("1"), "k1")
    async with web.get(address(bench, "/die")) as answer:
        assert answer.status == 502

    async def noticed() -> bool:
        return (await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))).phase is Phase.FAILED

    async def back() -> bool:
        return (await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))).phase is Phase.LIVE

    await until(noticed, 5)
    fallen = await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))
    assert (fallen.key, fallen.version, fallen.replicas) == (None, None, (0, 1))
    assert "1 ended by itself: exit code 7" in fallen.detail
    await until(back)
    assert (
        "it was started again once"
        in (await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))).detail
    )
    assert await said(web, address(bench)) == "1"


async def test_while_nothing_serves_the_answer_says_why(bench: ProcessBench, web: aiohttp.ClientSession) -> None:
    await brought(bench, bench.bad("1"), "k0")
    await bench.backend.apply(TARGET, bench.release("2", "sick", start_within="5s"), key="k1")

    async def refused() -> bool:
        with contextlib.suppress(aiohttp.ClientConnectorError):
            async with web.get(address(bench)) as answer:
                return answer.status == 503 and "nothing has been deployed there yet" in await answer.text()
        return False

    await until(refused, 5)


async def test_a_host_killed_by_minus_nine_comes_back_with_what_was_live(
    bench: ProcessBench, web: aiohttp.ClientSession
) -> None:
    await brought(bench, bench.good("1"), "k1")
    await brought(bench, bench.good("2"), "k2")
    serving = children_of(bench.data)
    kill_host(bench.data)

    seen = await settled(bench, "k2")
    assert (seen.phase, seen.version) == (Phase.LIVE, "2")
    assert await said(web, address(bench)) == "2"
    assert [one.pid for one in serving][-1] in [one.pid for one in children_of(bench.data)]  # adopted, not restarted


async def test_a_host_and_all_its_children_killed_come_back(bench: ProcessBench, web: aiohttp.ClientSession) -> None:
    await brought(bench, bench.good("1"), "k1")
    kill_host(bench.data)
    for child in children_of(bench.data):
        child.kill()
        child.wait(10)

    seen = await settled(bench, "k1")
    assert (seen.phase, seen.version) == (Phase.LIVE, "1")
    assert await said(web, address(bench)) == "1"


async def test_a_host_killed_while_it_brings_something_up_goes_on(bench: ProcessBench) -> None:
    await brought(bench, bench.good("1"), "k1")
    await bench.backend.apply(TARGET, bench.good("2"), key="k2")
    kill_host(bench.data)

    seen = await settled(bench, "k2")
    assert (seen.phase, seen.version) == (Phase.LIVE, "2")

    async def one_left() -> bool:
        return len(children_of(bench.data)) == 1

    await until(one_left)


@pytest.mark.slow
async def test_a_host_killed_at_many_moments_of_swaps_is_never_wrong(
    bench: ProcessBench, web: aiohttp.ClientSession
) -> None:
    await brought(bench, bench.good("0"), "k0")
    for moment in range(6):
        version = str(moment + 1)
        await bench.backend.apply(TARGET, bench.good(version), key=f"k{version}")
        await asyncio.sleep(moment * 0.06)  # the moment of death is what is tried here
        kill_host(bench.data)

        seen = await settled(bench, f"k{version}")
        assert (seen.phase, seen.version, seen.key) == (Phase.LIVE, version, f"k{version}")
        assert await said(web, address(bench)) == version

    async def one_left() -> bool:
        return len(children_of(bench.data)) == 1

    await until(one_left)


async def test_a_bot_killed_in_the_middle_of_an_apply_changes_nothing_about_it(tmp_path: Path) -> None:
    async with processes(tmp_path) as bench:
        release = bench.good("1")
        config, digest = json.dumps(dict(release.config)), release.release.digest
        bot = (
            "import asyncio, json, sys, pathlib\nfrom bot.plugins import Surroundings\n"
            "from integrations.process import BACKEND\nfrom tests.contract.benches import TARGET, a_release\n"
            "from bot.ports import Desired\n"
            "async def main():\n"
            f"    async with BACKEND.open(Surroundings(pathlib.Path({str(tmp_path)!r}), None, None)) as backend:\n"
            f"        wish = Desired(a_release('1', {digest!r}), json.loads({config!r}))\n"
            "        await backend.apply(TARGET, wish, key='k1')\n"
            "        print('asked', flush=True)\n"
            "        await asyncio.sleep(60)\n"
            "asyncio.run(main())\n"
        )
        with a_bot(bot) as killed:
            assert heard(killed) == "asked"
            os.killpg(killed.pid, signal.SIGKILL)

        seen = await settled(bench, "k1")
        assert (seen.phase, seen.version) == (Phase.LIVE, "1")


async def test_stopping_ends_everything_and_starting_brings_it_back(
    bench: ProcessBench, web: aiohttp.ClientSession
) -> None:
    await brought(bench, bench.good("1"), "k1")
    await brought(bench, bench.good("7", OTHER), "k2", OTHER)
    await stop_host(bench.data)
    assert children_of(bench.data) == []

    await start_host(bench.data)
    assert (await settled(bench, "k1")).version == "1"
    assert (await settled(bench, "k2", OTHER)).version == "7"
    assert await said(web, address(bench)) == "1"


async def test_stopping_what_never_ran_is_no_trouble(tmp_path: Path) -> None:
    await stop_host(tmp_path)
    await stop_host(tmp_path)


async def test_many_who_find_nobody_start_one_host(tmp_path: Path) -> None:
    try:
        await asyncio.gather(*(start_host(tmp_path) for _ in range(6)))
        hosts = [
            one
            for one in psutil.process_iter(["cmdline"])
            if str(tmp_path) in (one.info["cmdline"] or []) and one.status() != psutil.STATUS_ZOMBIE
        ]
        assert len(hosts) == 1
    finally:
        await stop_host(tmp_path)


async def test_a_data_folder_deep_down_is_no_trouble(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    async with processes(deep) as bench:
        assert (await brought(bench, bench.good("1"), "k1")).phase is Phase.LIVE


async def test_a_host_ends_when_its_data_folder_is_removed(tmp_path: Path) -> None:
    async with processes(tmp_path / "data") as bench:
        await brought(bench, bench.good("1"), "k1")
        host = host_of(bench.data)
        (bench.data / "process" / "host.lock").unlink()

        async def gone() -> bool:
            return not host.is_running() and children_of(bench.data) == []

        await until(gone)


# --- what it is told, and what it says --------------------------------------------------------------------------


async def test_a_release_is_told_none_of_the_bots_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "an-invention")
    monkeypatch.setenv("DATABASE_URL", "another-invention")
    async with processes(tmp_path) as bench:
        desired = bench.release("1.2.3", "well", environment={"BACKEND_URL": "http://x"})
        await brought(bench, desired, "k1")
        (child,) = children_of(tmp_path)
        told = child.environ()
        host_told = host_of(tmp_path).environ()

    assert (told["SLIPWAY_VERSION"], told["SLIPWAY_COMMIT"], told["BACKEND_URL"]) == ("1.2.3", "0" * 40, "http://x")
    assert not {name for name in [*told, *host_told] if name.startswith("SLACK") or name == "DATABASE_URL"}


async def test_a_preview_names_what_would_change_and_no_value_of_a_variable(bench: ProcessBench) -> None:
    kept = {"KEPT": "same", "GONE": "old-secret", "TOKEN": "old-secret"}
    await brought(bench, bench.release("1", "well", environment=kept), "k1")
    wanted = bench.release("2", "well", environment={"KEPT": "same", "TOKEN": "new-secret", "NEW": "new-secret"})
    assert isinstance(bench.backend, Processes)

    wanted = Desired(wanted.release, {**wanted.config, "run": ["python3", "-u", "server.py"], "grace": "3s"})
    lines = await bench.backend.preview(TARGET, wanted)

    assert [line for line in lines if not line.startswith("digest: ")] == [
        "version: 1 → 2",
        "run: python3 server.py → python3 -u server.py",
        "grace: 2s → 3s",
        "environment: GONE is gone",
        "environment: NEW is new",
        "environment: TOKEN has another value",
    ]


async def test_a_preview_of_what_is_not_built_yet_says_so_of_its_artefact(bench: ProcessBench) -> None:
    assert isinstance(bench.backend, Processes)
    live = bench.good("1")
    await brought(bench, live, "k1")
    planned = bench.good("2")

    lines = await bench.backend.preview(TARGET, Desired(replace(planned.release, digest=None), planned.config))

    assert lines == ["version: 1 → 2", f"digest: {str(live.release.digest)[7:19]} → what is built first"]


async def test_a_preview_of_what_cannot_be_run_says_why(bench: ProcessBench) -> None:
    assert isinstance(bench.backend, Processes)
    good = bench.good("1")

    with pytest.raises(GaveUp, match="the backend section of backend/staging is wrong: port"):
        await bench.backend.preview(TARGET, Desired(good.release, {**good.config, "port": 0}))


async def test_a_host_from_before_an_update_says_that_it_is_one(tmp_path: Path) -> None:
    """It is not replaced for a look: that would begin everything anew that it runs."""
    app, where = server.Application(), await asyncio.to_thread(socket_of, tmp_path)
    runner = server.AppRunner(app)
    await runner.setup()
    await server.UnixSite(runner, str(where)).start()
    try:
        async with BACKEND.open(surroundings(tmp_path)) as backend:
            assert isinstance(backend, Processes)
            with pytest.raises(GaveUp, match="is from before an update and does not know “output”"):
                await backend.output(TARGET, config={}, since=WallClock().now(), most=10)
    finally:
        await runner.cleanup()


async def test_the_log_of_a_release_is_there_under_its_key(bench: ProcessBench) -> None:
    await brought(bench, bench.bad("1"), "k1")
    assert isinstance(bench.backend, Processes)

    piece = await bench.backend.tail(key="k1")
    assert piece.text == "cannot connect to the database\n"
    assert (await bench.backend.tail(key="k1", offset=piece.next_offset)).text == ""
    assert (await bench.backend.tail(key="never")).text == ""


async def test_the_proxy_changes_nothing_it_should_not(bench: ProcessBench) -> None:
    """A server that says back what it got, asked over bare sockets."""
    echo = (
        "import os, sys\nfrom http.server import BaseHTTPRequestHandler, ThreadingHTTPServer\n"
        "class H(BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        body = (self.requestline + '\\n' + str(self.headers)).encode()\n"
        "        self.send_response(200)\n"
        "        self.send_header('Set-Cookie', 'a=1'); self.send_header('Set-Cookie', 'b=2')\n"
        "        self.send_header('Content-Encoding', 'x-mine'); self.end_headers()\n"
        "        self.wfile.write(body)\n"
        "    do_HEAD = do_PURGE = do_GET\n"
        "ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), H).serve_forever()\n"
    )
    desired = bench.good("1")
    digest = pack(bench.data / "artefacts", {"server.py": echo})
    await brought(bench, Desired(replace(desired.release, digest=digest), desired.config), "k1")
    reader, writer = await asyncio.open_connection("127.0.0.1", bench.ports[TARGET])
    writer.write(
        b"PURGE /a%2Fb/../c?q=%20x&&z HTTP/1.1\r\nHost: example.org:99\r\nConnection: close, X-Gone\r\nX-Gone: 1\r\n"
        b"X-Kept: 2\r\nX-Forwarded-For: 10.0.0.9\r\n\r\n"
    )
    answer = (await reader.read()).decode()
    writer.close()

    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" in answer
    assert "Content-Encoding: x-mine" in answer
    assert "PURGE /a%2Fb/../c?q=%20x&&z HTTP/1.1" in answer
    assert "Host: example.org:99" in answer
    assert "X-Kept: 2" in answer
    assert "X-Forwarded-For: 10.0.0.9, 127.0.0.1" in answer
    assert "X-Gone" not in answer


async def test_a_release_that_was_never_built_cannot_be_asked_for(bench: ProcessBench) -> None:
    desired = bench.good("1")
    with pytest.raises(GaveUp, match="never built"):
        await bench.backend.apply(TARGET, replace(desired, release=replace(desired.release, digest=None)), key="k1")


async def test_a_wrong_section_says_what_is_wrong(bench: ProcessBench) -> None:
    with pytest.raises(GaveUp, match=r"backend section of backend/staging is wrong: health: .*is not a path"):
        await bench.backend.apply(TARGET, bench.release("1", "well", health="api"), key="k1")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("port", 70_000, "less than or equal to 65535"),
        ("run", [], "at least 1 item"),
        ("grace", "soon", "“soon” is not a duration; write for example 20s"),
        ("environment", {"PORT": "1"}, "PORT is set by Slipway"),
        ("helth", "/", "Extra inputs are not permitted"),
    ],
)
def test_a_section_is_refused_with_words(field: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Config.model_validate({"kind": "process", "port": 1, "run": ["x"], field: value})


def test_a_section_survives_being_written_as_json() -> None:
    config = Config.model_validate({"port": 1, "run": ["x"], "grace": "1m30s", "start_within": "0.5s"})

    assert Config.model_validate_json(config.model_dump_json()) == config
