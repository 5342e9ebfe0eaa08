"""`bake` with conditions: what Prometheus says of a release counts, unless it was so before, or cannot be told."""

import math
from datetime import timedelta

import pytest

from bot.domain.change import Change
from bot.domain.errors import GaveUp, Retry
from bot.domain.operation import Operation
from bot.usecases import decisions
from tests.fakes.fuse import Fuse
from tests.fakes.healthbridge import NDAPEWA, HealthBridge
from tests.fakes.shown import bare, buttons, card
from tests.flow.conftest import Edited

HTTP = """          - bake: { http: "http://backend.staging/health", for: 3s }
      frontend:"""
BAKE = """          - bake:
              conditions:
                - { name: errors, query: 'errors{s="{service}",e="{environment}"}', at_most: 0.01 }
                - { name: latency, query: 'p95{v="{version}"}', at_most: 1 }
              for: 3s
              blind: 10s
      frontend:"""
PROMETHEUS = (
    "organisation: HealthBridge\n",
    "organisation: HealthBridge\nprometheus: { url: 'http://metrics:9090' }\n",
)
ERRORS, LATENCY = 'errors{s="backend",e="staging"}', 'p95{v="1.1.0"}'
BY_ITSELF = ("on_failure: ask", "on_failure: roll_back")
SECOND = timedelta(seconds=1)


@pytest.fixture
async def baking(house: HealthBridge, edited: Edited) -> HealthBridge:
    """Give a HealthBridge whose staging runs 1.0.0, and bakes what comes next with conditions, all of them kept."""
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.with_catalog(edited(PROMETHEUS, (HTTP, BAKE)))
    house.metrics.answer(ERRORS, 0.001)
    house.metrics.answer(LATENCY, 0.2)
    house.source.commit("backend", "1.1.0")
    return house


async def ended(house: HealthBridge) -> tuple[Change, Operation]:
    change = await house.deployed("staging", "backend")
    return change, await house.op(change)


async def test_when_every_condition_is_kept_the_release_is_good(baking: HealthBridge) -> None:
    before = baking.clock.now()

    change, op = await ended(baking)

    assert change.state == "succeeded"
    assert baking.clock.now() - before >= timedelta(seconds=3)
    assert {query for query, _ in baking.metrics.asks} == {ERRORS, LATENCY}
    assert [at for _, at in baking.metrics.asks if at is not None] == [op.started_at] * 2


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.2, "errors is 0.2, and should be at most 0.01"), (math.inf, "errors is inf, and should be at most 0.01")],
)
async def test_a_condition_that_breaks_fails_the_release_in_numbers(
    baking: HealthBridge, value: float, words: str
) -> None:
    baking.metrics.answer(ERRORS, value, since=baking.clock.now() + SECOND)

    change, op = await ended(baking)

    assert (change.state, op.state) == ("failed", "failed")
    assert op.reason.endswith(f"of watching: {words}")
    assert "failed, and left running" in bare(await card(baking, change))


async def test_with_roll_back_as_the_policy_it_goes_back(baking: HealthBridge, edited: Edited) -> None:
    baking.with_catalog(edited(PROMETHEUS, (HTTP, BAKE), BY_ITSELF))
    baking.metrics.answer(LATENCY, 3.5, since=baking.clock.now() + SECOND)

    _, op = await ended(baking)

    assert op.state == "rolled_back"
    assert op.reason.endswith("latency is 3.5, and should be at most 1")
    assert baking.effects() == ["1.0.0", "1.1.0", "1.0.0"]


async def test_what_was_so_before_does_not_count_and_the_card_says_it(baking: HealthBridge) -> None:
    baking.metrics.answer(ERRORS, 0.5)

    change, _ = await ended(baking)

    assert change.state == "succeeded"
    assert "bake · already so before, and not counted: errors" in bare(await card(baking, change))


async def test_where_all_was_so_before_nothing_was_watched_and_a_person_is_asked(baking: HealthBridge) -> None:
    baking.metrics.answer(ERRORS, 0.5)
    baking.metrics.answer(LATENCY, 3.5)

    change, op = await ended(baking)

    assert change.state == "unknown"
    assert op.reason == (
        "bake: nothing was left to judge it by: already so before, and not counted: errors, latency. "
        "What was deployed serves; look at it"
    )


async def test_one_that_had_no_data_before_counts(baking: HealthBridge) -> None:
    baking.metrics.answer(ERRORS)
    baking.metrics.answer(ERRORS, 0.5, since=baking.clock.now() + SECOND)

    _, op = await ended(baking)

    assert op.state == "failed"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((), "errors: Prometheus knows nothing of it"),
        ((math.nan,), "errors is not a number (nothing was called?)"),
        ((0.001, math.nan), "errors is not a number (nothing was called?)"),
    ],
)
@pytest.mark.parametrize("policy", [("on_failure: ask", "on_failure: ask"), BY_ITSELF], ids=["ask", "roll back"])
async def test_what_cannot_be_told_is_neither_good_nor_bad_and_asks_a_person(
    baking: HealthBridge, edited: Edited, values: tuple[float, ...], words: str, policy: tuple[str, str]
) -> None:
    baking.with_catalog(edited(PROMETHEUS, (HTTP, BAKE), policy))
    baking.metrics.answer(ERRORS, *values)

    change, op = await ended(baking)

    assert (change.state, op.state) == ("unknown", "unknown")
    assert op.reason == f"bake: for 10s it could not be judged: {words}. What was deployed serves; look at it"
    assert baking.effects() == ["1.0.0", "1.1.0"]
    assert {"mark_succeeded", "mark_failed", "rollback"} <= set(buttons(await card(baking, change)))
    await decisions.settle(baking.world, op.id, by=NDAPEWA, succeeded=True)
    await baking.drain()
    assert (await baking.change(change.id)).state == "succeeded"
    assert await baking.live("backend", "staging") == "1.1.0"


async def test_data_that_comes_late_is_waited_for(baking: HealthBridge) -> None:
    baking.metrics.answer(ERRORS)
    baking.metrics.answer(LATENCY)
    for query in (ERRORS, LATENCY):
        baking.metrics.answer(query, 0.001, since=baking.clock.now() + 8 * SECOND)
    before = baking.clock.now()

    change, _ = await ended(baking)

    assert change.state == "succeeded"
    assert baking.clock.now() - before >= 11 * SECOND


async def test_a_prometheus_that_is_away_is_waited_for_and_then_a_person_is_asked(baking: HealthBridge) -> None:
    baking.metrics.fails = Retry("Prometheus at http://metrics:9090 cannot be reached: connection refused")

    change, op = await ended(baking)

    assert change.state == "unknown"
    assert "could not be judged: Prometheus at http://metrics:9090 cannot be reached" in op.reason


async def test_a_query_that_is_wrong_asks_a_person_at_once_in_its_own_words(baking: HealthBridge) -> None:
    baking.metrics.fails = GaveUp("Prometheus: parse error: unexpected end of input")

    change, op = await ended(baking)

    assert change.state == "unknown"
    assert op.reason == "bake: it cannot be judged: Prometheus: parse error: unexpected end of input"


async def test_a_few_bad_answers_may_be_borne(baking: HealthBridge, edited: Edited) -> None:
    baking.with_catalog(edited(PROMETHEUS, (HTTP, BAKE.replace("blind: 10s", "tolerate: 2"))))
    now = baking.clock.now()
    baking.metrics.answer(ERRORS, 0.5, since=now + SECOND)
    baking.metrics.answer(ERRORS, 0.0, since=now + 3 * SECOND)

    change, _ = await ended(baking)

    assert change.state == "succeeded"
    assert baking.clock.now() - now >= 5 * SECOND  # two bad looks gave nothing towards the three seconds


async def test_an_address_and_conditions_are_watched_together(baking: HealthBridge, edited: Edited) -> None:
    both = BAKE.replace("- bake:\n", '- bake:\n              http: "http://backend.staging/ready"\n')
    baking.with_catalog(edited(PROMETHEUS, (HTTP, both)))
    baking.probe.sick("http://backend.staging/ready")

    _, op = await ended(baking)

    assert op.reason == "bake: after 1s of watching: HTTP 500: broken"


@pytest.mark.parametrize("place", range(1, 90, 5))
async def test_killed_anywhere_what_was_so_before_stays_what_it_was(baking: HealthBridge, place: int) -> None:
    baking.metrics.answer(ERRORS, 0.5)
    await baking.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]})

    if await baking.until_killed(Fuse(at=place)):
        await baking.restart()
        await baking.drain()

    assert await baking.live("backend", "staging") == "1.1.0"
    assert (await baking.recent())[0].state == "succeeded"


@pytest.mark.parametrize(
    ("bake", "words"),
    [
        ("bake", "there is nothing to watch: give it an address (`http`), or `conditions` for Prometheus"),
        (
            "bake: { conditions: [eror_rate] }",
            "“eror_rate” is no usual condition; there are error_rate, p95, cpu, memory",
        ),
        ("bake: { conditions: [{ name: x, query: y }] }", "“x” needs one limit: `at_most` or `at_least`"),
        ("bake: { conditions: [{ name: x, query: y, at_most: 1, at_least: 0 }] }", "“x” needs one limit"),
        ("bake: { conditions: [p95, p95] }", "two conditions are called “p95”"),
    ],
)
def test_conditions_that_cannot_be_are_said_when_the_catalog_is_read(edited: Edited, bake: str, words: str) -> None:
    with pytest.raises(Exception, match="bake") as refused:  # a CatalogError, with every problem
        edited(PROMETHEUS, (HTTP, f"          - {bake}\n      frontend:"))
    assert words in str(refused.value)


def test_conditions_without_a_prometheus_are_said_with_their_place(edited: Edited) -> None:
    with pytest.raises(Exception, match="conditions") as refused:
        edited((HTTP, "          - bake: { conditions: [p95] }\n      frontend:"))
    assert "there is no Prometheus to ask; give staging, or the whole catalog, a “prometheus: { url: … }”" in str(
        refused.value
    )


def test_the_usual_conditions_have_the_limits_of_the_guide(edited: Edited) -> None:
    usual = "          - bake: { conditions: [error_rate, p95, cpu, memory] }\n      frontend:"
    catalog = edited(PROMETHEUS, (HTTP, usual))

    options = catalog.environments["staging"].targets["backend"].steps[-1].options.model_dump()
    assert {one["name"]: float(one["at_most"]) for one in options["conditions"]} == {
        "error rate": 0.01,
        "p95": 1.0,
        "CPU": 0.8,
        "memory": 0.8,
    }
