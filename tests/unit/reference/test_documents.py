"""The pages name only what is there: links, files, commands, tables, figures, scopes and packages."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import manifest
from bot.cli import application, words
from bot.ledger.schema import metadata
from bot.vocabulary import Vocabulary
from bot.web.metrics import Metrics
from tests.unit.source import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FOLDERS = ("bot", "commands", "integrations", "migrations", "tests", "docs", "examples", "bench")
SHOWN_AS_NEW = {  # what a page teaches to write is not there yet
    "commands/holds.py",
    "bot/steps/pause.py",
    "bot/usecases/gates/working_hours.py",
    "integrations/folder.py",
    "docs/decisions/NNNN-title.md",
}
NOT_OURS = {"/holds", "/invite", "/word"}  # what a page teaches to write, Slack's own, and any word
ADDRESSES = {"/slack/events", "/healthz", "/readyz", "/metrics", "/api/health", "/driver/info"}


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def spans(page: Path) -> list[str]:
    """Return what stands between backticks."""
    return re.findall(r"`([^`\n]+)`", prose(page))


def rows(page: Path, heading: str = "") -> Iterator[list[str]]:
    """Yield the cells of the tables under a heading (or of the whole page), without the heads of the tables."""
    text = page.read_text(encoding="utf-8")
    part = text.partition(f"{heading}\n")[2] if heading else text
    for line in (re.split(r"^## ", part, maxsplit=1, flags=re.MULTILINE)[0] if heading else part).splitlines():
        if line.startswith("|") and not set(line) <= set("|- "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if link.startswith("http"):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_are_named_are_there(page: Path) -> None:
    looks_like_ours = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*")
    paths = {span for span in spans(page) if looks_like_ours.fullmatch(span)}

    assert {path for path in paths - SHOWN_AS_NEW if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_that_are_named_are_known(page: Path) -> None:
    typed = {match[0] for span in spans(page) if (match := re.match(r"/[a-z]+(?=$| )", span))}
    known = {f"/{word}" for word in Vocabulary.found().commands}

    assert typed - known - NOT_OURS - ADDRESSES == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_words_of_the_terminal_that_are_named_are_known(page: Path) -> None:
    typed = re.findall(r"(?:^ +|`|bin/)slipway ([a-z]+)(?: ([a-z]+))?", prose(page), re.MULTILINE)
    groups = {
        word: {c.name or c.callback.__name__ for c in application(word).registered_commands if c.callback}
        for word, _ in typed
    }
    unknown = {
        f"{word} {verb}"
        for word, verb in typed
        if word not in words() or (len(groups[word]) > 1 and verb and verb not in groups[word])
    }

    assert unknown == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_targets_of_make_that_are_named_are_there(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    typed = set(re.findall(r"(?:^ {4}|`)make ([a-z]+)", prose(page), re.MULTILINE))

    assert typed - known == set()


def test_the_architecture_lists_every_table() -> None:
    listed = {row[0].strip("`") for row in rows(DOCS / "architecture.md", "## Tables") if row[0].startswith("`")}

    assert listed == set(metadata.tables)


def test_decisions_are_numbered_listed_and_whole() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    parts = ("**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**", "**Enforcer.**")

    assert [int(one.name[:4]) for one in records] == list(range(1, len(records) + 1))
    assert [one.name for one in records if f"({one.name})" not in index] == []
    assert [one.name for one in records for part in parts if part not in one.read_text(encoding="utf-8")] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    needed = {re.split(r"[\[<>=]", one, maxsplit=1)[0] for one in wanted}
    page = DOCS / "decisions" / "0013-dependencies.md"
    listed = {name for row in rows(page) for name in row[0].split(", ") if row[0] != "package"}

    assert listed == needed


def test_every_figure_is_listed() -> None:
    page = DOCS / "how-to" / "run-in-production.md"
    listed = {name.strip("`") for row in rows(page, "## Figures") for name in row[0].split(", ")}
    families = Metrics().registry.collect()
    known = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}

    assert {name for name in known if name.startswith("slipway_")} == {
        n for n in listed if re.fullmatch(r"slipway_\w+", n)
    }


def test_every_scope_has_its_reason() -> None:
    page = DOCS / "how-to" / "connect-to-slack.md"
    listed = {name.strip("`") for row in rows(page, "## 3. The scopes, and why each") for name in row[0].split(", ")}

    assert listed - {"scope"} == set(manifest.SCOPES)
