"""Ten thousand alerts in one message: whoever does something meanwhile does not wait for them."""

import asyncio
import json
import time

import pytest

from bot.web import alertmanager
from tests.fakes.healthbridge import HealthBridge
from tests.fakes.monitor import ALERTS, TOKEN, Monitor
from tests.flow.conftest import Edited

MANY = 10_000


@pytest.fixture
def monitor(house: HealthBridge, edited: Edited) -> Monitor:
    house.with_catalog(edited(("channels:", ALERTS)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    return Monitor(house, alertmanager.route(house.world))


def said(number: int) -> dict[str, str]:
    """What rules say at length, with addresses and words that may be secrets' names."""
    about = f"the token of https://host-{number}.example/login?user=ops is refused; Authorization: see the runbook. "
    return {"summary": f"host {number} answers nobody", "description": about * 5}


async def test_what_people_do_goes_on_while_they_are_read(monitor: Monitor) -> None:
    alerts = [monitor.alert(instance=f"host-{one}.example:9100") | {"annotations": said(one)} for one in range(MANY)]
    body = json.dumps(monitor.payload(*alerts)).encode()
    waited, over = 0.0, False

    async def others() -> None:
        nonlocal waited
        while not over:
            began = time.monotonic()
            await asyncio.sleep(0)
            waited = max(waited, time.monotonic() - began)

    async with asyncio.TaskGroup() as both:
        both.create_task(others())
        await asyncio.sleep(0)  # they have begun
        began = time.monotonic()
        status, _ = await monitor.tell(body)
        took, over = time.monotonic() - began, True

    assert status == 200
    assert waited < took / 4
