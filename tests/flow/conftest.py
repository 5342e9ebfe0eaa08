"""What the flow tests stand on: HealthBridge on a fresh database, with a catalog that can be varied."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot.catalog import Catalog
from bot.web import alertmanager
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.healthbridge import HealthBridge, healthbridge
from tests.fakes.monitor import ALERTS, TOKEN, Monitor

Edited = Callable[..., Catalog]

QUICK = (
    ('          - bake: { http: "http://backend.staging/health", for: 3s }\n', ""),
    ("within: 5s", "within: 1s"),
)


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


@pytest.fixture
async def quick(house: HealthBridge, edited: Edited) -> HealthBridge:
    """Give a HealthBridge whose staging neither bakes nor waits long for a good answer."""
    house.with_catalog(edited(*QUICK))
    return house


@pytest.fixture
def monitor(house: HealthBridge, edited: Edited) -> Monitor:
    house.with_catalog(edited(("channels:", ALERTS)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    return Monitor(house, alertmanager.route(house.world))
