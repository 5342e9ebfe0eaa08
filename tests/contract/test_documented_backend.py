"""The backend that docs/how-to/write-a-backend.md shows, taken out of the page and held to every backend's promises."""

import contextlib
import re
import types
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.plugins import BackendKind
from bot.ports import Backend, Desired, Section
from tests.contract import test_backend
from tests.contract.benches import TARGET, Bench, a_release, pack
from tests.contract.living import ROOT, surroundings

PAGE = ROOT / "docs" / "how-to" / "write-a-backend.md"


def the_module() -> types.ModuleType:
    """Return the page's code block as a module."""
    shown = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(shown) == 1, "the page shows one file, whole"
    module = types.ModuleType("folder")
    exec(compile(shown[0], str(PAGE), "exec"), module.__dict__)  # noqa: S102 - the project's own page
    return module


@dataclass
class FolderBench:
    """Static files: a check that ends with 0, and one that does not."""

    data: Path
    backend: Backend

    def good(self, version: str, target: object = TARGET) -> Desired:
        return self._release(version, 0, target)

    def bad(self, version: str, target: object = TARGET) -> Desired:
        return self._release(version, 3, target)

    def _release(self, version: str, code: int, target: object) -> Desired:
        files = {"check.py": f"raise SystemExit({code})", "index.html": f"{target} {version}"}
        return Desired(a_release(version, pack(self.data / "artefacts", files)), self.section(target))

    def section(self, target: object) -> Section:  # noqa: ARG002 - every site is alike
        return {"kind": "folder", "check": ["python3", "check.py"]}


@contextlib.asynccontextmanager
async def folders(data: Path) -> AsyncIterator[FolderBench]:
    kind = the_module().BACKEND
    assert isinstance(kind, BackendKind)
    async with kind.open(surroundings(data)) as backend:
        yield FolderBench(data, backend)


PROMISES = [promise for name, promise in vars(test_backend).items() if name.startswith("test_")]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__.removeprefix("test_"))
async def test_the_page_keeps_it(promise: Callable[[Bench], Awaitable[None]], tmp_path: Path) -> None:
    async with folders(tmp_path) as bench:
        await promise(bench)


async def test_what_is_live_is_what_the_link_leads_to(tmp_path: Path) -> None:
    async with folders(tmp_path) as bench:
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")

    page = tmp_path / "sites" / "backend@staging" / "current" / "index.html"
    assert page.read_text(encoding="utf-8") == "backend/staging 1.0.0"


async def test_what_was_prepared_and_never_went_live_is_finished_when_it_is_asked_for_again(tmp_path: Path) -> None:
    async with folders(tmp_path) as bench:
        await bench.backend.apply(TARGET, bench.good("1.0.0"), key="k1")
        await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k2")
        link = tmp_path / "sites" / "backend@staging" / "current"
        link.unlink()
        link.symlink_to(next(link.parent.glob("1-*")).name + "/files")  # killed before the link was moved
        between = await bench.backend.observe(TARGET, key="k2", config=bench.section(TARGET))
        await bench.backend.apply(TARGET, bench.good("2.0.0"), key="k2")
        after = await bench.backend.observe(TARGET, key="k2", config=bench.section(TARGET))

    assert (between.phase, between.version) == ("absent", "1.0.0")
    assert (after.phase, after.version) == ("live", "2.0.0")


async def test_what_the_check_said_last_is_why(tmp_path: Path) -> None:
    files = {"check.py": "print('looking', flush=True)\nraise SystemExit('it does not say whose it is')"}
    async with folders(tmp_path) as bench:
        desired = Desired(a_release("1.0.0", pack(tmp_path / "artefacts", files)), bench.section(TARGET))
        await bench.backend.apply(TARGET, desired, key="k1")
        seen = await bench.backend.observe(TARGET, key="k1", config=bench.section(TARGET))

    assert seen.detail == "the check ended with exit code 1: looking / it does not say whose it is"


def test_it_uses_nothing_that_may_move() -> None:
    shown = PAGE.read_text(encoding="utf-8")

    assert re.findall(r"^from (?:bot|integrations)\S*\._\S* import .*$", shown, re.MULTILINE) == []
