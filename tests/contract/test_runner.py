"""What every runner promises, and what the detached one promises beyond: it outlives us, and it never guesses."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from bot.domain.errors import GaveUp
from bot.domain.masking import Mask
from bot.domain.observation import Run, RunState
from bot.engine import logs
from bot.ports import Invocation
from integrations._logs import MOST
from integrations.detached import Detached
from tests.contract.living import WallClock, a_bot, heard, told, until
from tests.contract.runners import RUNNERS, Bench, ended, python, whole_log
from tests.fakes.runner import Ending, ScriptedRunner


@pytest.fixture(params=RUNNERS)
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    async with RUNNERS[request.param](tmp_path) as made:
        yield made


@pytest.fixture
def runner(tmp_path: Path) -> Detached:
    return Detached(tmp_path, WallClock())


async def test_what_was_never_started_is_absent_and_silent(bench: Bench) -> None:
    assert (await bench.runner.observe(key="never")).state is RunState.ABSENT
    assert await whole_log(bench.runner, "never") == ""


@pytest.mark.parametrize("code", [0, 3, 255])
async def test_it_ends_with_its_exit_code(bench: Bench, code: int) -> None:
    await bench.runner.start(bench.exits(code), key="one")

    run = await ended(bench.runner, "one")
    assert (run.state, run.exit_code) == (RunState.EXITED, code)


async def test_what_it_leaves_comes_back(bench: Bench) -> None:
    await bench.runner.start(bench.leaves("digest=sha256:ab=cd"), key="one")

    assert (await ended(bench.runner, "one")).result == {"digest": "sha256:ab=cd"}


async def test_a_secret_on_a_line_that_is_read_in_pieces_is_covered_wherever_they_meet(runner: Detached) -> None:
    secret, mask = "zebra-quartz-lamp-0042", Mask(["zebra-quartz-lamp-0042"])
    await runner.start(python(f"for n in range(60): print('x' * ({MOST} - n) + '{secret}', end='')"), key="one")
    await ended(runner, "one")

    read, offset = "", 0
    for last in [False] * 40 + [True] * 3:
        chunk = await logs.read(runner, "one", offset, mask, last=last)
        read, offset = read + chunk.text, chunk.next_offset
    assert (read.count("x"), read.count("•••")) == (sum(MOST - n for n in range(60)), 60)
    assert [half for half in secret.split("-") if half in read] == []


async def test_starting_twice_under_one_key_is_starting_once(bench: Bench) -> None:
    await bench.runner.start(bench.says("first"), key="one")
    await ended(bench.runner, "one")
    await bench.runner.start(bench.says("second"), key="one")

    await ended(bench.runner, "one")
    assert await whole_log(bench.runner, "one") == "first\n"


STRANGE = b"caf\xe9 \xe2\x82 \xf0\x9f\x9a\xa2 \xef\xbf\xbd\n\xff\xfe\nsh\xc3\xbcn\n"


@pytest.mark.parametrize("bench", ["detached", "scripted"], indirect=True)  # others keep logs as text, not as bytes
async def test_a_log_may_be_cut_anywhere_whatever_its_bytes(bench: Bench) -> None:
    await bench.runner.start(bench.prints(STRANGE), key="one")
    await ended(bench.runner, "one")

    whole = await bench.runner.tail(key="one")
    lines = [whole.before(whole.text.index(word)).next_offset for word in ("caf", "sh")]
    assert lines == [0, STRANGE.index(b"sh")]
    assert (await bench.runner.tail(key="one", offset=lines[1])).text == "shün\n"


@pytest.mark.parametrize("nowhere", [-1, 10_000_000])
async def test_a_log_is_read_from_the_beginning_where_no_such_offset_can_be(bench: Bench, nowhere: int) -> None:
    await bench.runner.start(bench.says("hello"), key="one")
    await ended(bench.runner, "one")

    piece = await bench.runner.tail(key="one", offset=nowhere)
    assert (piece.text, piece.next_offset) == ("hello\n", len("hello\n"))


async def test_when_its_time_is_over_it_counts_as_124(bench: Bench) -> None:
    await bench.runner.start(bench.hangs, key="one")

    assert (await ended(bench.runner, "one")).exit_code == 124


@pytest.mark.parametrize(
    "text", ["שלום עולם", "\u202eright to left\u202c", "naïve 🚢 café", "<!channel> `x`", "zero\u200bwidth"]
)
async def test_any_text_comes_through_the_log(bench: Bench, text: str) -> None:
    await bench.runner.start(bench.says(text), key="one")

    await ended(bench.runner, "one")
    assert await whole_log(bench.runner, "one") == f"{text}\n"


async def test_keys_are_told_apart_whatever_they_are_made_of(bench: Bench) -> None:
    keys = ["a/b", "a-b", "a b", "../a", "a:b", ".", "..", "ключ", "K" * 300, "k" * 300]
    for key in keys:
        await bench.runner.start(bench.says(key), key=key)

    for key in keys:
        await ended(bench.runner, key)
        assert await whole_log(bench.runner, key) == f"{key}\n"


async def test_looking_changes_nothing(bench: Bench) -> None:
    await bench.runner.start(bench.exits(7), key="one")
    first = await ended(bench.runner, "one")

    assert [await bench.runner.observe(key="one") for _ in range(5)] == [first] * 5


async def test_a_scripted_ending_is_taken_once() -> None:
    runner = ScriptedRunner()
    runner.then(Ending(9))
    await runner.start(Invocation(["x"]), key="a")
    await runner.start(Invocation(["x"]), key="b")

    assert [(await runner.observe(key=key)).exit_code for key in "ab"] == [9, 0]


# --- the detached one -------------------------------------------------------------------------------------------


async def test_the_log_is_there_while_it_runs(runner: Detached) -> None:
    await runner.start(python("import time\nprint('begun')\ntime.sleep(60)", timeout=timedelta(seconds=8)), key="one")

    async def begun() -> bool:
        return await whole_log(runner, "one") == "begun\n"

    await until(begun)
    assert (await runner.observe(key="one")).state is RunState.RUNNING
    await ended(runner, "one")


async def test_another_bot_finds_exit_code_result_and_log(tmp_path: Path) -> None:
    """The bot that started it is killed with its whole group; what it started goes on."""
    program = "import os,time; time.sleep(3); print('done'); open(os.environ['SLIPWAY_RESULT'],'w').write('a=b')"
    bot = (
        "import asyncio, sys, pathlib, time\n"
        "from integrations.detached import Detached\nfrom bot.ports import Invocation\n"
        f"d = Detached(pathlib.Path({str(tmp_path)!r}), None)\n"
        f"asyncio.run(d.start(Invocation([sys.executable, '-c', {program!r}]), key='one'))\n"
        "print('started', flush=True)\ntime.sleep(60)\n"
    )
    with a_bot(bot) as killed:
        assert heard(killed) == "started"
        os.killpg(killed.pid, signal.SIGKILL)

    after = Detached(tmp_path, WallClock())
    assert (await after.observe(key="one")).state is RunState.RUNNING
    assert await ended(after, "one") == Run(RunState.EXITED, 0, {"a": "b"})
    assert await whole_log(after, "one") == "done\n"


async def test_a_timeout_ends_what_it_started_too(runner: Detached, tmp_path: Path) -> None:
    family = (
        "import subprocess, sys, os\n"
        "deaf = 'import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
        f"open({str(tmp_path / 'pids')!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\nchild.wait()"
    )
    await runner.start(python(family, timeout=timedelta(seconds=1)), key="one")

    run = await ended(runner, "one")
    assert run.exit_code == 124
    assert "longer than 1s" in run.detail
    for pid in (tmp_path / "pids").read_text().split():

        async def gone(pid: str = pid) -> bool:
            return not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE

        await until(gone, 5)


def parent_of(tmp_path: Path, key: str = "one") -> psutil.Process:
    """Find the detached parent by the folder in its command line."""
    folder = str(tmp_path / "runs" / key)
    return next(p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] and p.info["cmdline"][-1] == folder)


async def test_killed_by_minus_nine_is_lost_not_guessed(runner: Detached, tmp_path: Path) -> None:
    says = "import os, time; open(os.environ['SLIPWAY_RESULT'], 'w').write('irreversible=true\\n'); "
    await runner.start(python(f"{says}print('begun', flush=True); time.sleep(60)"), key="one")

    async def begun() -> bool:
        return "begun" in await whole_log(runner, "one")

    await until(begun)
    parent = parent_of(tmp_path)
    command = parent.children()[0]
    os.killpg(os.getpgid(parent.pid), signal.SIGKILL)

    run = await ended(runner, "one")
    assert run.state is RunState.LOST
    assert run.exit_code is None
    assert run.result == {"irreversible": "true"}  # what it had said until then

    async def gone() -> bool:
        return not command.is_running() or command.status() == psutil.STATUS_ZOMBIE

    await until(gone)  # a command that nobody attends does not go on
    await runner.start(python("print('again')"), key="one")
    assert (await runner.observe(key="one")).state is RunState.LOST


async def test_a_command_killed_by_a_signal_says_which(runner: Detached) -> None:
    await runner.start(python("import os; os.kill(os.getpid(), 9)"), key="one")

    run = await ended(runner, "one")
    assert (run.state, run.exit_code, run.detail) == (RunState.EXITED, 137, "it was ended by SIGKILL")


async def test_many_at_once_under_one_key_start_it_once(tmp_path: Path) -> None:
    runners = [Detached(tmp_path, WallClock()) for _ in range(12)]
    once = python(f"open({str(tmp_path / 'count')!r}, 'a').write('x')")
    await asyncio.gather(*(runner.start(once, key="one") for runner in runners))

    await ended(runners[0], "one")
    assert (tmp_path / "count").read_text() == "x"


async def test_a_claim_that_never_began_is_absent_and_can_be_started(runner: Detached) -> None:
    """The bot was killed between giving the key its folder and starting the parent."""
    runner._claim(python("print('late but once')"), runner._folder("one"))

    assert (await runner.observe(key="one")).state is RunState.ABSENT
    await asyncio.gather(*(runner.start(python("print('another')"), key="one") for _ in range(4)))
    await ended(runner, "one")
    assert await whole_log(runner, "one") == "late but once\n"


async def test_a_bot_killed_at_any_moment_of_start_leaves_none_or_one(tmp_path: Path) -> None:
    count = tmp_path / "count"
    once = f"open({str(count)!r}, 'a').write('x')"
    bot = (
        "import asyncio, sys, pathlib\nfrom integrations.detached import Detached\nfrom bot.ports import Invocation\n"
        f"d = Detached(pathlib.Path({str(tmp_path)!r}), None)\nprint('ready', flush=True)\nsys.stdin.readline()\n"
        f"asyncio.run(d.start(Invocation([sys.executable, '-c', {once!r}]), key=sys.argv[1]))\n"
    )
    for moment in range(12):
        with a_bot(bot, f"k{moment}") as killed:
            assert heard(killed) == "ready"
            told(killed)
            await asyncio.sleep(moment * 0.008)  # the moment of death is what is tried here
            killed.kill()
        after = Detached(tmp_path, WallClock())
        await after.start(python(once), key=f"k{moment}")
        assert (await ended(after, f"k{moment}")).exit_code == 0

    assert count.read_text() == "x" * 12


async def test_a_program_that_is_not_there_says_so(runner: Detached) -> None:
    await runner.start(Invocation(["no-such-program-at-all", "--now"]), key="one")

    run = await ended(runner, "one")
    assert run.exit_code == 127
    assert run.detail == "cannot run no-such-program-at-all: No such file or directory"
    assert run.detail in await whole_log(runner, "one")


async def test_a_folder_that_is_not_there_says_so(runner: Detached) -> None:
    await runner.start(python("print(1)", folder="/no/such/folder"), key="one")

    run = await ended(runner, "one")
    assert (run.exit_code, run.detail) == (127, "cannot run in /no/such/folder: No such file or directory")


async def test_it_is_told_none_of_the_bots_secrets(runner: Detached, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "an-invention")
    monkeypatch.setenv("DATABASE_URL", "another-invention")
    await runner.start(python("import os; print(sorted(os.environ))", environment={"MINE": "1"}), key="one")

    await ended(runner, "one")
    log = await whole_log(runner, "one")
    assert "MINE" in log
    assert "SLACK" not in log
    assert "DATABASE_URL" not in log


async def test_the_request_with_its_environment_does_not_stay_on_disk(runner: Detached, tmp_path: Path) -> None:
    await runner.start(python("print(1)", environment={"PASSWORD": "an-invented-one"}), key="one")

    await ended(runner, "one")
    kept = [path.read_bytes() for path in (tmp_path / "runs" / "one").iterdir() if path.is_file()]
    assert not any(b"an-invented-one" in content for content in kept)


async def test_a_log_without_bounds_is_cut_and_the_command_goes_on(tmp_path: Path) -> None:
    runner = Detached(tmp_path, WallClock(), most_log=200_000)
    await runner.start(python("for i in range(50_000): print('line', i)"), key="one")

    assert (await ended(runner, "one")).exit_code == 0
    log = await whole_log(runner, "one")
    assert len(log) < 201_000
    assert log.endswith("[slipway] the log is cut here, at 200000 bytes\n")


async def test_a_last_line_without_an_end_and_a_line_without_bounds_are_shown(runner: Detached) -> None:
    await runner.start(python("import sys; sys.stdout.write('é' * 100_000)"), key="one")

    await ended(runner, "one")
    assert await whole_log(runner, "one") == "é" * 100_000 + "\n"


async def test_nothing_to_run_and_no_key_are_refused(runner: Detached) -> None:
    with pytest.raises(GaveUp, match="argv is empty"):
        await runner.start(Invocation([]), key="one")
    with pytest.raises(GaveUp, match="1 to 1000 characters"):
        await runner.start(python(""), key="")


async def test_what_ended_long_ago_is_swept_and_what_runs_is_not(runner: Detached) -> None:
    await runner.start(python("print(1)"), key="old")
    await runner.start(python("import time; time.sleep(60)", timeout=timedelta(seconds=8)), key="running")
    await ended(runner, "old")

    assert await runner.sweep(older=timedelta(hours=1)) == 0
    assert await runner.sweep(older=timedelta(seconds=-5)) == 1
    assert (await runner.observe(key="old")).state is RunState.ABSENT
    assert (await runner.observe(key="running")).state is RunState.RUNNING
    await ended(runner, "running")
