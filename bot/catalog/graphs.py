"""The catalog's `graphs`: which figures of a service are drawn, by which queries, and in which time zone."""

from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from .fields import Model, Word

_TOTALS = ("http_requests_total", "http_request_duration_seconds_count", "http_server_request_duration_seconds_count")
_STATUS = ("status", "code", "status_code", "http_response_status_code")
_BUCKETS = ("http_request_duration_seconds_bucket", "http_server_request_duration_seconds_bucket")


def _zone(written: str) -> str:
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"“{written}” is no time zone; write for example Africa/Windhoek, or UTC") from error
    return written


Zone = Annotated[str, AfterValidator(_zone)]
Query = Annotated[str, Field(min_length=1, max_length=4000)]


def _quantile(quantile: float) -> str:
    asked = [f"sum by (le) (rate({name}{{$selector}}[$window]))" for name in _BUCKETS]
    return " or ".join(f"histogram_quantile({quantile:g}, {one})" for one in asked)


def _requests() -> str:
    return " or ".join(f"sum(rate({name}{{$selector}}[$window]))" for name in _TOTALS)


def _errors() -> str:
    """Return the share of 5xx: 0 where requests bear a status and none of them failed, nothing where there are none."""
    shares = []
    for name in _TOTALS:
        for label in _STATUS:
            failed = f'sum(rate({name}{{$selector,{label}=~"5.."}}[$window]))'
            known = f'sum(rate({name}{{$selector,{label}!=""}}[$window]))'
            shares.append(f"(({failed} or 0 * {known}) / {known})")
    return " or ".join(shares)


class Figures(Model):
    """PromQL for a service's figures. `$service`, `$environment`, `$selector` and `$window` stand for what is asked."""

    p50: Query | None = Field(None, description="the median of the response time, in seconds")
    p95: Query | None = Field(None, description="what 95 % of the responses take at most, in seconds")
    p99: Query | None = Field(None, description="what 99 % of the responses take at most, in seconds")
    errors: Query | None = Field(None, description="the share of requests that fail, 0 to 1")
    requests: Query | None = Field(None, description="requests a second")

    def over(self, others: "Figures") -> "Figures":
        """Return the same, with others' queries where this says nothing."""
        return Figures.model_validate(others.model_dump() | self.model_dump(exclude_none=True))


USUAL = Figures(p50=_quantile(0.5), p95=_quantile(0.95), p99=_quantile(0.99), errors=_errors(), requests=_requests())


class Graphs(Model):
    """What is drawn of Prometheus' figures."""

    zone: Zone = Field("UTC", description="the time zone in which graphs write times, such as Africa/Windhoek")
    alerts: bool = Field(True, description="whether an alert's expression is drawn into its thread")  # noqa: FBT003 - pydantic's form
    expressions: Mapping[str, Query] = Field(
        default_factory=dict,
        description="by alertname: what is drawn where its `generatorURL` does not say, or instead of it",
    )
    selector: Query | None = Field(
        None,
        description='what `$selector` stands for; without it `service="$service"`, with `environment="$environment"` '
        "where several environments have one Prometheus",
    )
    queries: Figures = Field(default_factory=Figures, description="for all services, instead of the usual ones")
    services: Mapping[Word, Figures] = Field(default_factory=dict, description="by service: instead of those")

    def figures(self, service: str) -> Figures:
        """Return the queries for a service."""
        return self.services.get(service, Figures()).over(self.queries.over(USUAL))
