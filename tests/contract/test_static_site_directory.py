"""A site in a directory: one link decides what is served, whatever happens around it."""

import hashlib
import io
import json
import os
import shutil
import signal
import sys
import tarfile
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Phase
from bot.ports import Desired
from integrations._static_site.config import Config
from integrations._static_site.directory import Directory
from integrations._static_site.publishing import look, publish, wish
from tests.contract.artefacts import pack
from tests.contract.benches import brought
from tests.contract.small_disk import small_disk as small_disk
from tests.contract.static_site_benches import SiteBench, directories
from tests.contract.wishes import OTHER, TARGET, a_release

ODD_NAMES = [
    "a b.html",
    "שלום עולם.html",
    "\u202eltr.html",
    "é/ü.html",
    "[id].html",
    "a%20b.html",
    "it's+1&2=3;#?.html",
]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[SiteBench]:
    async with directories(tmp_path) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "www" / str(TARGET)


def everything(site: Path) -> list[Path]:
    return sorted(site.rglob("*"))


def page(site: Path) -> str:
    return (site / "current" / "index.html").read_text(encoding="utf-8")


async def test_a_web_server_finds_the_release_behind_the_link(bench: SiteBench, site: Path) -> None:
    await brought(bench, bench.site("1.0.0", {"assets/app.js": "go()"}), "k1")

    assert page(site) == f"<h1>{TARGET} 1.0.0</h1>"
    assert (site / "current" / "assets" / "app.js").read_text(encoding="utf-8") == "go()"
    assert (site / "current" / "index.html").stat().st_mode & 0o777 == 0o644


async def test_nobody_ever_finds_no_page(bench: SiteBench, site: Path) -> None:
    await brought(bench, bench.good("0"), "k0")
    seen: set[str] = set()
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            seen.add(page(site))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(20):
        await brought(bench, bench.good(f"1.{number}", TARGET), f"k1.{number}")
    over.set()
    reader.join()

    assert seen <= {f"<h1>{TARGET} {version}</h1>" for version in ("0", *(f"1.{n}" for n in range(20)))}
    assert len(seen) > 1


async def test_a_kept_release_is_gone_back_to_without_its_artefact(bench: SiteBench, site: Path) -> None:
    old = bench.good("1.0.0")
    await brought(bench, old, "k1")
    await brought(bench, bench.good("2.0.0"), "k2")
    for artefact in (bench.data / "artefacts").iterdir():
        artefact.unlink()
    seen = await brought(bench, old, "k3")

    assert (seen.phase, seen.version) == (Phase.LIVE, "1.0.0")
    assert "index.html" in seen.detail
    assert "1.0.0" in page(site)


async def test_what_serves_and_has_lost_files_is_not_live_and_is_mended_by_the_next_deploy(
    bench: SiteBench, site: Path
) -> None:
    desired = bench.good("1.0.0")
    await brought(bench, desired, "k1")
    shutil.rmtree((site / "current").resolve())
    gone = await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))
    mended = await brought(bench, desired, "k2")
    (site / "current" / "index.html").unlink()
    less = await bench.backend.observe(TARGET, key="k2", config=bench.section(TARGET))
    again = await brought(bench, desired, "k2")

    assert (gone.phase, gone.version, gone.replicas) == (Phase.ABSENT, None, (0, 1))
    assert gone.detail == "1.0.0 went live, and none of its files is there"
    assert (less.phase, less.version, less.replicas) == (Phase.ABSENT, None, (0, 1))
    assert less.detail == "1.0.0 went live, and 1 of its 2 files are gone or changed: index.html"
    assert (mended.phase, again.phase) == (Phase.LIVE, Phase.LIVE)
    assert "1.0.0" in page(site)


async def test_a_kept_release_that_is_damaged_is_put_there_anew(bench: SiteBench, site: Path) -> None:
    old = bench.site("1.0.0", {"app.js": "good"})
    await brought(bench, old, "k1")
    kept = (site / "current").resolve()
    await brought(bench, bench.good("2.0.0"), "k2")
    (kept / "index.html").unlink()
    (kept / "app.js").write_text("evil", encoding="utf-8")
    seen = await brought(bench, old, "k3")

    assert (seen.phase, seen.version) == (Phase.LIVE, "1.0.0")
    assert "1.0.0" in page(site)
    assert (site / "current" / "app.js").read_text(encoding="utf-8") == "good"


async def test_a_kept_release_that_is_damaged_and_has_no_artefact_never_serves(bench: SiteBench, site: Path) -> None:
    old = bench.good("1.0.0")
    await brought(bench, old, "k1")
    (site / "current" / "index.html").write_text("evil", encoding="utf-8")
    await brought(bench, bench.good("2.0.0"), "k2")
    for artefact in (bench.data / "artefacts").iterdir():
        artefact.unlink()

    with pytest.raises(GaveUp, match=r"is not in .*; build it again"):
        await bench.backend.apply(TARGET, old, key="k3")
    assert "2.0.0" in page(site)


async def test_so_many_releases_are_kept_as_the_catalog_says(bench: SiteBench, site: Path) -> None:
    bench.more = {"keep": 2}
    for number in range(4):
        await brought(bench, bench.good(f"{number}"), f"k{number}")
    await brought(bench, bench.bad("4"), "k4")

    kept = {path.read_text(encoding="utf-8") for path in (site / ".slipway" / "releases").glob("*/index.html")}
    assert kept == {f"<h1>{TARGET} {version}</h1>" for version in ("2", "3")}
    assert len(list((site / ".slipway" / "releases").glob("*.json"))) == 2
    assert (await bench.backend.observe(TARGET, key="k0", config=bench.section(TARGET))).phase is Phase.FAILED


async def test_what_is_live_is_kept_when_an_older_one_comes_back(bench: SiteBench, site: Path) -> None:
    bench.more = {"keep": 1}
    old = bench.good("1")
    await brought(bench, old, "k1")
    await brought(bench, bench.good("2"), "k2")
    await brought(bench, old, "k3")

    assert len(list((site / ".slipway" / "releases").glob("*/"))) == 1
    assert page(site) == f"<h1>{TARGET} 1</h1>"


async def test_names_of_any_kind_are_served_as_they_are(bench: SiteBench, site: Path) -> None:
    await brought(bench, bench.site("1.0.0", {name: name for name in ODD_NAMES}), "k1")

    served = {name: (site / "current" / name).read_text(encoding="utf-8") for name in ODD_NAMES}
    assert served == {name: name for name in ODD_NAMES}


def an_entry(name: str, **said: object) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    for attribute, value in said.items():
        setattr(entry, attribute, value)
    return entry


REFUSED = {
    "a link, current → /etc/passwd": an_entry("current", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a link, a.html → index.html": an_entry("a.html", type=tarfile.SYMTYPE, linkname="index.html"),
    "a link, b.html → index.html": an_entry("b.html", type=tarfile.LNKTYPE, linkname="index.html"),
    "/etc/cron.d/x, which leads out of the site": an_entry("/etc/cron.d/x"),
    "../x, which leads out of the site": an_entry("../x"),
    "a/../../x, which leads out of the site": an_entry("a/../../x"),
    "pipe, which is neither a file nor a folder": an_entry("pipe", type=tarfile.FIFOTYPE),
    ".slipway/current.json: .slipway is where": an_entry(".slipway/current.json"),
    r"a\nb.html: no address leads to": an_entry("a\nb.html"),
    r"\udcff.html: no address leads to": an_entry("\udcff.html"),
}


@pytest.mark.parametrize("words", REFUSED)
async def test_what_a_site_may_not_hold_is_refused(words: str, bench: SiteBench, tmp_path: Path) -> None:
    packed = tmp_path / "made.tar"
    with tarfile.open(packed, "w") as archive:
        archive.addfile(tarfile.TarInfo("index.html"), io.BytesIO())
        archive.addfile(REFUSED[words])
    await brought(bench, bench.good("1.0.0"), "k1")
    digest = stored(bench, packed)

    with pytest.raises(GaveUp) as no:
        await bench.backend.apply(TARGET, replace(bench.good("2.0.0"), release=a_release("2.0.0", digest)), key="k2")

    assert words in str(no.value)
    assert (await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))).version == "1.0.0"


def stored(bench: SiteBench, packed: Path) -> str:
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    packed.rename(bench.data / "artefacts" / f"{digest}.tar")
    return f"sha256:{digest}"


async def test_an_artefact_that_is_missing_or_altered_is_never_published(bench: SiteBench) -> None:
    desired = bench.good("1.0.0")
    artefact = next((bench.data / "artefacts").iterdir())
    whole = artefact.read_bytes()
    artefact.write_bytes(whole.replace(b"<h1>", b"<h2>"))
    with pytest.raises(GaveUp, match="the artefact was altered"):
        await bench.backend.apply(TARGET, desired, key="k1")
    artefact.unlink()
    with pytest.raises(GaveUp, match=r"is not in .*; build it again"):
        await bench.backend.apply(TARGET, desired, key="k1")
    with pytest.raises(GaveUp, match="was never built"):
        await bench.backend.apply(TARGET, replace(desired, release=a_release("1.0.0", None)), key="k1")

    assert (await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))).phase is Phase.ABSENT


async def test_what_a_check_leaves_is_not_published(bench: SiteBench, site: Path) -> None:
    untidy = ["python3", "-c", "open('left.txt', 'w').close(); open('index.html', 'w').close()"]
    await brought(bench, bench.site("1.0.0", {}, check=untidy), "k1")

    assert sorted(path.name for path in everything(site / "current")) == ["check.py", "index.html"]
    assert "1.0.0" in page(site)


CHECKS = {
    "exit code 3\na link is dead": ["python3", "-c", "print('a link is dead'); raise SystemExit(3)"],
    "the check took longer than 0.2s and was ended": ["python3", "-c", "import time; time.sleep(60)"],
    "the check cannot be run: no-such-program: No such file": ["no-such-program"],
}


@pytest.mark.parametrize("words", CHECKS)
async def test_a_check_says_why_a_release_does_not_go_live(words: str, bench: SiteBench, site: Path) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    within = "0.2s" if "longer" in words else "20s"
    seen = await brought(bench, bench.site("2.0.0", {}, check=CHECKS[words], check_within=within), "k2")

    assert (seen.phase, seen.version) == (Phase.FAILED, "1.0.0")
    assert words in seen.detail
    assert "1.0.0" in page(site)


@pytest.mark.slow
async def test_thousands_of_files(bench: SiteBench, site: Path) -> None:
    seen = await brought(bench, bench.site("1.0.0", {f"{n % 100}/{n}.html": f"{n}" for n in range(3_000)}), "k1")

    assert (seen.phase, seen.detail[:30]) == (Phase.LIVE, "3,002 changed, of 3,002 paths:")
    assert (site / "current" / "99" / "2999.html").read_text(encoding="utf-8") == "2999"


async def test_a_link_that_somebody_moved_is_told_and_not_believed(bench: SiteBench, site: Path) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    (site / "by-hand").mkdir()
    (site / "current").unlink()
    (site / "current").symlink_to("by-hand")
    moved = await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))
    after = await brought(bench, bench.good("2.0.0"), "k2")

    assert (moved.phase, moved.digest) == (Phase.UNKNOWN, None)
    assert "leads to by-hand, where Slipway did not let it lead" in moved.detail
    assert (after.phase, after.version) == (Phase.LIVE, "2.0.0")


async def test_who_goes_back_by_hand_is_seen(bench: SiteBench, site: Path) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    before = (site / "current").readlink()
    await brought(bench, bench.good("2.0.0"), "k2")
    (site / "current").unlink()
    (site / "current").symlink_to(before)
    seen = await bench.backend.observe(TARGET, key="k2", config=bench.section(TARGET))
    await brought(bench, bench.good("3.0.0"), "k3")
    left = await bench.backend.observe(TARGET, key="k2", config=bench.section(TARGET))

    assert (seen.phase, seen.key, seen.version) == (Phase.ABSENT, "k1", "1.0.0")
    assert (left.phase, left.version) == (Phase.FAILED, "3.0.0")


async def test_a_folder_in_the_links_place_is_left_alone(bench: SiteBench, site: Path) -> None:
    (site / "current").mkdir(parents=True)
    with pytest.raises(GaveUp, match="is no link: move it away"):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

    assert (site / "current").is_dir()


async def test_two_targets_cannot_share_a_directory(bench: SiteBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    with pytest.raises(GaveUp, match="backend/staging is published there already: give frontend/staging a place"):
        await bench.backend.apply(OTHER, bench.good("1.0.0"), key="k2")


async def test_a_full_disk_is_not_now_and_the_old_one_serves(bench: SiteBench, small_disk: Path) -> None:
    bench.where = lambda _: {"directory": str(small_disk / "site")}
    await brought(bench, bench.good("1.0.0"), "k1")
    (small_disk / "in-the-way").write_bytes(b"x" * 1_500_000)
    large = bench.site("2.0.0", {"film.bin": "x" * 1_000_000})
    with pytest.raises(Retry, match="No space left on device"):
        await bench.backend.apply(TARGET, large, key="k2")
    meanwhile = await bench.backend.observe(TARGET, key="k2", config=bench.section(TARGET))
    (small_disk / "in-the-way").unlink()
    seen = await brought(bench, large, "k2")

    assert (meanwhile.phase, meanwhile.version) == (Phase.ABSENT, "1.0.0")
    assert (seen.phase, seen.version) == (Phase.LIVE, "2.0.0")


async def test_a_preview_names_the_paths_and_changes_nothing(bench: SiteBench, site: Path) -> None:
    await brought(bench, bench.site("1.0.0", {"old.html": "", "same.css": ""}), "k1")
    before = everything(site)
    lines = await bench.backend.preview(TARGET, bench.site("2.0.0", {"new.html": "", "same.css": ""}))
    same = await bench.backend.preview(TARGET, bench.site("1.0.0", {"old.html": "", "same.css": ""}))
    many = await bench.backend.preview(TARGET, bench.site("3.0.0", {f"{n}.html": "" for n in range(1200)}))

    assert lines == ["~ index.html", "+ new.html", "- old.html"]
    assert same == []
    assert (len(many), many[-1]) == (51, "… and 1,153 more")
    assert everything(site) == before


def test_killed_at_any_touch_of_the_disk_it_serves_a_whole_release_and_is_finished_when_asked_again(
    tmp_path: Path,
) -> None:
    old, new = (pack(tmp_path / "artefacts", {"index.html": version}) for version in ("old", "new"))
    moment, outcomes = 0, set()
    while True:
        moment += 1
        site = tmp_path / str(moment)
        _publish(site, tmp_path, "k1", old)
        child = os.fork()
        if child == 0:
            _die_at(moment)
            _publish(site, tmp_path, "k2", new)
            os._exit(0)
        if os.waitpid(child, 0)[1] == 0:
            break
        seen = look(Directory(site), "k2")
        outcomes.add((seen.phase, (site / "current" / "index.html").read_text(encoding="utf-8"), seen.digest))
        _publish(site, tmp_path, "k2", new)
        assert look(Directory(site), "k2").phase is Phase.LIVE
        assert (site / "current" / "index.html").read_text(encoding="utf-8") == "new"

    assert moment > 40
    assert outcomes == {(Phase.ABSENT, "old", old), (Phase.LIVE, "new", new)}


def _publish(site: Path, data: Path, key: str, digest: str) -> None:
    config = Config.model_validate({"directory": str(site)})
    asked = wish(TARGET, Desired(a_release(digest[7:13], digest)), config, key)
    publish(Directory(site), data / "artefacts", config, asked)


def _die_at(moment: int) -> None:
    """Be killed at the n-th time that this process touches the disk."""
    touched = 0

    def touch(event: str, _arguments: object) -> None:
        nonlocal touched
        if event == "open" or event.startswith(("os.", "shutil.")):
            touched += 1
            if touched == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(touch)


def test_the_records_are_for_people_too(tmp_path: Path) -> None:
    digest = pack(tmp_path / "artefacts", {"index.html": "x"})
    _publish(tmp_path / "site", tmp_path, "k/1", digest)

    record = json.loads(next((tmp_path / "site" / ".slipway" / "keys").glob("*.json")).read_text(encoding="utf-8"))
    assert (record["key"], record["target"], record["digest"]) == ("k/1", str(TARGET), digest)
