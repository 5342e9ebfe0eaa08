"""A backend in somebody else's package: the module of docs/how-to/write-a-backend.md, built, installed and found."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.living import ROOT
from tests.contract.test_documented_backend import PAGE

PROJECT = re.search(r"^```toml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
CATALOG = """\
organisation: Example
teams: { all: { usergroup: all } }
channels: { deployments: d, approvals: a }
services:
  web: { source: { kind: git, repository: web.git }, build: { run: [make], output: dist } }
environments:
  staging:
    branch: main
    deployers: [all]
    targets: { web: { backend: BACKEND, steps: [apply] } }
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page's package and install it into a folder, with what is here and nothing from elsewhere."""
    assert PROJECT is not None, "the page shows a pyproject.toml"
    place = tmp_path_factory.mktemp("third-party")
    source = place / "source"
    (source / "your_package").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PROJECT[1], encoding="utf-8")
    shown = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (source / "your_package" / "folder.py").write_text(shown[0], encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    done = subprocess.run([*pip, "--target", place / "site", source], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return place / "site"


def checked(backend: str, tmp_path: Path, *paths: Path) -> str:
    """Check a catalog with this backend in a process that sees the folders; return what was said."""
    (tmp_path / "slipway.yml").write_text(CATALOG.replace("BACKEND", backend), encoding="utf-8")
    seen = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "SLIPWAY_CATALOG": str(tmp_path / "slipway.yml")}
    environment = {**os.environ, **seen, "SLIPWAY_DATA": str(tmp_path)}
    argv = [sys.executable, "-m", "bot.cli", "config", "check"]
    done = subprocess.run(argv, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_its_kind_is_in_the_catalog(installed: Path, tmp_path: Path) -> None:
    without = checked("{ kind: folder }", tmp_path)
    there = checked("{ kind: folder }", tmp_path, installed)
    wrong = checked("{ kind: folder, chekc: [x] }", tmp_path, installed)

    assert "no backend is called “folder”" in without
    assert "no backend" not in there
    assert "wrong" not in there
    assert "“chekc” is unknown here; there are “kind”, “check”, did you mean “check”?" in wrong


def test_it_is_opened_and_deploys(installed: Path, tmp_path: Path) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from bot.plugins import backend_kinds
from tests.contract.artefacts import pack
from tests.contract.wishes import TARGET, a_release
from tests.contract.living import surroundings
from bot.ports import Desired
async def main(data):
    kind = backend_kinds()["folder"]
    desired = Desired(a_release("1.0.0", pack(data / "artefacts", {"index.html": "x"})), {"kind": "folder"})
    async with kind.open(surroundings(data)) as backend:
        await backend.apply(TARGET, desired, key="k1")
        print((await backend.observe(TARGET, key="k1", config={})).phase, sys.modules["your_package.folder"].__file__)
asyncio.run(main(Path(sys.argv[1])))
"""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    argv = [sys.executable, "-c", code, str(tmp_path)]
    said = subprocess.run(argv, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout

    assert said.split() == ["live", str(installed / "your_package" / "folder.py")]
