"""The page's source: nothing from elsewhere, no way for words to become mark-up, every file says what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot.sandbox

PAGE = Path(bot.sandbox.__file__).parent / "page"
SCRIPTS = sorted(PAGE.rglob("*.js"))
FILES = sorted(path for path in PAGE.rglob("*") if path.is_file())
MARKUP_FROM_TEXT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc"
    r"|\beval\(|new Function"
)
ELSEWHERE = re.compile(r"(?:from|import|src|href|url)\s*[=(]?\s*[\"'(]\s*(?:https?:)?//")


def named(path: Path) -> str:
    return str(path.relative_to(PAGE))


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_text_never_becomes_markup(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)

    assert not MARKUP_FROM_TEXT.search(code)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    assert not ELSEWHERE.search(path.read_text("utf-8"))


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_every_module_says_what_it_is_for_and_stays_small(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()

    assert lines[0].startswith("/**")
    assert len(lines) <= 250
