"""What a bake asks of Prometheus: a query, and the limit that its value must keep.

Only numbers are an answer. An empty result and NaN are `unknown`: a release that nobody calls has no error rate, and a
query with a misspelt label has none either, so neither may pass for a good sign.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.domain.observation import Series

_HERE = 'service="{service}",environment="{environment}"'
_REQUESTS = f"sum(rate(http_requests_total{{{_HERE}}}[1m]))"
_ERRORS = f'sum(rate(http_requests_total{{{_HERE},status=~"5.."}}[1m]))'
_BUCKETS = f"sum by (le) (rate(http_request_duration_seconds_bucket{{{_HERE}}}[1m]))"
_CPU = f"sum by (id) (rate(container_cpu_usage_seconds_total{{{_HERE}}}[1m]))"
_CORES = f"(sum by (id) (container_spec_cpu_quota{{{_HERE}}}) / sum by (id) (container_spec_cpu_period{{{_HERE}}}))"
_MEMORY = f"sum by (id) (container_memory_working_set_bytes{{{_HERE}}})"
_LIMIT = f"sum by (id) (container_spec_memory_limit_bytes{{{_HERE}}})"
USUAL: dict[str, dict[str, object]] = {
    "error_rate": {"name": "error rate", "query": f"({_ERRORS} or vector(0)) / {_REQUESTS}", "at_most": "0.01"},
    "p95": {"name": "p95", "query": f"histogram_quantile(0.95, {_BUCKETS})", "at_most": "1"},
    "cpu": {"name": "CPU", "query": f"max({_CPU} / {_CORES})", "at_most": "0.8"},
    "memory": {"name": "memory", "query": f"max({_MEMORY} / {_LIMIT})", "at_most": "0.8"},
}


class Condition(BaseModel):
    """A query in PromQL, and the limit that every series of its result must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=40, description="what the card calls it")
    query: str = Field(
        min_length=1, description="PromQL; {service}, {environment} and {version} stand for what is deployed"
    )
    at_most: Decimal | None = Field(None, allow_inf_nan=False, description="the value must not be more than this")
    at_least: Decimal | None = Field(None, allow_inf_nan=False, description="the value must not be less than this")

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"“{self.name}” needs one limit: `at_most` or `at_least`")
        return self

    @property
    def limit(self) -> str:
        """The limit, in words."""
        return f"at most {self.at_most}" if self.at_most is not None else f"at least {self.at_least}"

    def keeps(self, value: float) -> bool:
        """Whether a number keeps the limit."""
        return value <= float(self.at_most) if self.at_most is not None else value >= float(self.at_least or 0)


def _written_out(written: object) -> object:
    if not isinstance(written, str):
        return written
    if written not in USUAL:
        raise ValueError(
            f"“{written}” is no usual condition; there are {', '.join(USUAL)}, or say {{name, query, at_most}}"
        )
    return USUAL[written]


ConditionEntry = Annotated[Condition, BeforeValidator(_written_out)]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a condition came to: it keeps its limit (`ok`), it does not, or (None) that cannot be told; and why."""

    ok: bool | None
    words: str


def read(condition: Condition, found: Sequence[Series]) -> Reading:
    """Judge what a query has given: the worst of its series counts."""
    values = [series.points[-1][1] for series in found if series.points]
    bad = [value for value in values if not math.isnan(value) and not condition.keeps(value)]
    if bad:
        worst = max(bad) if condition.at_most is not None else min(bad)
        return Reading(ok=False, words=f"{condition.name} is {worst:.4g}, and should be {condition.limit}")
    if not values:
        return Reading(ok=None, words=f"{condition.name}: Prometheus knows nothing of it")
    if any(math.isnan(value) for value in values):
        return Reading(ok=None, words=f"{condition.name} is not a number (nothing was called?)")
    return Reading(ok=True, words=f"{condition.name} is {max(values):.4g}")


def filled(condition: Condition, *, service: str, environment: str, version: str) -> str:
    """Return the query for what is deployed; the words stand within PromQL's quotation marks."""
    query = condition.query
    for name, word in (("service", service), ("environment", environment), ("version", version)):
        escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        query = query.replace(f"{{{name}}}", escaped)
    return query
