"""Write the dashboards: `python deploy/grafana/build.py`. Change a table below, and write them anew.

Every query asks the datasource that is chosen on the dashboard; `$environment` and `$service` are chosen there too. The
words for what is wrong, and the thresholds, are those of the alert rules in deploy/prometheus/.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
WIDE, HIGH = 24, 8  # a dashboard's columns, and the height of a panel in rows
EACH = "[$__rate_interval]"
ON = 'environment=~"$environment",service=~"$service"'
IN = 'environment=~"$environment"'

Json = dict[str, object]


@dataclass(frozen=True)
class Panel:
    """A graph, or with `stat` one large figure: queries by what their lines are called; from `bad` on it is red."""

    title: str
    unit: str
    queries: dict[str, str]
    bad: float | None = None
    stat: bool = False
    says: str = ""


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: its rows of panels by their titles, and the variables that are read from a label of a metric."""

    uid: str
    title: str
    rows: dict[str, list[Panel]]
    variables: dict[str, str] = field(default_factory=dict)


APPLICATION = [
    Panel(
        "Response time",
        "s",
        {
            f"p{percent}": f"histogram_quantile({percent / 100:g}, sum by (le) "
            f"(rate(http_request_duration_seconds_bucket{{{ON}}}[$__rate_interval])))"
            for percent in (50, 95, 99)
        },
        bad=1,
        says="SlowResponses fires when p95 is above 1 s for five minutes.",
    ),
    Panel(
        "Errors",
        "percentunit",
        {
            name: f'sum(rate(http_requests_total{{{ON},status=~"{family}.."}}[$__rate_interval]))'
            f" / sum(rate(http_requests_total{{{ON}}}[$__rate_interval]))"
            for name, family in (("5xx", 5), ("4xx", 4))
        },
        bad=0.01,
        says="HighErrorRate fires when more than 1 % are 5xx for five minutes.",
    ),
    Panel(
        "Requests",
        "reqps",
        {"{{service}}": f"sum by (service) (rate(http_requests_total{{{ON}}}[$__rate_interval]))"},
    ),
    Panel("Active users", "short", {"{{service}}": f"sum by (service) (active_sessions{{{ON}}})"}),
]
INFRASTRUCTURE = [
    Panel(
        "CPU", "percentunit", {"{{instance}}": f"instance:cpu:ratio5m{{{IN}}}"}, bad=0.8, says="HighCpu: above 80 %."
    ),
    Panel(
        "Memory", "percentunit", {"{{instance}}": f"instance:memory:ratio{{{IN}}}"}, bad=0.8, says="HighMemory: 80 %."
    ),
    Panel(
        "CPU of containers, of their limit",
        "percentunit",
        {"{{pod}}/{{container}}": f"container:cpu:ratio5m{{{IN}}}"},
        bad=0.8,
    ),
    Panel(
        "Memory of containers, of their limit",
        "percentunit",
        {"{{pod}}/{{container}}": f"container:memory:ratio{{{IN}}}"},
        bad=0.8,
    ),
    Panel(
        "Disks",
        "percentunit",
        {"{{instance}} {{mountpoint}}": f"filesystem:used:ratio{{{IN}}}"},
        bad=0.8,
        says="DiskFilling: above 80 %.",
    ),
    Panel(
        "Network",
        "Bps",
        {
            "{{instance}} in": f"sum by (instance) (rate(node_network_receive_bytes_total{{{IN}}}{EACH}))",
            "{{instance}} out": f"sum by (instance) (rate(node_network_transmit_bytes_total{{{IN}}}{EACH}))",
        },
    ),
    Panel(
        "Latency from outside",
        "s",
        {"{{instance}}": f"max by (instance) (probe_duration_seconds{{{IN}}})"},
    ),
    Panel(
        "Database",
        "short",
        {
            "connections": f"sum(pg_stat_activity_count{{{IN}}})",
            "at most": f"max(pg_settings_max_connections{{{IN}}})",
        },
    ),
]
BUSINESS = [
    Panel(
        f"Registrations, {word}",
        "short",
        {"registrations": f"sum(increase(user_registrations_total{{{IN}}}[{span}]))"},
        stat=True,
    )
    for word, span in (("a day", "1d"), ("a week", "7d"), ("30 days", "30d"))
] + [
    Panel("Active users, a day", "short", {"DAU": f'max(active_users{{{IN},window="1d"}})'}, stat=True),
    Panel("Active users, 30 days", "short", {"MAU": f'max(active_users{{{IN},window="30d"}})'}, stat=True),
    Panel("Revenue, a day", "currency:N$", {"revenue": f"sum(increase(revenue_nad_total{{{IN}}}[1d]))"}, stat=True),
    Panel("Revenue, 30 days", "currency:N$", {"revenue": f"sum(increase(revenue_nad_total{{{IN}}}[30d]))"}, stat=True),
    Panel(
        "Transactions", "reqps", {"{{outcome}}": f"sum by (outcome) (rate(payments_total{{{IN}}}[$__rate_interval]))"}
    ),
    Panel(
        "Transactions that succeed",
        "percentunit",
        {"succeed": f'sum(rate(payments_total{{{IN},outcome="ok"}}[15m])) / sum(rate(payments_total{{{IN}}}[15m]))'},
    ),
]
HEALTH = [
    Panel("Replicas", "short", {"up": 'sum(up{job="slipway"})'}, stat=True),
    Panel("Ledger answers", "short", {"yes": "max(slipway_ledger_answers)"}, stat=True, says="SlipwayLedgerAway: 0."),
    Panel(
        "Operations nobody knows the end of",
        "short",
        {"{{environment}}": "max by (environment) (slipway_operations_unknown)"},
        bad=1,
        stat=True,
    ),
    Panel("Open alert groups", "short", {"{{state}}": "max by (state) (slipway_alert_groups)"}, stat=True),
    Panel("Slack is behind", "s", {"the stalest card": "max(slipway_cards_stale_seconds)"}, bad=120),
    Panel("Cards that are behind", "short", {"cards": "max(slipway_cards_stale)"}),
    Panel("Jobs that wait", "short", {"{{task}}": "max by (task) (slipway_jobs_waiting)"}, bad=500),
    Panel("Not sealed yet", "s", {"the oldest event": "max(slipway_events_unsealed_seconds)"}, bad=60),
    Panel("Steps behind their time", "s", {"the latest": "max(slipway_escalations_overdue_seconds)"}, bad=60),
    Panel(
        "People who were told, in a day",
        "short",
        {"{{way}} {{outcome}}": "max by (way, outcome) (slipway_notifications)"},
    ),
]
WORK = [
    Panel(
        "Operations",
        "short",
        {
            "{{environment}} {{kind}} {{outcome}}": "max by (environment, kind, outcome) "
            "(increase(slipway_operations_total[1h]))"
        },
        says="DeploymentFailed fires for those that failed or were rolled back.",
    ),
    Panel(
        "How long an operation takes",
        "s",
        {
            "{{environment}} {{kind}} p95": "histogram_quantile(0.95, max by (environment, kind, le) "
            "(increase(slipway_operation_seconds_bucket[1d])))"
        },
    ),
    Panel("Changes that have not ended", "short", {"{{state}}": "max by (state) (slipway_changes)"}),
    Panel(
        "Changes that failed, 30 days",
        "percentunit",
        {
            "{{environment}}": "sum by (environment) (max by (environment, kind, outcome) (increase("
            'slipway_operations_total{kind="deploy",outcome=~"failed|rolled_back"}[30d])))'
            " / sum by (environment) (max by (environment, kind, outcome) "
            '(increase(slipway_operations_total{kind="deploy"}[30d])))'
        },
        stat=True,
    ),
]
SLACK = [
    Panel(
        "How long Slack waits for an answer",
        "s",
        {
            f"p{percent}": f"histogram_quantile({percent / 100:g}, "
            f"sum by (le) (rate(slipway_ack_seconds_bucket{EACH})))"
            for percent in (50, 99)
        },
        bad=1,
    ),
    Panel(
        "Calls to Slack",
        "reqps",
        {"{{method}}": 'sum by (method) (rate(slipway_slack_calls_total{outcome="ok"}[$__rate_interval]))'},
    ),
    Panel(
        "What Slack refuses",
        "reqps",
        {
            "{{method}} {{outcome}}": "sum by (method, outcome) "
            '(rate(slipway_slack_calls_total{outcome!="ok"}[$__rate_interval]))'
        },
    ),
    Panel(
        "Requests that were refused",
        "reqps",
        {"{{status}}": "sum by (status) (rate(slipway_requests_refused_total[$__rate_interval]))"},
    ),
    Panel(
        "Memory",
        "bytes",
        {"{{instance}}": 'process_resident_memory_bytes{job="slipway"}'},
    ),
    Panel("CPU", "percentunit", {"{{instance}}": 'rate(process_cpu_seconds_total{job="slipway"}[$__rate_interval])'}),
]
DASHBOARDS = [
    Dashboard(
        "healthbridge",
        "HealthBridge",
        {"Application": APPLICATION, "Infrastructure": INFRASTRUCTURE, "Business": BUSINESS},
        {"environment": "http_requests_total", "service": "http_requests_total"},
    ),
    Dashboard("slipway", "Slipway", {"Health": HEALTH, "Deploys": WORK, "Slack": SLACK}),
]
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def built(dashboard: Dashboard) -> Json:
    """Return a dashboard as Grafana imports it."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["slipway"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "annotations": {"list": [_deploys()]},
        "templating": {"list": [_datasource(), *(_variable(*one) for one in dashboard.variables.items())]},
        "panels": _panels(dashboard),
    }


def _datasource() -> Json:
    return {"name": "datasource", "type": "datasource", "label": "Prometheus", "query": "prometheus", "refresh": 1}


def _variable(label: str, metric: str) -> Json:
    query = f"label_values({metric}, {label})"
    return {
        "name": label,
        "type": "query",
        "datasource": SOURCE,
        "definition": query,
        "query": {"query": query, "refId": label},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "sort": 1,
    }


def _deploys() -> Json:
    """Return the marks of when something went live, or failed to."""
    return {
        "name": "Operations",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": "blue",
        "expr": "max by (environment, kind, outcome) (increase(slipway_operations_total[1m])) > 0",
        "titleFormat": "{{kind}} {{outcome}}",
        "textFormat": "{{environment}}",
        "step": "60s",
    }


def _panels(dashboard: Dashboard) -> list[Json]:
    made: list[Json] = []
    top = 0
    for title, panels in dashboard.rows.items():
        at = {"h": 1, "w": WIDE, "x": 0, "y": top}
        made.append(
            {"id": len(made) + 1, "type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": at}
        )
        top, left, height = top + 1, 0, 0
        for panel in panels:
            width, high = (6, HIGH // 2) if panel.stat else (WIDE // 2, HIGH)
            if left + width > WIDE or height not in (0, high):
                top, left = top + height, 0
            height = high
            where = {"h": high, "w": width, "x": left, "y": top}
            made.append(_panel(panel, len(made) + 1) | {"gridPos": where})
            left += width
        top += height
    return made


def _panel(panel: Panel, number: int) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    steps += [{"color": "red", "value": panel.bad}] if panel.bad is not None else []
    custom = {} if panel.stat else {"custom": {"thresholdsStyle": {"mode": "line" if panel.bad is not None else "off"}}}
    return {
        "id": number,
        "type": "stat" if panel.stat else "timeseries",
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}, **custom},
            "overrides": [],
        },
        "options": _options(panel),
        "targets": [
            {"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": query, "legendFormat": name}
            for at, (name, query) in enumerate(panel.queries.items())
        ],
    }


def _options(panel: Panel) -> Json:
    if panel.stat:
        return {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "graphMode": "none"}
    return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}


def written(dashboard: Dashboard) -> str:
    """Return a dashboard as its file holds it."""
    return json.dumps(built(dashboard), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for one in DASHBOARDS:
        (HERE / f"{one.uid}.json").write_text(written(one), encoding="utf-8")
