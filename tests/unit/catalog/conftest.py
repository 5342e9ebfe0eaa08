"""What the tests of the catalog stand on: the example catalog as text to be spoilt, and how to load one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.catalog import Catalog, CatalogError, load
from tests.unit.catalog.kinds import KINDS, SOURCES, STEPS

EXAMPLE = Path(__file__).parents[3] / "slipway.yml"

Read = Callable[[str], Catalog]
Wrong = Callable[[str], list[str]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Load a catalog from its text."""

    def read(text: str) -> Catalog:
        path = tmp_path / "slipway.yml"
        path.write_text(text, encoding="utf-8")
        variables = {"SLIPWAY_DATA": "/data", "SLIPWAY_EXAMPLE_PORTS": "82"}
        return load(path, backends=KINDS, sources=SOURCES, step_kinds=STEPS, variables=variables)

    return read


@pytest.fixture
def wrong(read: Read) -> Wrong:
    """Load a wrong catalog and return its problems as they are said, without the folder."""

    def wrong(text: str) -> list[str]:
        with pytest.raises(CatalogError) as caught:
            read(text)
        return [problem.said("slipway.yml") for problem in caught.value.problems]

    return wrong


@pytest.fixture
def example() -> str:
    return EXAMPLE.read_text(encoding="utf-8")
