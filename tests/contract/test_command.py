"""A program as a backend: what it says is checked, and what it does not say is not believed."""

import json
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from bot.domain.observation import Observed, Phase
from bot.ports import Output
from integrations._command.answer import Asked
from integrations._command.notes import note
from integrations.command import BACKEND
from integrations.detached import Detached
from tests.contract.benches import brought, settled
from tests.contract.command_bench import CommandBench, commands
from tests.contract.living import ROOT, WallClock, a_bot, heard, surroundings
from tests.contract.small_disk import small_disk as small_disk
from tests.contract.wishes import TARGET

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[CommandBench]:
    async with commands(tmp_path) as made:
        yield made


def python(code: str, *words: str) -> list[str]:
    return [sys.executable, "-c", code, *words]


def says(text: str) -> list[str]:
    return python(f"print({text!r})")


async def seen(bench: CommandBench, key: str = "k1", **config: object) -> Observed:
    return await bench.backend.observe(TARGET, key=key, config={**bench.section(TARGET), **config})


async def output(bench: CommandBench, most: int, **config: object) -> str:
    assert isinstance(bench.backend, Output)
    return await bench.backend.output(TARGET, config={**bench.section(TARGET), **config}, since=NOW, most=most)


async def printed(data: Path, key: str = "k1") -> str:
    return (await Detached(data, WallClock()).tail(key=key)).text


async def test_an_exit_code_of_0_alone_is_no_success(bench: CommandBench) -> None:
    await bench.backend.apply(TARGET, bench.release("1.0.0", "well", apply=python("")), key="k1")
    found = await settled(bench, "k1")

    assert found.phase is Phase.UNKNOWN
    assert "exit code 0, and observe says that nothing was ever asked" in found.detail


async def test_an_exit_code_of_0_that_changed_nothing_is_a_failure(bench: CommandBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    await bench.backend.apply(TARGET, bench.release("2.0.0", "well", apply=python("")), key="k2")
    found = await settled(bench, "k2")

    assert (found.phase, found.version) == (Phase.FAILED, "1.0.0")
    assert "superseded, or never in effect: 1.0.0 serves" in found.detail


async def test_an_error_that_did_what_was_asked_is_a_success(bench: CommandBench) -> None:
    found = await brought(bench, bench.release("1.0.0", "does and fails"), "k1")

    assert (found.phase, found.version) == (Phase.LIVE, "1.0.0")


async def test_an_error_beside_what_may_have_served_before_is_unknown(bench: CommandBench) -> None:
    keyless = {"observe": says('{"phase": "live", "version": "1.0.0"}')}
    denied = python("import sys; sys.exit('permission denied')")
    await brought(bench, bench.release("1.0.0", "well", **keyless), "k1")
    await brought(bench, bench.release("1.0.0", "well", apply=denied, **keyless), "k2")
    first, again = await seen(bench, "k1", **keyless), await seen(bench, "k2", **keyless)

    assert (first.phase, first.version) == (Phase.LIVE, "1.0.0")
    assert (again.phase, again.version) == (Phase.UNKNOWN, "1.0.0")
    told = "its apply ended with exit code 1: permission denied; observe says that 1.0.0 serves, and under no key"
    assert again.detail == told


async def test_what_is_cut_is_masked_before(bench: CommandBench, tmp_path: Path) -> None:
    fails = python("import sys; sys.exit('t0p-secret-value' + 'y' * 1993)")
    wrong = says("x" * 90 + " t0p-secret-value")
    masked = replace(surroundings(tmp_path), mask=Mask(["t0p-secret-value"]))
    async with BACKEND.open(masked) as backend:
        with pytest.raises(Retry) as no:
            await backend.observe(TARGET, key="k", config={**bench.section(TARGET), "observe": fails})
        seen = await backend.observe(TARGET, key="k", config={**bench.section(TARGET), "observe": wrong})

    assert no.value.reason == f"observe ended with exit code 1: •••{'y' * 1993}"
    assert seen.detail == f"observe gave no answer: it printed no JSON, but “{'x' * 90} •••”"


async def test_a_failure_is_told_in_the_programs_own_words(bench: CommandBench) -> None:
    found = await brought(bench, bench.bad("1.0.0"), "k1")

    assert found.phase is Phase.FAILED
    assert "its apply ended with exit code 1: " in found.detail
    assert "the server is full" in found.detail


async def test_what_takes_too_long_is_ended_and_failed(bench: CommandBench) -> None:
    found = await brought(bench, bench.release("1.0.0", "waits", timeout="0.5s"), "k1")

    assert found.phase is Phase.FAILED
    assert "exit code 124: it took longer than 0.5s and was ended" in found.detail


WRONG = {
    "": "it printed no JSON, but nothing",
    "ok": "it printed no JSON, but “ok”",
    '{"phase": "live"': "it printed no JSON, but",
    "[1]": "it printed “[1]”, and a JSON object was expected",
    "{}": "its phase is “null”, and one of absent, progressing, live, failed, unknown was expected",
    '{"phase": "LIVE"}': "its phase is “LIVE”, and one of",
    '{"phase": ["live"]}': 'its phase is “["live"]”, and one of',
    '{"phase": "live"}': "it says live, and names neither key, digest nor version",
    '{"phase": "live", "verison": "1"}': "it printed “verison”, which is unknown; there are phase, key",
    '{"phase": "live", "version": 1}': "its version is “1”, and text was expected",
    '{"phase": "live", "version": "1", "replicas": [true, 1]}': "its replicas are “[true, 1]”, and [ready, wanted]",
    '{"phase": "live", "version": "1", "replicas": 3}': "its replicas are “3”, and [ready, wanted]",
    '{"phase": "live", "version": "1"}\n{"phase": "live", "version": "1"}': "it printed no JSON, but",
    "[" * 30_000: "it printed no JSON, but",
}


@pytest.mark.parametrize("printed", WRONG, ids=lambda text: text[:20])
async def test_what_is_no_answer_is_unknown_and_says_why(printed: str, bench: CommandBench) -> None:
    found = await seen(bench, observe=python("import sys; print(sys.argv[1])", printed))

    assert found.phase is Phase.UNKNOWN
    assert f"observe gave no answer: {WRONG[printed]}" in found.detail
    assert (found.key, found.digest, found.version) == (None, None, None)


async def test_an_endless_answer_is_unknown(bench: CommandBench) -> None:
    found = await seen(bench, observe=python("print('x' * 70_000)"))

    assert (found.phase, found.detail) == (Phase.UNKNOWN, "observe gave no answer: it printed more than 64 kB")


async def test_a_program_that_cannot_look_now_is_asked_again(bench: CommandBench) -> None:
    with pytest.raises(Retry, match="observe ended with exit code 1: no route to host"):
        await seen(bench, observe=python("import sys; sys.exit('no route to host')"))
    with pytest.raises(Retry, match=r"did not answer within 0\.3s"):
        await seen(bench, observe=python("import time; time.sleep(60)"), answer_within="0.3s")
    with pytest.raises(GaveUp, match="cannot run no-such-program: No such file"):
        await seen(bench, observe=["no-such-program"])
    with pytest.raises(GaveUp, match=r"cannot run .* in /no/such/folder: No such file"):
        await seen(bench, folder="/no/such/folder")


async def test_a_simple_program_that_knows_no_keys_is_enough(bench: CommandBench) -> None:
    simple = {"apply": python(""), "observe": says('{"phase": "live", "version": "1.0.0"}')}
    never = await seen(bench, "never", **simple)
    await bench.backend.apply(TARGET, bench.release("1.0.0", "well", **simple), key="k1")
    await settled(bench, "k1")
    found = await seen(bench, **simple)
    other = await seen(bench, observe=says('{"phase": "live", "version": "0.9.0"}'))
    digest = await seen(bench, observe=says('{"phase": "live", "version": "1.0.0", "digest": "sha256:0"}'))

    assert never.phase is Phase.ABSENT
    assert (found.phase, found.version) == (Phase.LIVE, "1.0.0")
    assert (other.phase, other.detail[:45]) == (Phase.FAILED, "superseded, or never in effect: 0.9.0 serves;")
    assert digest.phase is Phase.FAILED


async def test_a_failure_is_no_success_where_no_key_is_known_and_the_old_one_serves(bench: CommandBench) -> None:
    simple = {"apply": python("raise SystemExit(3)"), "observe": says('{"phase": "live", "version": "1.0.0"}')}
    await bench.backend.apply(TARGET, bench.release("2.0.0", "well", **simple), key="k2")
    await settled(bench, "k2")
    found = await seen(bench, "k2", **simple)

    assert (found.phase, found.version) == (Phase.FAILED, "1.0.0")
    assert found.detail == "its apply ended with exit code 3"


async def test_what_the_program_says_of_a_key_goes_before_how_it_ended(bench: CommandBench) -> None:
    await brought(bench, bench.bad("1.0.0"), "k1")
    going = await seen(bench, observe=says('{"phase": "progressing", "detail": "1 of 3", "replicas": [1, 3]}'))
    failed = await seen(bench, observe=says('{"phase": "failed", "version": "0.9", "detail": "the pod crashes"}'))
    cannot_tell = await seen(bench, observe=says('{"phase": "unknown", "detail": "two versions serve"}'))

    assert (going.phase, going.detail, going.replicas) == (Phase.PROGRESSING, "1 of 3", (1, 3))
    assert (failed.phase, failed.detail, failed.version) == (Phase.FAILED, "the pod crashes", "0.9")
    assert (cannot_tell.phase, cannot_tell.detail) == (Phase.UNKNOWN, "two versions serve")


async def test_no_word_is_read_by_a_shell(bench: CommandBench, tmp_path: Path) -> None:
    odd = "1.0; touch /tmp/$(id) `id` \" ' \\ * גרסה"
    asks = python(
        "import json, sys; print(json.dumps(sys.argv[1:]))", "{version}", "-v={version}/{target}", "{{version}}"
    )
    await bench.backend.apply(TARGET, bench.release(odd, "well", apply=asks), key="k1")
    await settled(bench, "k1")

    assert json.loads(await printed(tmp_path)) == [odd, f"-v={odd}/backend/staging", "{version}"]


async def test_the_program_finds_what_it_is_for_in_its_environment(bench: CommandBench, tmp_path: Path) -> None:
    code = (
        "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith(('SLIPWAY_', 'MY_'))}))"
    )
    desired = bench.release("1.0.0", "well", apply=python(code), environment={"MY_REGION": "eu"})
    await bench.backend.apply(TARGET, desired, key="k1")
    await settled(bench, "k1")
    found = json.loads(await printed(tmp_path))
    digest = str(desired.release.digest)

    assert {name: value for name, value in found.items() if name != "SLIPWAY_RESULT"} == {
        "MY_REGION": "eu",
        "SLIPWAY_ARTEFACT": str(tmp_path / "artefacts" / f"{digest.removeprefix('sha256:')}.tar"),
        "SLIPWAY_COMMIT": "0" * 40,
        "SLIPWAY_DIGEST": digest,
        "SLIPWAY_ENVIRONMENT": "staging",
        "SLIPWAY_KEY": "k1",
        "SLIPWAY_SERVICE": "backend",
        "SLIPWAY_TARGET": "backend/staging",
        "SLIPWAY_VERSION": "1.0.0",
    }


async def test_secrets_come_by_name_and_stay_nowhere(bench: CommandBench, tmp_path: Path) -> None:
    code = "import os; print(len(os.environ['API_TOKEN']), 'letters')"
    secret = {"secrets": {"API_TOKEN": "TOKEN"}}
    await bench.backend.apply(TARGET, bench.release("1.0.0", "well", apply=python(code), **secret), key="k1")
    await settled(bench, "k1")

    assert "16 letters" in await printed(tmp_path)
    assert not [path for path in files(tmp_path) if b"t0p-secret-value" in path.read_bytes()]
    with pytest.raises(GaveUp, match="the secret NOT_THERE is not set"):
        await bench.backend.apply(TARGET, bench.release("1", "well", secrets={"A": "NOT_THERE"}), key="k2")
    assert (await seen(bench, "k2")).phase is Phase.ABSENT


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


BOT = """
import asyncio, pickle, sys
from pathlib import Path
from integrations._command.answer import Asked
from integrations._command.notes import note
from integrations.command import BACKEND
from tests.contract.wishes import TARGET
from tests.contract.living import surroundings
async def main():
    async with BACKEND.open(surroundings(Path(sys.argv[1]))) as backend:
        await backend.apply(TARGET, pickle.loads(bytes.fromhex(sys.argv[2])), key="k1")
    print("asked", flush=True)
    sys.stdin.readline()
asyncio.run(main())
"""


async def test_a_killed_bot_finds_what_it_began(bench: CommandBench, tmp_path: Path) -> None:
    with a_bot(BOT, str(tmp_path), pickle.dumps(bench.release("1.0.0", "waits")).hex()) as killed:
        assert heard(killed) == "asked"
        killed.kill()
    under_way = await seen(bench)
    (bench.folder / "go").touch()
    found = await settled(bench, "k1")

    assert (under_way.phase, under_way.detail) == (Phase.PROGRESSING, "its apply is running")
    assert (found.phase, found.version) == (Phase.LIVE, "1.0.0")
    assert "deploying 1.0.0 of backend" in await printed(tmp_path)


async def test_killed_between_noting_and_starting_it_is_absent_and_asked_again(bench: CommandBench) -> None:
    note(bench.backend._note(TARGET, "k1"), Asked("k1", "1.0.0", None))  # as a killed bot leaves it
    before = await seen(bench)
    after = await brought(bench, bench.good("1.0.0"), "k1")

    assert before.phase is Phase.ABSENT
    assert after.phase is Phase.LIVE


async def test_a_full_disk_is_not_now(small_disk: Path) -> None:
    async with BACKEND.open(surroundings(small_disk)) as backend:
        (small_disk / "in-the-way").write_bytes(b"x" * (2 * 1024 * 1024 - 16 * 1024))
        made = CommandBench(small_disk.parent, small_disk.parent, backend)
        large = {"FILLING": "x" * 60_000}
        with pytest.raises(Retry, match="No space left on device"):
            await backend.apply(TARGET, made.release("1.0.0", "well", environment=large), key="k1")


async def test_the_newest_whole_lines_are_shown(bench: CommandBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    all_of_it = await output(bench, 1_000_000)
    newest = await output(bench, 5_000)

    assert all_of_it.splitlines()[0] == f"0 requests since 2026-11-26T12:00:00+00:00 {'x' * 80}"
    assert len(all_of_it.splitlines()) == 1000
    assert len(newest) <= 5_000
    assert all_of_it.endswith(newest)
    assert newest.splitlines()[0].split()[1:3] == ["requests", "since"]


async def test_of_a_line_that_never_ends_the_end_is_shown(bench: CommandBench) -> None:
    endless = python("print('x' * 300_000 + 'the end', end='')")

    assert await output(bench, 1000, logs=endless) == f"{'x' * 993}the end"


async def test_logs_that_cannot_be_had_say_why(bench: CommandBench) -> None:
    with pytest.raises(GaveUp, match="names no program for the logs of backend/staging: add “logs”"):
        await output(bench, 1000, logs=[])
    with pytest.raises(GaveUp, match="logs ended with exit code 1: not allowed"):
        await output(bench, 1000, logs=python("import sys; sys.exit('not allowed')"))


GROWTH = """
import asyncio, resource, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from bot.domain.observation import Phase
from integrations._command.answer import Asked
from integrations._command.notes import note
from integrations.command import BACKEND
from integrations.detached import Detached
from tests.contract.wishes import TARGET, a_release
from tests.contract.living import WallClock, surroundings
from bot.ports import Desired

MANY = [sys.executable, "-c", "import sys\\nfor _ in range(200): sys.stdout.write(('x' * 99 + chr(10)) * 10_486)"]
LIVE = [sys.executable, "-c", "import json; print(json.dumps(dict(phase='live', key='k1')))"]
SECTION = {"kind": "command", "apply": MANY, "observe": LIVE, "logs": MANY, "answer_within": "5m"}

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

async def main():
    data = Path(sys.argv[1])
    async with BACKEND.open(surroundings(data)) as backend:
        await backend.observe(TARGET, key="k1", config=SECTION)
        before = peak()
        await backend.apply(TARGET, Desired(a_release("1", None), SECTION), key="k1")
        while (await backend.observe(TARGET, key="k1", config=SECTION)).phase is Phase.PROGRESSING:
            await asyncio.sleep(0.05)
        read, logs = 0, Detached(data, WallClock())
        while (piece := await logs.tail(key="k1", offset=read)).next_offset != read:
            read = piece.next_offset
        shown = await backend.output(TARGET, config=SECTION, since=datetime(2026, 1, 1, tzinfo=UTC), most=100_000)
        print(read, len(shown), peak() - before, flush=True)
asyncio.run(main())
"""


@pytest.mark.slow
def test_a_log_of_200_mb_is_streamed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    read, shown, growth = map(int, done.stdout.split())

    assert read > 200_000_000
    assert 99_000 < shown <= 100_000
    assert growth <= 20 * 1024  # kilobytes
