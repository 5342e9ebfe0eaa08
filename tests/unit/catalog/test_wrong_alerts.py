"""What is wrong in the catalog's `alerts` is said with the way out."""

import re

import pytest

from bot.catalog import CatalogError
from tests.fakes.catalog import EXAMPLE, read

ALERTS = """alerts:
  {top}
  routes:
    platform: {{ secret: TOKEN{route} }}
  acknowledge: {{ by: [production-team], for: 1h }}

channels:"""


@pytest.mark.parametrize(
    ("top", "route", "said"),
    [
        ("alertmanager: { url: 'am:9093' }", "", "alertmanager.url: “am:9093” was found, expected an address"),
        ("alertmanager: { url: 'http://a', peers: [b] }", "", "peers[0]: “b” was found, expected an address"),
        ("alertmanager: { url: 'http://a', user: u }", "", "`user` and `password` go together"),
        ("alertmanager: { url: 'http://a', token: T, user: u, password: P }", "", "there are two ways in"),
        ("working_hours: { begin: 9:00 }", "", "working_hours.begin: “9:00” was found, expected a time of the day"),
        ("working_hours: { days: [mon] }", "", "did you mean “monday”?"),
        ("call: []", ", watchdog: { within: 5s }", "`within` is shorter than a minute"),
        ("call: []", ", watchdog: { alert: x }", "platform.watchdog: “within” is missing"),
        ("call: []", ", json: { like: grafanna }", "did you mean “grafana”?"),
        ("call: []", ", json: {}", "`name` is missing: the path of what an alert is called"),
        ("call: []", ", json: { name: a..b }", "expected a dotted path such as labels.alertname"),
        ("call: []", ", json: { name: a, severities: { x: bad } }", "expected one of “critical”, “high”"),
    ],
)
def test_what_is_wrong_is_said(top: str, route: str, said: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(said)):
        read(EXAMPLE.replace("channels:", ALERTS.format(top=top, route=route), 1))
