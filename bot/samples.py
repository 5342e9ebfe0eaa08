"""The sample repository: HealthBridge's two services with a small history, so that there is something to deploy.

The files come from examples/healthbridge, the history from here. It goes through ``git fast-import`` with fixed dates
and invented authors, so that every commit has the same id on every machine and no git identity is needed. The newest
release on `develop` is good and promotable; the one that goes wrong waits on a branch of its own until `break_it`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.errors import GaveUp, Refused
from bot.sample_folder import chosen, told

EXAMPLES = Path(__file__).parents[1] / "examples" / "healthbridge"
REPOSITORY = "healthbridge.git"
BROKEN_BRANCH = "feature/faster-search"

_FIRST = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
_BETWEEN = timedelta(hours=26)
_ALIKE = ("server.py", "build.py", "Dockerfile")  # what each service has
_SEARCH = "backend/routes/search.py"
_BROKEN_TAG, _FIXED_TAG = "backend/v1.5.0", "backend/v1.5.1"

_AMARA = "Amara Okafor <amara@healthbridge.example>"
_LEA = "Léa Fontaine <lea@healthbridge.example>"
_SOREN = "Søren Kjær <soren@healthbridge.example>"
_SAKURA = "田中 さくら <sakura@healthbridge.example>"
_NOUR = "نور حداد <nour@healthbridge.example>"
_PRIYA = "Priya Raman <priya@healthbridge.example>"
_JONAS = "Jonas Weiß <jonas@healthbridge.example>"


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: what it writes and where; `merges` is the branch it brings in."""

    author: str
    subject: str
    files: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    branch: str = "develop"
    merges: str = ""
    tree: str = ""  # the whole tree of the commit, where git knows it already


def make_repository(data: Path) -> Path:
    """Make ``<data>/healthbridge.git`` unless it is there, and return its path.

    It appears under its name only when it is complete, so one that is there is complete and is left alone.
    """
    home = data / REPOSITORY
    if home.exists():
        return home
    data.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=data, prefix=".making-"))
    try:
        _git(making, "init", "--quiet", "--bare", "--template=", ".")
        _git(making, "symbolic-ref", "HEAD", "refs/heads/develop")
        _write(making, _history(), _FIRST)
        _publish(making, home)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return home


def break_it(data: Path) -> str:
    """Merge the release that goes wrong into develop; return a sentence that says what to do next."""
    home = _used(data)
    if _holds(home, "develop", BROKEN_BRANCH):
        raise Refused("The release that goes wrong, backend 1.5.0, is on develop already: “make fix” mends it.")
    files = {_SEARCH: _read("faster-search/search.py")}
    merge = Step(_PRIYA, f"Merge branch '{BROKEN_BRANCH}' into develop", files, merges=BROKEN_BRANCH)
    _write(home, [merge], _tip_at(home, "develop") + _BETWEEN)
    return f"{told(data)}: backend 1.5.0 is now the newest on develop. Type /deploy staging, and watch its health."


def fix_it(data: Path) -> str:
    """Put the mended release on develop and main; return a sentence that says what to do next."""
    home = _used(data)
    if not _holds(home, "develop", BROKEN_BRANCH):
        raise Refused("Nothing is broken yet: “make break” merges the release that goes wrong.")
    if _git(home, "tag", "--list", _FIXED_TAG):
        raise Refused("The mended release, backend 1.5.1, is on develop already.")
    at = _tip_at(home, "develop") + _BETWEEN
    files = {_SEARCH: _read("fixed-search/search.py")}
    _write(home, [Step(_JONAS, "Fill the search index once, at the start", files, tag=_FIXED_TAG)], at)
    tree = _git(home, "rev-parse", "refs/heads/develop^{tree}")
    merge = Step(_PRIYA, "Merge branch 'develop': the mended search", branch="main", merges="develop", tree=tree)
    _write(home, [merge], at + _BETWEEN)
    return f"{told(data)}: backend 1.5.1 is now the newest on develop and main. Type /deploy staging."


def _used(data: Path) -> Path:
    """Return the repository of a data folder that a Slipway has used; `Refused` where none has."""
    home = data / REPOSITORY
    if not home.exists():
        raise Refused(
            f"No Slipway has used the folder {data}: type “make up” first, or name the right one, "
            'such as ARGS="--data .data/docker".'
        )
    return home


def main() -> int:
    """``python -m bot.samples make|break|fix --data DIR``."""
    parser = argparse.ArgumentParser(prog="python -m bot.samples", description="The sample repository.")
    parser.add_argument("verb", choices=["make", "break", "fix"])
    parser.add_argument("--data", type=Path, help="the data folder; else the one on which a Slipway runs")
    asked = parser.parse_args()
    verbs = {"make": lambda data: f"{make_repository(data)} is there.", "break": break_it, "fix": fix_it}
    try:
        sys.stdout.write(f"{verbs[asked.verb](chosen(asked.data))}\n")
    except (Refused, GaveUp) as no:
        sys.stderr.write(f"{no}\n")
        return 1
    return 0


def _history() -> list[Step]:
    """Return what happened, oldest first. A release adds or changes files; a merge brings all of develop to main."""
    api = {f"backend/{name}": _read(f"backend/{name}") for name in (*_ALIKE, "routes/__init__.py")}
    page, search = _read("frontend/page.html"), _read(_SEARCH)
    front = {f"frontend/{name}": _read(f"frontend/{name}") for name in _ALIKE}
    plain = _without(page, "prefers-color-scheme", "'why'", 'id="why"')
    return [
        Step(_AMARA, "Start the API: patients, and how it is", api | _route("health") | _route("patients"), _tag(1, 0)),
        Step(_LEA, "Start the page that shows how the API is", front | _page(plain), "frontend/v1.0.0"),
        _to_main("the first release"),
        Step(_SOREN, "List the appointments of a patient", _route("appointments"), _tag(1, 1)),
        Step(_SAKURA, "Follow the reader’s dark mode", _page(_without(page, "'why'", 'id="why"')), "frontend/v1.1.0"),
        _to_main("appointments, and a page for the night"),
        Step(_NOUR, "Count the patients of each clinic", _route("clinics"), _tag(1, 2)),
        Step(_AMARA, "Search patients by name", {_SEARCH: search.replace(".casefold()", "")}, _tag(1, 3)),
        _to_main("clinics and search"),
        Step(_PRIYA, "Say how to run both services", {"README.md": _RUN}),
        Step(_NOUR, "Find patients whatever the case of the letters", _route("search"), _tag(1, 4)),
        Step(_LEA, "Say on the page why the API is unwell", _page(page), "frontend/v1.2.0"),
        _to_main("a kinder search, and a page that explains itself"),
        Step(
            _JONAS,
            "Make the search faster with an index",
            {_SEARCH: _read("faster-search/search.py")},
            _BROKEN_TAG,
            branch=BROKEN_BRANCH,
        ),
    ]


_RUN = "# HealthBridge\n\nEach folder is a service: `python3 build.py`, then `PORT=8000 python3 dist/server.py`.\n"


def _to_main(what: str) -> Step:
    return Step(_PRIYA, f"Merge branch 'develop': {what}", branch="main", merges="develop")


def _tag(major: int, minor: int) -> str:
    return f"backend/v{major}.{minor}.0"


def _route(name: str) -> dict[str, str]:
    return {f"backend/routes/{name}.py": _read(f"backend/routes/{name}.py")}


def _page(text: str) -> dict[str, str]:
    return {"frontend/page.html": text}


def _without(text: str, *words: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not any(word in line for word in words))


def _read(name: str) -> str:
    path = EXAMPLES / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise GaveUp(f"the sample services are not here: cannot read {path}") from error


def _write(home: Path, steps: Sequence[Step], first_at: datetime) -> None:
    """Add the steps to a repository."""
    tips: dict[str, dict[str, str]] = {}  # what each branch that was begun here holds, for the merges to come
    stream: list[str] = []
    for number, step in enumerate(steps):
        begun = step.branch in tips or _exists(home, step.branch)
        before = tips.get(step.branch if begun else "develop", {})
        files = tips.get(step.merges, before) | dict(step.files)
        if step.merges and not begun:
            stream.append(f"reset refs/heads/{step.branch}\nfrom refs/heads/{step.merges}\n\n")
        else:
            changed = files if step.merges in tips else step.files
            stream.append(_commit(step, changed, _ancestry(step, tips, begun=begun), first_at + number * _BETWEEN))
        tips[step.branch] = files
    _git(home, "fast-import", "--quiet", feed="".join(stream))


def _ancestry(step: Step, tips: Mapping[str, object], *, begun: bool) -> list[str]:
    """Say where a commit comes from; fast-import knows the tips it made itself, and is told those that were there."""
    lines = []
    if step.branch not in tips and begun:
        lines.append(f"from refs/heads/{step.branch}^0")
    elif step.branch not in tips and "develop" in tips:
        lines.append("from refs/heads/develop")
    if step.merges:
        lines.append(f"merge refs/heads/{step.merges}{'' if step.merges in tips else '^0'}")
    return lines


def _commit(step: Step, files: Mapping[str, str], ancestry: Sequence[str], at: datetime) -> str:
    when = f"{int(at.timestamp())} +0000"
    lines = [f"commit refs/heads/{step.branch}", f"author {step.author} {when}", f"committer {step.author} {when}"]
    lines += [_data(step.subject), *ancestry]
    if step.tree:
        lines.append(f"M 040000 {step.tree} ")
    lines += [f"M 100644 inline {path}\n{_data(text)}" for path, text in sorted(files.items())]
    if step.tag:
        lines += ["", f"reset refs/tags/{step.tag}", f"from refs/heads/{step.branch}"]
    return "\n".join(lines) + "\n\n"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}"


def _publish(made: Path, home: Path) -> None:
    """Give what was made its name; when somebody else was first, theirs is as good: both hold the same commits."""
    try:
        made.rename(home)
    except OSError as error:
        if not home.exists():
            raise GaveUp(f"cannot make {home}: {error.strerror}") from error


def _exists(home: Path, branch: str) -> bool:
    return bool(_git(home, "for-each-ref", f"refs/heads/{branch}"))


def _holds(home: Path, branch: str, other: str) -> bool:
    merged = _git(home, "for-each-ref", "--format=%(refname)", f"--merged=refs/heads/{branch}", f"refs/heads/{other}")
    return bool(merged)


def _tip_at(home: Path, branch: str) -> datetime:
    return datetime.fromtimestamp(int(_git(home, "log", "-1", "--format=%ct", f"refs/heads/{branch}")), UTC)


def _git(folder: Path, *argv: str, feed: str = "") -> str:
    """Run git as nobody in particular: neither the machine's nor the person's configuration takes part."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C"}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *argv]
    try:
        done = subprocess.run(command, input=feed.encode(), capture_output=True, check=False, env=environment)  # noqa: S603 - argv of ours
    except FileNotFoundError as error:
        raise GaveUp("git is not installed here, or not on PATH") from error
    if done.returncode != 0:
        raise GaveUp(f"git {argv[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace").strip()


if __name__ == "__main__":
    sys.exit(main())
