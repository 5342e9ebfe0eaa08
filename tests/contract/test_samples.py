"""The sample repository: the same everywhere, made once, and with a story that can be told with it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.domain.errors import Refused
from bot.domain.observation import Phase, RunState
from bot.domain.release import Candidate, Release
from bot.locked import locked
from bot.plugins import Source
from bot.ports import Desired
from bot.samples import break_it, fix_it, make_repository
from integrations.detached import Detached
from integrations.git import SOURCE, Config
from integrations.http_probe import HttpProbe
from tests.contract.benches import TARGET, ProcessBench, brought, processes
from tests.contract.living import WallClock, surroundings, until


def a_source(data: Path) -> Source:
    section = {"kind": "git", "repository": str(make_repository(data)), "build": {"run": ["python3", "build.py"]}}
    configs = {name: Config.model_validate({**section, "path": name}) for name in ("backend", "frontend")}
    return SOURCE.open(surroundings(data), dict(configs))


def refs(repository: Path) -> str:
    done = subprocess.run(["git", "show-ref"], cwd=repository, capture_output=True, check=True, text=True)
    return done.stdout


async def newest(source: Source, service: str, branch: str) -> Candidate:
    found = await source.latest(service, branch)
    assert found is not None
    return found


def test_it_is_the_same_wherever_and_by_whomever_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_repository(tmp_path / "one")
    (tmp_path / ".gitconfig").write_text("[user]\nname = Somebody\n[commit]\ngpgsign = true\n[core]\nautocrlf = true\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    second = make_repository(tmp_path / "two")

    assert refs(first) == refs(second)
    assert "refs/tags/backend/v1.5.0" in refs(first)


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    home = make_repository(tmp_path)
    subprocess.run(["git", "update-ref", "refs/heads/mine", "main"], cwd=home, check=True)
    make_repository(tmp_path)

    assert "refs/heads/mine" in refs(home)


def test_what_was_left_half_made_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".making-half").mkdir(parents=True)
    (tmp_path / ".making-half" / "HEAD").write_text("ref: refs/heads/develop\n")

    assert "refs/heads/main" in refs(make_repository(tmp_path))


def test_many_who_make_it_at_once_make_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        homes = set(pool.map(make_repository, [tmp_path] * 6))

    assert homes == {tmp_path / "healthbridge.git"}
    assert os.listdir(tmp_path) == ["healthbridge.git"]  # noqa: PTH208 - hidden names count


def test_the_repository_is_sound(tmp_path: Path) -> None:
    done = subprocess.run(
        ["git", "fsck", "--strict"], cwd=make_repository(tmp_path), capture_output=True, check=False, text=True
    )

    assert (done.returncode, done.stdout) == (0, "")


async def test_what_staging_takes_first_is_what_production_may_take(tmp_path: Path) -> None:
    source = a_source(tmp_path)
    for service in ("backend", "frontend"):
        found = await newest(source, service, "develop")
        assert await source.contains(service, "main", commit=found.commit.id, tree=found.tree)
        assert found.version != found.commit.short


async def test_breaking_and_fixing_go_through_develop(tmp_path: Path) -> None:
    source = a_source(tmp_path)
    with pytest.raises(Refused, match="make break"):
        fix_it(tmp_path)
    break_it(tmp_path)
    broken = await newest(source, "backend", "develop")
    assert broken.version == "1.5.0"
    assert not await source.contains("backend", "main", commit=broken.commit.id, tree=broken.tree)
    with pytest.raises(Refused, match="make fix"):
        break_it(tmp_path)

    fix_it(tmp_path)
    assert (await newest(source, "backend", "develop")).version == "1.5.1"
    assert (await newest(source, "backend", "main")).version == "1.5.1"
    assert (await newest(source, "frontend", "main")).version == "1.2.0"
    with pytest.raises(Refused, match="already"):
        fix_it(tmp_path)


@pytest.mark.parametrize("verb", [break_it, fix_it])
def test_a_folder_that_no_slipway_has_used_is_left_as_it_is(tmp_path: Path, verb: Callable[[Path], str]) -> None:
    with pytest.raises(Refused, match=f"No Slipway has used the folder {tmp_path}/nonexist: .*make up"):
        verb(tmp_path / "nonexist")

    assert list(tmp_path.iterdir()) == []


def typed(verb: str, folder: Path, *more: str) -> str:
    """Type `make break` or `make fix` in a folder; return what was said."""
    argv = [sys.executable, "-m", "bot.samples", verb, *more]
    done = subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def test_where_none_is_named_the_folder_is_meant_on_which_a_slipway_runs(tmp_path: Path) -> None:
    usual, containers = tmp_path / ".data", tmp_path / ".data" / "docker"
    for folder in (usual, containers):
        make_repository(folder)
    with locked(containers / "slipway.lock"):
        there = typed("break", tmp_path)
    here = typed("break", tmp_path)

    assert there.startswith("In .data/docker, where a Slipway runs: backend 1.5.0 is now the newest on develop.")
    assert here.startswith("In .data, where no Slipway runs now: backend 1.5.0 is now the newest on develop.")
    assert typed("fix", tmp_path, "--data", ".data/docker").startswith("In .data/docker, where no Slipway runs now: ")


async def built(data: Path, source: Source, word: str, service: str = "backend") -> Release:
    found = await source.find(service, word)
    assert found is not None
    runner, key = Detached(data, WallClock()), f"build-{service}-{word}"
    await runner.start(source.invocation(service, found.commit.id), key=key)

    async def done() -> bool:
        return (await runner.observe(key=key)).state is RunState.EXITED

    await until(done)
    digest = (await runner.observe(key=key)).result["digest"]
    return Release(1, service, found.version, found.commit, found.tree, found.branch, digest)


def desired(bench: ProcessBench, release: Release, health: str) -> Desired:
    return Desired(release, {"port": bench.ports[TARGET], "run": ["python3", "server.py"], "health": health})


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"])
async def test_every_good_version_runs(tmp_path: Path, version: str) -> None:
    async with processes(tmp_path) as bench:
        release = await built(tmp_path, a_source(tmp_path), version)
        seen = await brought(bench, desired(bench, release, "/api/health"), "k1")

    assert (seen.phase, seen.version) == (Phase.LIVE, version)


@pytest.mark.slow
async def test_the_story_starts_well_turns_sick_and_is_rolled_back(tmp_path: Path) -> None:
    source = a_source(tmp_path)
    async with processes(tmp_path) as bench, HttpProbe() as probe:
        url = f"http://127.0.0.1:{bench.ports[TARGET]}/api/health"
        good, broken = await built(tmp_path, source, "1.4.0"), await built(tmp_path, source, "1.5.0")
        await brought(bench, desired(bench, good, "/api/health"), "k1")
        seen = await brought(bench, desired(bench, broken, "/api/health"), "k2")
        began = time.monotonic()
        first = await probe.check(url, status=200, contains="ok", patience=timedelta(seconds=2))

        async def sick() -> bool:
            return not (await probe.check(url, status=200, contains="ok", patience=timedelta(seconds=2))).ok

        await until(sick)
        after = time.monotonic() - began
        last = await probe.check(url, status=200, contains="ok", patience=timedelta(seconds=2))
        await brought(bench, desired(bench, good, "/api/health"), "k3")
        again = await probe.check(url, status=200, contains="ok", patience=timedelta(seconds=2))

    assert (seen.phase, seen.version) == (Phase.LIVE, "1.5.0")
    assert first.ok
    assert 1 < after < 8
    assert "HTTP 500" in last.detail
    assert "no connection left in the pool" in last.detail
    assert again.ok


async def test_the_page_shows_itself_and_how_the_api_is(tmp_path: Path) -> None:
    async with processes(tmp_path) as bench, aiohttp.ClientSession() as web:
        release = await built(tmp_path, a_source(tmp_path), "1.2.0", "frontend")
        wish = desired(bench, release, "/")
        await brought(
            bench, Desired(release, {**wish.config, "environment": {"BACKEND_URL": "http://127.0.0.1:9"}}), "k1"
        )
        base = f"http://127.0.0.1:{bench.ports[TARGET]}"
        async with web.get(f"{base}/") as page, web.get(f"{base}/backend") as health:
            text, api = await page.text(), await health.json()

    assert "<dd>1.2.0</dd>" in text
    assert api["status"] == "away"


async def test_probes_say_what_a_person_would_say(tmp_path: Path) -> None:
    async with processes(tmp_path) as bench, HttpProbe() as probe:
        await brought(bench, bench.release("1.0", "well"), "k1")
        base = f"http://127.0.0.1:{bench.ports[TARGET]}"
        patience = timedelta(seconds=5)
        said = [
            await probe.check(f"{base}/", status=200, contains="1.0", patience=patience),
            await probe.check(f"{base}/", status=204, contains=None, patience=patience),
            await probe.check(f"{base}/", status=200, contains="2.0", patience=patience),
            await probe.check(f"{base}/slow", status=200, contains=None, patience=timedelta(seconds=0.2)),
            await probe.check("http://127.0.0.1:9/", status=200, contains=None, patience=patience),
            await probe.check("not an address", status=200, contains=None, patience=patience),
        ]

    assert [(one.ok, one.detail) for one in said] == [
        (True, "HTTP 200"),
        (False, "HTTP 200: 1.0"),
        (False, "HTTP 200: 1.0 (does not contain “2.0”)"),
        (False, "no answer in 0.2s"),
        (False, "connection refused"),
        (False, "“not an address” is not an address that can be asked"),
    ]
