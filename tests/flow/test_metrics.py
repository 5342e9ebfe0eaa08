"""The figures for Prometheus are what happened, counted once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from bot.ledger import chain
from bot.ledger.ledger import Ledger
from bot.ledger.queue import Queue
from bot.web.metrics import Metrics, route
from tests.fakes.clock import FakeClock
from tests.fakes.healthbridge import HealthBridge


def figure(metrics: Metrics, name: str, **labels: str) -> float | None:
    """Return a sample by its name and labels, as Prometheus would read it."""
    for family in text_string_to_metric_families(metrics.text().decode()):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return None


async def sealed(house: HealthBridge) -> None:
    async with house.world.ledger.transaction() as tx:
        await chain.seal(tx)


async def test_what_this_process_saw() -> None:
    metrics = Metrics()
    metrics.acked(0.004)
    metrics.slack_call("chat.update", "ok")
    metrics.slack_call("chat.update", "ratelimited")
    metrics.refused(401)

    assert figure(metrics, "slipway_ack_seconds_count") == 1
    assert figure(metrics, "slipway_ack_seconds_bucket", le="0.005") == 1
    assert figure(metrics, "slipway_ack_seconds_bucket", le="0.003") == 0
    assert figure(metrics, "slipway_slack_calls_total", method="chat.update", outcome="ratelimited") == 1
    assert figure(metrics, "slipway_requests_refused_total", status="401") == 1


async def test_two_in_one_process_share_nothing() -> None:
    one, other = Metrics(), Metrics()
    one.acked(0.1)

    assert figure(other, "slipway_ack_seconds_count") == 0


async def test_what_the_ledger_holds(house: HealthBridge) -> None:
    metrics, ledger, house.shows = Metrics(), house.world.ledger, False
    await metrics.read(ledger)
    house.source.commit("backend", "1.1.0")
    await house.deployed("staging", "backend")
    await metrics.read(ledger)
    waiting = figure(metrics, "slipway_events_unsealed")
    await sealed(house)
    await metrics.read(ledger)
    await metrics.read(ledger)
    ended = {"environment": "staging", "kind": "deploy"}

    assert waiting
    assert figure(metrics, "slipway_events_unsealed") == 0
    assert figure(metrics, "slipway_operations_total", outcome="succeeded", **ended) == 1
    assert figure(metrics, "slipway_operation_seconds_count", **ended) == 1
    assert figure(metrics, "slipway_cards_stale") == 2
    assert figure(metrics, "slipway_changes", state="succeeded") is None


async def test_what_ended_before_the_start_is_not_counted(house: HealthBridge) -> None:
    house.source.commit("backend", "1.1.0")
    await house.deployed("staging", "backend")
    await sealed(house)
    metrics = Metrics()
    await metrics.read(house.world.ledger)

    assert figure(metrics, "slipway_operations_total", environment="staging") is None


async def test_jobs_and_open_changes(house: HealthBridge) -> None:
    house.source.commit("backend", "1.1.0")
    await house.take("deploy", "U0NDAPEWA1", {"environment": "staging", "words": [], "reason": "", "dry_run": False})
    metrics = Metrics()
    await metrics.read(house.world.ledger)

    assert figure(metrics, "slipway_jobs_waiting", task="plan") == 1


async def test_a_stale_card_is_seen_to_wait(house: HealthBridge) -> None:
    house.shows = False
    house.source.commit("backend", "1.1.0")
    await house.deployed("staging", "backend")
    house.clock.move(timedelta(minutes=3))
    metrics = Metrics()
    await metrics.read(house.world.ledger)
    waited = figure(metrics, "slipway_cards_stale_seconds")

    assert waited is not None
    assert waited >= 180


async def test_events_that_wait_to_be_sealed_are_seen_to_wait(house: HealthBridge) -> None:
    house.source.commit("backend", "1.1.0")
    await house.deployed("staging", "backend")
    house.clock.move(timedelta(minutes=2))
    metrics = Metrics()
    await metrics.read(house.world.ledger)
    waited = figure(metrics, "slipway_events_unsealed_seconds")
    await sealed(house)
    await metrics.read(house.world.ledger)

    assert waited is not None
    assert waited >= 120
    assert figure(metrics, "slipway_events_unsealed_seconds") == 0


async def test_operations_nobody_knows_the_end_of_and_open_alert_groups(house: HealthBridge) -> None:
    house.source.commit("backend", "1.1.0")
    op = await house.op(await house.deployed("staging", "backend"))
    metrics, ledger = Metrics(), house.world.ledger
    await ledger.single.say("UPDATE operations SET state = 'unknown' WHERE id = %(id)s", {"id": op.id})
    opened = (
        "INSERT INTO alert_groups (route, key, labels, state, severity, opened_at, told_at)"
        " VALUES ('a', %(key)s, '{}', %(state)s, 3, now(), now())"
    )
    for state in ("firing", "acknowledged", "resolved"):
        await ledger.single.say(opened, {"key": state, "state": state})
    await metrics.read(ledger)

    assert figure(metrics, "slipway_operations_unknown", environment="staging") == 1
    assert figure(metrics, "slipway_alert_groups", state="firing") == 1
    assert figure(metrics, "slipway_alert_groups", state="acknowledged") == 1
    assert figure(metrics, "slipway_alert_groups", state="resolved") is None


async def test_without_a_ledger_the_process_still_tells_its_own(tmp_path: Path) -> None:
    nobody = Ledger(f"postgresql+psycopg://postgres@/postgres?host={tmp_path}", clock=FakeClock(), queue=Queue(""))
    metrics = Metrics()
    metrics.acked(0.1)
    said = await route(metrics, nobody).endpoint(Request({"type": "http", "method": "GET", "headers": []}))

    assert said.status_code == 200
    assert b"slipway_ledger_answers 0.0" in said.body
    assert b"slipway_ack_seconds_count 1.0" in said.body
