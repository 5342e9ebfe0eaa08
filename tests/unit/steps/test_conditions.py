"""What a number from Prometheus means: within the limit, beyond it, or nothing that can be told."""

import math
from datetime import UTC, datetime

import pytest

from bot.conditions import Condition, Reading, filled, read
from bot.domain.observation import Series

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ERRORS = Condition.model_validate({"name": "errors", "query": "q", "at_most": 0.01})
READY = Condition.model_validate({"name": "ready", "query": "q", "at_least": 2})


def series(*values: float) -> list[Series]:
    return [Series({"n": str(number)}, [(NOW, value)]) for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("condition", "values", "ok", "words"),
    [
        (ERRORS, (0.01,), True, "errors is 0.01"),
        (ERRORS, (0.0, 0.009), True, "errors is 0.009"),
        (ERRORS, (0.011,), False, "errors is 0.011, and should be at most 0.01"),
        (ERRORS, (0.0, 0.5, 0.2), False, "errors is 0.5, and should be at most 0.01"),
        (ERRORS, (math.inf,), False, "errors is inf, and should be at most 0.01"),
        (ERRORS, (math.nan, 0.5), False, "errors is 0.5, and should be at most 0.01"),
        (ERRORS, (math.nan, 0.0), None, "errors is not a number (nothing was called?)"),
        (ERRORS, (), None, "errors: Prometheus knows nothing of it"),
        (READY, (2, 3), True, "ready is 3"),
        (READY, (3, 1), False, "ready is 1, and should be at least 2"),
        (READY, (-math.inf,), False, "ready is -inf, and should be at least 2"),
    ],
)
def test_the_worst_series_counts_and_what_is_no_number_is_unknown(
    condition: Condition, values: tuple[float, ...], *, ok: bool | None, words: str
) -> None:
    assert read(condition, series(*values)) == Reading(ok, words)


def test_a_series_without_a_point_is_no_answer() -> None:
    assert read(ERRORS, [Series({}, [])]).ok is None


def test_the_placeholders_stand_within_promql_s_quotation_marks() -> None:
    condition = ERRORS.model_copy(update={"query": 'x{s="{service}",e="{environment}",v="{version}"}[1m]'})

    query = filled(condition, service="backend", environment="staging", version='1.0"} or up{a="\\')

    assert query == 'x{s="backend",e="staging",v="1.0\\"} or up{a=\\"\\\\"}[1m]'
