"""What is shipped for Prometheus, Alertmanager and Grafana is right by their own programs' word, and by the code's."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.domain.alert import Severity, severity_of
from bot.web.metrics import Metrics
from tests.unit.source import ROOT

DEPLOY = ROOT / "deploy"
RULES = sorted((DEPLOY / "prometheus").glob("*.yml"))
UNIT_TESTS = sorted((DEPLOY / "prometheus" / "tests").glob("*.yml"))
DASHBOARDS = sorted((DEPLOY / "grafana").glob("*.json"))
MEANINGS = ROOT / "docs" / "how-to" / "what-alerts-mean.md"
GUIDE = {  # the guide's tables, and the alerts that they became
    "critical": {
        *("ServiceDown", "SiteUnreachable"),
        *("DatabaseDown", "DatabaseConnectionsFailing", "DatabaseConnectionsExhausted"),
        "PaymentsFailing",
        *("SecurityBreach", "ManyFailedLogins"),
    },
    "high": {
        *("HighErrorRate", "SlowResponses"),
        *("HighCpu", "HighMemory", "ContainerHighCpu", "ContainerHighMemory"),
        "DeploymentFailed",
    },
    "medium": {"ModerateErrorRate", "SlowerResponses", "DiskFilling"},
}

Json = dict[str, Any]


def program(name: str, package: str) -> str:
    """Return where a program is. Without it the test fails in CI and is skipped, loudly, elsewhere."""
    found = shutil.which(name)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"There is no {name} on this machine, and in CI there must be one: apt-get install {package}")
    if found is None:
        pytest.skip(f"NOT TESTED: what is shipped, by {name}, for want of one (apt-get install {package})")
    return found


def ran(*argv: str | Path) -> str:
    """Run a program, which has to like what it is given; return what it said."""
    done = subprocess.run([str(one) for one in argv], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def loaded(path: Path) -> Json:
    """Return what a YAML file says."""
    found: Json = YAML(typ="safe").load(path)
    return found


def rules() -> Iterator[Json]:
    for path in RULES:
        for group in loaded(path)["groups"]:
            yield from group["rules"]


def alerts() -> dict[str, Json]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def panels() -> Iterator[tuple[str, Json]]:
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            if panel["type"] != "row":
                yield f"{path.stem}: {panel['title']}", panel


def queries() -> dict[str, str]:
    """Return every query of the dashboards, as it is asked for all environments and services."""
    found = {}
    for where, panel in panels():
        for target in panel["targets"]:
            query = target["expr"].replace("$__rate_interval", "5m")
            found[f"{where} {target['refId']}"] = re.sub(r"\$(environment|service)", ".*", query)
    return found


def ours(text: str) -> set[str]:
    """Return the names of Slipway's own metrics in a query, as the registry calls them."""
    names = set(re.findall(r"\bslipway_\w+", text))
    return {re.sub(r"_(total|bucket|count|sum)$", "", name) for name in names}


def test_prometheus_likes_the_rules() -> None:
    assert "SUCCESS" in ran(program("promtool", "prometheus"), "check", "rules", *RULES)


def test_every_alert_fires_when_it_should_and_not_when_it_should_not() -> None:
    assert "FAILED" not in ran(program("promtool", "prometheus"), "test", "rules", *UNIT_TESTS)


def test_every_alert_is_tried() -> None:
    tried = {
        case["alertname"]
        for path in UNIT_TESTS
        for test in loaded(path)["tests"]
        for case in test.get("alert_rule_test", [])
        if case["exp_alerts"]
    }

    assert alerts().keys() == tried


def test_the_guides_tables_are_all_there_each_as_urgent_as_it_says() -> None:
    shipped = {
        severity: {name for name, one in alerts().items() if one["labels"]["severity"] == severity}
        for severity in GUIDE
    }

    for severity, names in GUIDE.items():
        assert names <= shipped[severity]
    assert {severity_of(one["labels"]) for name, one in alerts().items() if name != "Watchdog"} <= set(Severity)


@pytest.mark.parametrize("name", sorted(alerts()))
def test_an_alert_says_what_is_wrong_and_what_to_do(name: str) -> None:
    said: Mapping[str, str] = alerts()[name]["annotations"]

    assert said.keys() == {"summary", "description", "runbook_url"}
    assert len(said["summary"]) < 120
    assert said["runbook_url"].endswith(f"#{name.lower()}")
    assert f"\n## {name}\n" in MEANINGS.read_text()


def test_alertmanager_likes_its_configuration() -> None:
    assert "SUCCESS" in ran(
        program("amtool", "prometheus-alertmanager"), "check-config", DEPLOY / "alertmanager" / "alertmanager.yml"
    )


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=Watchdog", "severity=none"), "slipway-watchdog"),
        (("alertname=ServiceDown", "severity=critical"), "slipway"),
        (("alertname=DiskFilling", "severity=medium"), "slipway"),
        (("alertname=Anything",), "slipway"),
    ],
)
def test_every_alert_goes_to_slipway(labels: tuple[str, ...], receiver: str) -> None:
    amtool, config = program("amtool", "prometheus-alertmanager"), DEPLOY / "alertmanager" / "alertmanager.yml"

    assert ran(amtool, "config", "routes", "test", f"--config.file={config}", *labels).split() == [receiver]


def test_alertmanager_tells_what_is_resolved_and_holds_back_only_alerts_that_there_are() -> None:
    config = loaded(DEPLOY / "alertmanager" / "alertmanager.yml")
    hooks = {one["name"]: one["webhook_configs"][0] for one in config["receivers"]}
    held = re.findall(r'alertname=~?"([^"]+)"', json.dumps(config["inhibit_rules"]).replace('\\"', '"'))

    assert hooks["slipway"]["send_resolved"] is True
    assert config["route"]["group_by"] == ["alertname", "environment", "service"]
    assert {name for names in held for name in names.split("|")} <= alerts().keys()


def test_prometheus_understands_every_query_of_the_dashboards(tmp_path: Path) -> None:
    asked = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries().values())]
    (tmp_path / "queries.yml").write_text(json.dumps({"groups": [{"name": "queries", "rules": asked}]}))

    assert f"{len(asked)} rules found" in ran(
        program("promtool", "prometheus"), "check", "rules", tmp_path / "queries.yml"
    )


def test_the_dashboards_are_what_their_script_writes() -> None:
    script: dict[str, Any] = {"__file__": str(DEPLOY / "grafana" / "build.py"), "__name__": "build"}
    exec(compile((DEPLOY / "grafana" / "build.py").read_text(), "build.py", "exec"), script)  # noqa: S102

    assert {f"{one.uid}.json": script["written"](one) for one in script["DASHBOARDS"]} == {
        path.name: path.read_text() for path in DASHBOARDS
    }


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_can_be_imported_anywhere(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    numbers = [panel["id"] for panel in dashboard["panels"]]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    sources = set(re.findall(r'"uid": "([^"]*)"', json.dumps(dashboard))) - {dashboard["uid"]}

    assert len(numbers) == len(set(numbers))
    assert len(places) == len(set(places))
    assert sources == {"${datasource}"}
    assert dashboard["templating"]["list"][0]["type"] == "datasource"
    known = {one["name"] for one in dashboard["templating"]["list"]} | {"__all", "__rate_interval"}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard))) <= known
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24


def test_the_guides_metrics_have_their_panels() -> None:
    titles = " ".join(where for where, _ in panels())

    for metric in (
        "Response time",
        "Errors",
        "Requests",
        "Active users",
        "CPU",
        "Memory",
        "Disks",
        "Network",
        "Latency",
    ):
        assert metric in titles
    for metric in ("Registrations, a week", "Active users, 30 days", "Transactions that succeed", "Revenue, 30 days"):
        assert metric in titles


def test_what_rules_and_dashboards_ask_of_slipway_is_there_to_be_asked() -> None:
    told = {family.name for family in Metrics().registry.collect()}
    asked = {name for rule in rules() for name in ours(rule["expr"])}
    asked |= {name for query in queries().values() for name in ours(query)}

    assert asked <= told
