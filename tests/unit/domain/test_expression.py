"""What an alert's expression compares with what."""

import time

import pytest

from bot.domain.expression import LONGEST, Compared, belongs, compared, of_source


@pytest.mark.parametrize(
    ("expression", "drawn", "threshold"),
    [
        ("up == 0", "up", 0),
        ('sum(rate(a{x=">"}[5m])) / sum(rate(b[5m])) > 0.01', 'sum(rate(a{x=">"}[5m])) / sum(rate(b[5m]))', 0.01),
        ("((a - b) > 3)", "a - b", 3),
        ("(a) / (b) >= 2 # not > 3", "(a) / (b)", 2),
        ("1 < a", "a", 1),
        ("a > bool 1e-3", "a", 0.001),
        ("a > -5", "a", -5),
        ("a > 1 and b > 2", "a", 1),
        ("(a > 1) and on (x) b", "a", 1),
        ("((a and b) unless c) > 4", "(a and b) unless c", 4),
        ("a > on (x) b", "a", None),
        ("a or b > 1", "a or b > 1", None),
        ('absent(up{job="x"})', 'absent(up{job="x"})', None),
        ("vector(1)", "vector(1)", None),
        ("a > 1 and", "a", 1),
        ("", "", None),
        (")(", ")(", None),
    ],
)
def test_what_is_compared_is_drawn_and_with_what_is_a_line(
    expression: str, drawn: str, threshold: float | None
) -> None:
    found = compared(expression)

    assert (found.drawn, found.threshold) == (drawn, threshold)


def test_the_sign_is_turned_with_the_sides() -> None:
    assert compared("1 < a") == Compared("a", ">", 1)
    assert compared("0 == a") == Compared("a", "==", 0)


@pytest.mark.parametrize("long", ["(" * 1000, "(" * 900 + "a" + ")" * 900, "(a and " * 280 + "b" + ")" * 280])
def test_what_somebody_nests_deeply_is_soon_done_with(long: str) -> None:
    began = time.process_time()
    compared(long)

    assert time.process_time() - began < 2


def test_prometheus_writes_the_expression_into_the_address() -> None:
    assert of_source("http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1") == "up == 0"
    assert of_source("http://grafana/alerting/7") == ""
    assert of_source("") == ""
    assert of_source("http://[broken?g0.expr=up") == ""
    assert of_source(f"http://prometheus/graph?g0.expr={'a' * (LONGEST + 1)}") == ""


def test_a_series_belongs_to_an_alert_when_they_agree_on_what_both_have() -> None:
    alert = {"alertname": "Down", "severity": "high", "service": "backend", "instance": "a"}

    assert belongs({"__name__": "up", "service": "backend", "instance": "a", "le": "1"}, alert)
    assert not belongs({"service": "frontend", "instance": "a"}, alert)
    assert not belongs({}, alert)
