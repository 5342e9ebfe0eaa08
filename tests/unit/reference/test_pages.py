"""The reference pages are written from the code, and say what the code says now."""

import pytest

from bot.reference._pages import pages
from tests.unit.source import ROOT


@pytest.mark.parametrize("page", ["catalog", "commands", "settings"])
def test_the_page_is_what_the_code_says(page: str) -> None:
    written = (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")

    assert written == pages()[page], "run `make docs`"


def test_every_key_of_the_catalog_is_explained() -> None:
    own = pages()["catalog"].partition("# Backends")[0]
    silent = [line for line in own.splitlines() if line.startswith("| `") and line.rstrip("| ").endswith("|")]

    assert silent == []
