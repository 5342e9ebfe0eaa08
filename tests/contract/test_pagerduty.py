"""PagerDuty at the wire: events that it takes, keys that make twice once, and its own words when it does not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import GaveUp, Retry
from bot.ports import Follows, Page, Pager, Unclear
from integrations.pagerduty import PAGER, PagerDutyConfig, opened
from tests.contract.living import surroundings
from tests.contract.pagerduty_wire import KEY, PagerDutyWire, pagerduty

PAGE = Page(
    key="e1.0",
    title="BackendDown",
    severity="critical",
    at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    text="Nobody answers\nand more",
    source="backend",
    link="https://healthbridge.example/archives/C1/p1",
    facts={"service": "backend", "quote": "“ünï” مرحبا"},
)


@pytest.fixture
async def wire() -> AsyncIterator[PagerDutyWire]:
    async with pagerduty() as made:
        yield made


@pytest.fixture
async def pager(wire: PagerDutyWire, tmp_path: Path) -> AsyncIterator[Pager]:
    config = PagerDutyConfig(routing_key="PD_KEY", url=wire.url)
    async with opened(surroundings(tmp_path, PD_KEY=KEY), config) as made:
        yield made


async def test_an_event_is_taken_and_says_what_and_how_bad(pager: Pager, wire: PagerDutyWire) -> None:
    assert await pager.tell(PAGE) == "Event processed"

    (event,) = wire.events
    payload = event["payload"]
    assert isinstance(payload, dict)
    assert payload["summary"] == "BackendDown: Nobody answers"
    assert (payload["severity"], payload["source"]) == ("critical", "backend")
    assert payload["custom_details"]["quote"] == "“ünï” مرحبا"
    assert event["links"] == [{"href": PAGE.link, "text": "The alerts in Slack"}]
    assert wire.incidents == {"e1.0": "triggered"}


async def test_one_key_is_one_incident_that_is_acknowledged_and_resolved(pager: Pager, wire: PagerDutyWire) -> None:
    assert isinstance(pager, Follows)
    await pager.tell(PAGE)
    await pager.tell(PAGE)
    await pager.acknowledge(PAGE)
    assert wire.incidents == {"e1.0": "acknowledged"}
    await pager.resolve(PAGE)
    assert wire.incidents == {"e1.0": "resolved"}


async def test_what_is_refused_is_said_in_its_own_words(wire: PagerDutyWire, tmp_path: Path) -> None:
    config = PagerDutyConfig(routing_key="PD_KEY", url=wire.url)
    async with opened(surroundings(tmp_path, PD_KEY="of-another-house"), config) as pager:
        with pytest.raises(GaveUp, match="Event object is invalid: 'routing_key' is invalid") as caught:
            await pager.tell(PAGE)

    assert "of-another-house" not in caught.value.reason


async def test_a_key_that_is_not_set_is_named(wire: PagerDutyWire, tmp_path: Path) -> None:
    async with opened(surroundings(tmp_path), PagerDutyConfig(routing_key="PD_KEY", url=wire.url)) as pager:
        with pytest.raises(GaveUp, match="the secret PD_KEY is not set"):
            await pager.tell(PAGE)


@pytest.mark.parametrize(("status", "said"), [(500, "in trouble"), (503, "in trouble"), (429, "too many events")])
async def test_trouble_is_for_now(pager: Pager, wire: PagerDutyWire, status: int, said: str) -> None:
    wire.status = status
    wire.headers = {"Retry-After": "7"}
    with pytest.raises(Retry, match=said) as caught:
        await pager.tell(PAGE)

    assert (caught.value.after is not None and caught.value.after.total_seconds() == 7) is (status == 429)
    wire.status = 0
    assert await pager.tell(PAGE) == "Event processed"


@pytest.mark.parametrize("status", [200, 302, 404])
async def test_what_is_not_pagerduty_is_not_believed(pager: Pager, wire: PagerDutyWire, status: int) -> None:
    wire.status = status

    with pytest.raises(GaveUp):
        await pager.tell(PAGE)


async def test_a_lost_answer_is_unclear_and_asking_again_is_as_once(pager: Pager, wire: PagerDutyWire) -> None:
    wire.loses_answers = True
    with pytest.raises(Unclear):
        await pager.tell(PAGE)
    assert wire.incidents == {"e1.0": "triggered"}

    wire.loses_answers = False
    await pager.tell(PAGE)
    assert wire.incidents == {"e1.0": "triggered"}
    assert PAGER.keyed


async def test_who_is_slow_is_waited_for(pager: Pager, wire: PagerDutyWire) -> None:
    wire.slow = asyncio.Event()
    asked = asyncio.create_task(pager.tell(PAGE))
    await wire.came.wait()
    assert not asked.done()

    wire.slow.set()
    assert await asked == "Event processed"


async def test_nobody_there_is_for_now(tmp_path: Path) -> None:
    config = PagerDutyConfig(routing_key="PD_KEY", url="http://127.0.0.1:1")
    async with opened(surroundings(tmp_path, PD_KEY=KEY), config) as pager:
        with pytest.raises(Retry, match="PagerDuty cannot be reached"):
            await pager.tell(PAGE)


async def test_very_long_words_are_cut_to_what_it_takes(pager: Pager, wire: PagerDutyWire) -> None:
    long = "x" * 5000
    await pager.tell(Page("e2.0", long, "low", PAGE.at, text=long, facts={"a": "b" * 1000}))

    assert wire.incidents == {"e2.0": "triggered"}
