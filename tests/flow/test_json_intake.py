"""Grafana and others tell in their own JSON: the catalog says how it is read, and what is wrong is named."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alert import Severity
from bot.domain.alertgroup import State
from bot.ledger import alertgroups
from bot.web import jsons
from tests.fakes.healthbridge import HealthBridge
from tests.fakes.monitor import TOKEN, Json, Monitor
from tests.fakes.shown import bare, buttons
from tests.flow.conftest import Edited

ALERTS = """alerts:
  alertmanager: { url: http://alertmanager.example:9093 }
  routes:
    platform: { secret: ALERTS_TOKEN }
    grafana: { secret: ALERTS_TOKEN, json: { like: grafana } }
    pings:
      secret: ALERTS_TOKEN
      json:
        name: check.name
        status: check.state
        firing: [DOWN]
        resolved: [UP]
        fingerprint: check.id
        severity: check.level
        severities: { urgent: critical }
        label: { service: tags.0, region: check.region }
        summary: message
        source: check.url
        starts_at: since
  acknowledge: { by: [production-team], for: 1h }

channels:"""
HOUR = timedelta(hours=1)


@pytest.fixture
def monitor(house: HealthBridge, edited: Edited) -> Monitor:
    house.with_catalog(edited(("channels:", ALERTS)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    return Monitor(house, jsons.route(house.world))


def grafana(*, status: str = "firing", **more: object) -> Json:
    """What Grafana's webhook contact point sends."""
    alert = {
        "status": status,
        "labels": {"alertname": "High memory usage", "team": "blue", "severity": "page"},
        "annotations": {"summary": "blue is nearly full", "runbook_url": "https://runbooks.example/memory"},
        "startsAt": "2026-03-02T08:51:03.157076+02:00",
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else "2026-03-02T09:05:00Z",
        "generatorURL": "https://grafana.example/alerting/1afz29v7z/edit",
        "fingerprint": "c6eadffa33fcdf37",
        "silenceURL": "https://grafana.example/alerting/silence/new",
        "dashboardURL": "https://grafana.example/d/1",
        "panelURL": "",
        "values": {"B": 44.2, "C": 1},
        "valueString": "",
    }
    return {
        "receiver": "slipway",
        "status": status,
        "orgId": 1,
        "alerts": [alert],
        "groupLabels": {"alertname": "High memory usage"},
        "commonLabels": {"team": "blue"},
        "externalURL": "https://grafana.example/",
        "version": "1",
        "groupKey": '{}:{alertname="High memory usage"}',
        "truncatedAlerts": 0,
        "title": "[FIRING:1] High memory usage",
        "state": "alerting",
        "message": "…",
        **more,
    }


def ping(**check: object) -> Json:
    about = {
        "id": 77,
        "name": "Portal",
        "state": "DOWN",
        "level": "Urgent",
        "region": "eu",
        "url": "https://p.example/7",
    }
    return {"check": about | check, "tags": ["frontend"], "message": "no answer", "since": 1772442000}


async def test_grafana_is_a_card_and_its_end_is_the_end(monitor: Monitor) -> None:
    status, said = await monitor.tell(grafana(), route="grafana")
    assert status == 200
    number = said["group"]
    assert isinstance(number, int)

    card = await monitor.card(number)
    assert "High memory usage · critical" in bare(card)
    assert "blue is nearly full" in bare(card)
    assert "https://grafana.example/d/1" in str(card.blocks)
    assert "silence" not in buttons(card)  # no API of this route's monitor is known
    (alert,) = await alertgroups.alerts_of(monitor.house.world.ledger.reading, number)
    assert alert.starts_at == datetime(2026, 3, 2, 6, 51, 3, 157076, tzinfo=UTC)

    await monitor.tell(grafana(status="resolved"), route="grafana")
    assert (await monitor.group(number)).state is State.RESOLVED


async def test_words_of_another_monitor_are_read_by_their_paths(monitor: Monitor) -> None:
    _, said = await monitor.tell(ping(), route="pings")
    number = said["group"]
    assert isinstance(number, int)

    group = await monitor.group(number)
    (alert,) = await alertgroups.alerts_of(monitor.house.world.ledger.reading, number)
    assert group.severity is Severity.CRITICAL
    assert alert.labels == {"alertname": "Portal", "severity": "critical", "service": "frontend", "region": "eu"}
    assert (alert.fingerprint, alert.source) == ("77", "https://p.example/7")
    assert alert.annotations == {"summary": "no answer"}
    assert alert.starts_at == datetime.fromtimestamp(1772442000, UTC)

    await monitor.tell(ping(state="up"), route="pings")
    assert (await monitor.group(number)).state is State.RESOLVED


async def test_the_same_told_twice_is_one(monitor: Monitor) -> None:
    answers = [await monitor.tell(ping(), route="pings") for _ in range(3)]

    assert {said["group"] for _, said in answers} == {1}
    assert await monitor.roles(1) == ["live"]


@pytest.mark.parametrize(
    ("route", "body", "named"),
    [
        ("grafana", b"{", "the body: it is not JSON"),
        ("grafana", b"[]", "the body: an object was expected"),
        ("grafana", b'{"a": NaN}', "the body: it is not JSON"),
        ("grafana", {}, "alerts: a list of alerts was expected"),
        ("grafana", {"alerts": [7]}, "alerts.0: an object was expected"),
        ("grafana", {"alerts": [{"labels": []}]}, "alerts.0.labels: an object was expected"),
        ("grafana", {"alerts": [{"labels": {}}]}, "alerts.0.labels.alertname: it says what the alert is called"),
        ("grafana", {"alerts": [{"labels": {"alertname": {}}}]}, "alerts.0.labels.alertname: a text was expected"),
        (
            "grafana",
            {"alerts": [{"labels": {"alertname": "x"}, "status": "odd"}]},
            "alerts.0.status: neither that it fires nor that it does not; known are firing",
        ),
        (
            "grafana",
            {"alerts": [{"labels": {"alertname": "x"}, "startsAt": "soon"}]},
            "alerts.0.startsAt: it is no moment",
        ),
        (
            "grafana",
            {"alerts": [{"labels": {"alertname": "x"}, "startsAt": []}]},
            "alerts.0.startsAt: a moment was expected",
        ),
        ("grafana", {"alerts": [], "truncatedAlerts": "many"}, "truncatedAlerts: a number was expected"),
        ("grafana", {"alerts": [], "groupKey": []}, "groupKey: a text was expected"),
        ("pings", ping(state="ASLEEP"), "check.state: neither that it fires nor that it does not; known are DOWN, UP"),
        ("pings", {"check": 7}, "check.name: it says what the alert is called, and is missing"),
        ("pings", ping() | {"since": 10**40}, "since: it is no moment"),
        ("platform", {}, "alerts.routes.platform how its JSON is read"),
    ],
)
async def test_what_is_wrong_is_named_by_its_field(monitor: Monitor, route: str, body: object, named: str) -> None:
    status, said = await monitor.tell(body, route=route)

    assert status == 400
    assert named in str(said["error"])


async def test_the_secret_is_asked_for_here_as_well(monitor: Monitor) -> None:
    for auth in (b"", b"Bearer wrong"):
        assert (await monitor.tell(grafana(), route="grafana", auth=auth))[0] == 401


async def test_a_monitor_with_a_wrong_address_reaches_somebody_and_the_card_says_so(
    monitor: Monitor, house: HealthBridge, edited: Edited
) -> None:
    _, said = await monitor.tell(grafana(), route="grafana")
    number = said["group"]
    assert isinstance(number, int)
    assert "nobody owns it" not in bare(await monitor.card(number))

    house.with_catalog(edited(("channels:", ALERTS.replace("    grafana: {", "    other: {"))))
    monitor.house.world = house.world
    card = bare(await monitor.card(number))

    assert "The route grafana is not in the catalog: nobody owns it" in card


async def test_grafana_with_nulls_and_without_optional_things_is_taken(monitor: Monitor) -> None:
    body = grafana()
    alerts = json.loads(json.dumps(body["alerts"]))
    alerts[0] |= {"annotations": None, "values": None, "generatorURL": None, "fingerprint": None, "endsAt": None}

    status, said = await monitor.tell(body | {"alerts": alerts, "externalURL": None}, route="grafana")

    assert (status, said["group"]) == (200, 1)
