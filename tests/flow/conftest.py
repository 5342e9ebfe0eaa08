"""What the flow tests stand on: HealthBridge on a fresh database, with a catalog that can be varied."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot.catalog import Catalog
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.healthbridge import HealthBridge, healthbridge

Edited = Callable[..., Catalog]


@pytest.fixture
def edited() -> Edited:
    """Read the example catalog with some of its text replaced: `edited(("old", "new"), …)`."""

    def edited(*replacements: tuple[str, str]) -> Catalog:
        text = EXAMPLE
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        return read(text)

    return edited


@pytest.fixture
async def house(database_url: str, edited: Edited) -> AsyncIterator[HealthBridge]:
    async with healthbridge(database_url, edited()) as made:
        yield made
