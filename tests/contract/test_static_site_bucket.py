"""A site in a bucket: what is uploaded is told from what serves, whatever the store does to us meanwhile."""

import asyncio
import json
import os
import pickle
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import web

from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Observed, Phase
from bot.ports import Desired
from integrations.static_site import BACKEND
from tests.contract.benches import brought
from tests.contract.living import a_bot, heard, surroundings
from tests.contract.object_store import LOSE, REFUSE, Between, Deed, a_bucket, ask, between, no
from tests.contract.static_site_benches import SiteBench, buckets
from tests.contract.test_static_site_directory import ODD_NAMES
from tests.contract.wishes import TARGET

POINTER = ".slipway/current.json"


@pytest.fixture
async def stand() -> AsyncIterator[Between]:
    async with between() as made:
        yield made


@pytest.fixture(params=["pointer", "copies"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path, stand: Between) -> AsyncIterator[SiteBench]:
    async with buckets(tmp_path, serve=request.param, prefix="", endpoint=stand.address) as made:
        yield made


def bucket(bench: SiteBench) -> str:
    return str(bench.where(TARGET)["bucket"]["name"])


async def seen_of(bench: SiteBench, key: str) -> Observed:
    return await bench.backend.observe(TARGET, key=key, config=bench.section(TARGET))


def served(bench: SiteBench, path: str) -> tuple[bytes, dict[str, str]]:
    """Return a file as it is served, with its headers: from the prefix, or from where the pointer says."""
    if bench.where(TARGET)["bucket"]["serve"] == "copies":
        return ask("GET", f"/{bucket(bench)}/{quote(path)}")
    release = ask("GET", f"/{bucket(bench)}/{POINTER}")[1]["x-amz-meta-release"]
    return ask("GET", f"/{bucket(bench)}/{release}/{quote(path)}")


def at(number: int, deed: Deed) -> Callable[[int, web.Request], Deed]:
    return lambda seen, _request: deed if seen == number else None


def on_pointer(deed: Deed) -> Callable[[int, web.Request], Deed]:
    return lambda _, request: deed if request.method == "PUT" and request.path.endswith(POINTER) else None


async def test_a_browser_is_told_what_each_file_is_and_how_long_to_keep_it(bench: SiteBench) -> None:
    bench.more = {"cache": {"fonts/*": "public, max-age=86400"}}
    files = ("assets/app.3f2a9b1c.js", "fonts/a.woff2", "readme", "style.css", "pic.svg", "page-2f3a4b5c.html")
    await brought(bench, bench.site("1.0.0", dict.fromkeys(files, "x")), "k1")

    told = {path: served(bench, path)[1] for path in ("index.html", *files)}
    assert {path: (one["content-type"], one["cache-control"]) for path, one in told.items()} == {
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "assets/app.3f2a9b1c.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "fonts/a.woff2": ("font/woff2", "public, max-age=86400"),
        "readme": ("application/octet-stream", "no-cache"),
        "style.css": ("text/css; charset=utf-8", "no-cache"),
        "pic.svg": ("image/svg+xml; charset=utf-8", "no-cache"),
        "page-2f3a4b5c.html": ("text/html; charset=utf-8", "no-cache"),
    }


async def test_other_rules_are_told_from_the_next_deploy_of_the_same_release(bench: SiteBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    bench.more = {"cache": {"*.html": "max-age=5"}}
    await brought(bench, bench.good("1.0.0"), "k2")

    assert served(bench, "index.html")[1]["cache-control"] == "max-age=5"


async def test_names_of_any_kind_are_served_as_they_are(bench: SiteBench) -> None:
    await brought(bench, bench.site("1.0.0", {name: name for name in ODD_NAMES}), "k1")

    assert {name: served(bench, name)[0].decode() for name in ODD_NAMES} == {name: name for name in ODD_NAMES}


async def test_a_kept_release_is_gone_back_to_without_an_upload(bench: SiteBench, stand: Between) -> None:
    old = bench.good("1.0.0")
    await brought(bench, old, "k1")
    await brought(bench, bench.good("2.0.0"), "k2")
    for artefact in (bench.data / "artefacts").iterdir():
        artefact.unlink()
    stand.seen.clear()
    seen = await brought(bench, old, "k3")

    assert (seen.phase, seen.version) == (Phase.LIVE, "1.0.0")
    assert b"1.0.0" in served(bench, "index.html")[0]
    assert not [one for one in stand.seen if one.startswith("PUT") and one.endswith("/releases/index.html")]


async def test_objects_that_an_expiry_rule_took_are_missed_and_brought_back(bench: SiteBench) -> None:
    old = bench.site("1.0.0", {"(a).html": "first of all", "assets/app.js": "go()", "~z.js": "last"})
    await brought(bench, old, "k1")
    copies = bench.where(TARGET)["bucket"]["serve"] == "copies"
    release = ask("GET", f"/{bucket(bench)}/{POINTER}")[1]["x-amz-meta-release"]
    for path in ("assets/app.js", "(a).html"):
        ask("DELETE", f"/{bucket(bench)}/{quote(path) if copies else f'{release}/{quote(path)}'}")
    lost = await seen_of(bench, "k1")
    back = await brought(bench, old, "k2")
    await brought(bench, bench.good("2.0.0"), "k3")
    ask("DELETE", f"/{bucket(bench)}/{release}/index.html")
    older = await brought(bench, old, "k4")

    assert (lost.phase, lost.version, lost.replicas) == (Phase.ABSENT, None, (0, 1))
    assert "2 of its 5 files are gone or changed" in lost.detail
    assert (back.phase, older.phase) == (Phase.LIVE, Phase.LIVE)
    assert served(bench, "assets/app.js")[0] == b"go()"
    assert b"1.0.0" in served(bench, "index.html")[0]


async def test_old_releases_go_and_with_them_what_only_they_had(bench: SiteBench) -> None:
    bench.more = {"keep": 2}
    for number in range(4):
        await brought(
            bench, bench.site(f"{number}", {f"app-{number}.js": "x", f"only-{number}.html": "x"}), f"k{number}"
        )

    listed = ask("GET", f"/{bucket(bench)}?list-type=2")[0].decode()
    there = {number for number in range(4) if f"/app-{number}.js" in listed}
    assert there == {2, 3}
    if "<Key>index.html" in listed:
        at_the_prefix = {number for number in range(4) if f"<Key>app-{number}.js" in listed}
        pages = {number for number in range(4) if f"<Key>only-{number}.html" in listed}
        assert (at_the_prefix, pages) == ({2, 3}, {3})


async def test_unreachable_at_any_moment_is_not_now_and_goes_on_where_it_was(bench: SiteBench, stand: Between) -> None:
    """At the start, in the middle, at the end: at each request in turn."""
    old, new = bench.good("1.0.0"), bench.site("2.0.0", {"app.js": "x"})
    await brought(bench, old, "k1")
    refused: list[str] = []
    for number in range(1, 100):
        stand.seen.clear()
        stand.rule = at(number, REFUSE)
        try:
            await bench.backend.apply(TARGET, new, key="k2")
            break
        except Retry as later:
            refused.append(later.reason)
        stand.rule = at(0, None)
        assert (await seen_of(bench, "k2")).phase in {Phase.ABSENT, Phase.LIVE}
    stand.rule = at(0, None)

    assert len(refused) > 8
    assert {reason.partition(": ")[0] for reason in refused} == {f"the bucket {bucket(bench)}"}
    assert ((await seen_of(bench, "k2")).phase, (await seen_of(bench, "k2")).version) == (Phase.LIVE, "2.0.0")
    assert b"2.0.0" in served(bench, "index.html")[0]


async def test_what_was_uploaded_before_is_not_uploaded_again(bench: SiteBench, stand: Between) -> None:
    new = bench.site("2.0.0", {f"{number}.txt": "x" for number in range(40)})
    stand.rule = lambda _, request: REFUSE if request.method == "PUT" and request.path.endswith("/39.txt") else None
    with pytest.raises(Retry):
        await bench.backend.apply(TARGET, new, key="k1")
    first = uploads(stand)
    stand.seen.clear()
    stand.rule = at(0, None)
    await brought(bench, new, "k1")

    assert len(first & uploads(stand)) <= 1 + 16  # the refused one, and what was on its way beside it
    assert b"2.0.0" in served(bench, "index.html")[0]


def uploads(stand: Between) -> set[str]:
    return {
        one
        for one in stand.seen
        if one.startswith("PUT") and "/releases/" in one and "/" in one.partition(".slipway")[2]
    }


async def test_a_store_that_cannot_be_reached_at_all(bench: SiteBench, stand: Between) -> None:
    stand.rule = lambda _number, _request: REFUSE
    with pytest.raises(Retry, match=f"the bucket {bucket(bench)}: "):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    with pytest.raises(Retry, match=f"the bucket {bucket(bench)}: "):
        await seen_of(bench, "k1")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "ExpiredToken", GaveUp),
        (403, "InvalidAccessKeyId", GaveUp),
        (403, "AccessDenied", GaveUp),
        (403, "SignatureDoesNotMatch", GaveUp),
        (404, "NoSuchBucket", GaveUp),
        (400, "RequestTimeout", Retry),
        (409, "ConditionalRequestConflict", Retry),
        (429, "TooManyRequests", Retry),
        (500, "InternalError", Retry),
        (503, "SlowDown", Retry),
    ],
)
async def test_a_no_is_told_in_the_stores_own_words(
    status: int, code: str, kind: type[Exception], bench: SiteBench, stand: Between
) -> None:
    stand.rule = lambda _number, _request: no(status, code, "These are its words.")
    with pytest.raises(kind) as asked:
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    with pytest.raises(kind):
        await seen_of(bench, "k1")

    assert str(asked.value) == f"the bucket {bucket(bench)}: {code}: These are its words."


@pytest.mark.slow
async def test_thousands_of_files(tmp_path: Path) -> None:
    async with buckets(tmp_path, serve="pointer", prefix="") as bench:
        files = {f"{number % 100}/{number}.html": f"{number}" for number in range(3_000)}
        seen = await brought(bench, bench.site("1.0.0", files), "k1")
        again = await bench.backend.preview(TARGET, bench.site("1.0.0", files))

        assert (seen.phase, again) == (Phase.LIVE, [])
        assert seen.detail.startswith("3,002 changed, of 3,002 paths: 0/0.html, ")
        assert served(bench, "99/2999.html")[0] == b"2999"


async def test_a_bucket_that_is_not_there(bench: SiteBench) -> None:
    ask("DELETE", f"/{bucket(bench)}")
    with pytest.raises(GaveUp, match="NoSuchBucket: The specified bucket does not exist"):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")


async def test_a_lost_answer_is_looked_for(bench: SiteBench, stand: Between) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    stand.rule = on_pointer(LOSE)
    for _ in range(2):  # with copies the pointer is written twice, and both answers are lost
        with pytest.raises(Retry):
            await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k2")
        if (await seen_of(bench, "k2")).phase is Phase.LIVE:
            break
    stand.rule = at(0, None)

    assert ((await seen_of(bench, "k2")).phase, (await seen_of(bench, "k2")).version) == (Phase.LIVE, "2.0.0")


async def test_of_two_at_one_moment_one_is_told(bench: SiteBench, stand: Between) -> None:
    """Another Slipway moves the pointer between our looking and our writing."""
    await brought(bench, bench.good("1.0.0"), "k1")
    theirs = json.dumps({"record": record(bench, "theirs", 9, "9.9.9"), "whole": True}).encode()
    stolen: list[str] = []

    def steal(_number: int, request: web.Request) -> Deed:
        if request.method == "PUT" and request.path.endswith(POINTER) and not stolen:
            stolen.append(request.headers.get("If-Match", ""))
            ask("PUT", f"/{bucket(bench)}/{POINTER}", theirs)
        return None

    stand.rule = steal
    with pytest.raises(Retry, match="was changed by somebody else at this moment"):
        await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k2")
    await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k2")

    assert stolen != [""]
    seen = await seen_of(bench, "k2")
    assert (seen.phase, seen.key, seen.version, seen.detail) == (
        Phase.FAILED, None, None, "superseded: 9.9.9 took over",
    )  # fmt: skip


def record(bench: SiteBench, key: str, number: int, version: str) -> dict[str, object]:
    digest = bench.good(version).release.digest
    return {
        "key": key, "number": number, "target": str(TARGET), "digest": digest, "version": version, "release": "0" * 24,
    }  # fmt: skip


async def test_a_pointer_that_is_not_ours_is_told(bench: SiteBench) -> None:
    await brought(bench, bench.good("1.0.0"), "k1")
    ask("PUT", f"/{bucket(bench)}/{POINTER}", b"<html>")
    seen = await seen_of(bench, "k1")

    assert (seen.phase, seen.digest) == (Phase.UNKNOWN, None)
    assert seen.detail == f"{POINTER} is not what Slipway writes there"


async def test_a_store_without_conditional_writes_says_what_to_do(bench: SiteBench, stand: Between) -> None:
    def knows_none(_number: int, request: web.Request) -> Deed:
        conditional = {"If-Match", "If-None-Match"} & set(request.headers)
        return no(501, "NotImplemented", "A header you provided implies functionality.") if conditional else None

    stand.rule = knows_none
    with pytest.raises(GaveUp, match="say “conditional: false”"):
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
    without: dict[str, object] = {**bench.where(TARGET)["bucket"], "conditional": False}
    bench.where = lambda _: {"bucket": without}

    assert (await brought(bench, bench.good("1.0.0"), "k2")).phase is Phase.LIVE


async def test_a_secret_that_is_not_set_is_named(bench: SiteBench, tmp_path: Path) -> None:
    async with BACKEND.open(surroundings(tmp_path)) as backend:
        with pytest.raises(GaveUp, match="the secret SITE_ACCESS_KEY is not set"):
            await backend.apply(TARGET, bench.good("1.0.0"), key="k1")


async def test_who_the_bot_is_elsewhere_is_not_told_here(
    bench: SiteBench, stand: Between, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot's own AWS_… are another's; obstore would fill in the session token from them."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-bots-own")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://192.0.2.1")
    monkeypatch.setenv("AWS_REGION", "eu-south-9")
    told: list[str] = []

    def hear(_number: int, request: web.Request) -> Deed:
        told.append(request.headers.get("x-amz-security-token", "") + request.headers["Authorization"])
        return None

    stand.rule = hear
    await brought(bench, bench.good("1.0.0"), "k1")

    assert [one for one in told if "the-bots-own" in one or "eu-south-9" in one or "AKIAEXAMPLE" not in one] == []


BOT = """
import asyncio, os, pickle, sys
from pathlib import Path
from integrations.static_site import BACKEND
from tests.contract.wishes import TARGET
from tests.contract.living import surroundings
from tests.contract.object_store import SECRETS
async def main(desired):
    async with BACKEND.open(surroundings(Path(sys.argv[1]), **SECRETS)) as backend:
        await backend.apply(TARGET, desired, key="k2")
for line in sys.stdin:
    hearing, telling = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(hearing, 1)
        asyncio.run(main(pickle.loads(bytes.fromhex(line))))
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    os.write(telling, b"!")
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass
class Bots:
    """A process that starts bots, each to ask for one release; `killed` says whether the last was killed."""

    process: "subprocess.Popen[bytes]"
    pid: int = 0

    async def born(self, desired: Desired) -> None:
        """Start a bot that waits."""
        await self._told(pickle.dumps(desired).hex())
        self.pid = int(await asyncio.to_thread(heard, self.process))

    async def killed(self) -> bool:
        """Let it do its work; say whether it was killed at that."""
        await self._told("go")
        return await asyncio.to_thread(heard, self.process) != "0"

    async def _told(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()


@pytest.fixture
def bots(tmp_path: Path) -> Iterator[Bots]:
    with a_bot(BOT, str(tmp_path)) as process:
        yield Bots(process)


@pytest.mark.slow
@pytest.mark.parametrize("deed", [REFUSE, LOSE])
async def test_killed_at_any_request_nothing_half_uploaded_serves(
    deed: Deed, bench: SiteBench, stand: Between, bots: Bots
) -> None:
    """Before the request has reached the store, and after. With copies it is told while they are a mixture."""
    settings, outcomes, moment = bench.where(TARGET)["bucket"], set(), 0
    while True:
        moment += 1
        name = a_bucket()
        bench.where = lambda _, name=name: {"bucket": {**settings, "name": name}}
        new = bench.site("new", {"app.js": "x"}, check=[])
        await brought(bench, bench.site("old", {}, check=[]), "k1")
        stand.seen.clear()
        await bots.born(new)
        stand.rule = killing(bots, moment, deed)
        if not await bots.killed():
            break
        stand.rule = at(0, None)
        seen = await seen_of(bench, "k2")
        outcomes.add((seen.phase, seen.version, b"new" in served(bench, "index.html")[0]))
        assert (await brought(bench, new, "k2")).phase is Phase.LIVE
        assert b"new" in served(bench, "index.html")[0]

    mixed = {(Phase.ABSENT, None, False), (Phase.ABSENT, None, True)} if settings["serve"] == "copies" else set()
    assert moment > 8
    assert outcomes == {(Phase.ABSENT, "old", False), (Phase.LIVE, "new", True)} | mixed


def killing(bots: Bots, moment: int, deed: Deed) -> Callable[[int, web.Request], Deed]:
    """Kill the bot at its n-th request, and let no other pass."""

    def kill(number: int, _request: web.Request) -> Deed:
        if number < moment:
            return None
        os.kill(bots.pid, signal.SIGKILL)
        return deed if number == moment else REFUSE

    return kill
