"""What is said of monitors: where Alertmanager's API is, whose quiet is bad news, and how others' JSON is read."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from .access import Access
from .fields import Duration, Model

Url = Annotated[str, StringConstraints(pattern=r"^https?://.+$")]
Path = Annotated[str, StringConstraints(pattern=r"^[^.\s]+(\.[^.\s]+)*$", max_length=200)]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class AlertmanagerApi(Access):
    """Where Alertmanager's API is: silences are made there, and it is asked what really fires."""

    url: str = Field(
        pattern=r"^https?://.+$",
        description="its address, such as http://alertmanager:9093, with its path if it has one",
    )
    peers: tuple[Url, ...] = Field((), description="the addresses of its peers, where it runs as a cluster")


class Watchdog(Model):
    """An alert that always fires: when it is not heard of, the monitor itself is quiet."""

    alert: str = Field("Watchdog", min_length=1, max_length=200, description="the alert's name")
    within: Duration = Field(description="for how long it may not be heard of; longer than its `repeat_interval`")

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        if self.within.total_seconds() < 60:  # noqa: PLR2004 - a minute
            raise ValueError("`within` is shorter than a minute; Alertmanager tells nothing so often")
        return self


class WorkingHours(Model):
    """When work begins, in each person's own time zone: a silence may last until then."""

    begin: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        "09:00", description="the time of the day"
    )
    days: tuple[Day, ...] = Field(DAYS[:5], min_length=1, description="the days of the week")

    @property
    def at(self) -> time:
        """The time of the day at which work begins."""
        return time.fromisoformat(self.begin)

    @property
    def weekdays(self) -> frozenset[int]:
        """The days of the week as numbers; Monday is 0."""
        return frozenset(DAYS.index(day) for day in self.days)


class JsonIntake(Model):
    """How the JSON of a monitor that is not Alertmanager is read: where each thing stands, as dotted paths.

    The paths of `group`, `missing` and `link` are looked for in the body, all others in each alert.
    """

    like: Literal["grafana"] | None = Field(None, description="a shape that is known; the other keys change it")
    alerts: Path | None = Field(None, description="the list of alerts; without it, the body is one alert")
    group: Path | None = Field(None, description="what puts alerts together on one card; without it, each is alone")
    missing: Path | None = Field(None, description="how many alerts were left out")
    link: Path | None = Field(None, description="where the monitor shows it")
    name: Path | None = Field(None, description="what the alert is called")
    fingerprint: Path | None = Field(None, description="what the alert is known by; without it, its labels")
    status: Path | None = Field(None, description="whether it fires; without it, it does")
    firing: tuple[str, ...] = Field((), description="the words of `status` that mean that it fires")
    resolved: tuple[str, ...] = Field((), description="the words of `status` that mean that it does not")
    labels: Path | None = Field(None, description="an object with its labels")
    label: Mapping[str, Path] = Field(default_factory=dict, description="by name: more labels, each by its path")
    annotations: Path | None = Field(None, description="an object with its annotations")
    severity: Path | None = Field(None, description="how bad it is; without it, the label `severity`")
    severities: Mapping[str, Literal["critical", "high", "medium", "low"]] = Field(
        default_factory=dict, description="by the monitor's own words: which of ours they mean"
    )
    summary: Path | None = Field(None, description="what is wrong, in a sentence")
    description: Path | None = Field(None, description="what is wrong, at length")
    runbook: Path | None = Field(None, description="the address of its runbook")
    dashboard: Path | None = Field(None, description="the address of its dashboard")
    source: Path | None = Field(None, description="the address of what raised it")
    starts_at: Path | None = Field(None, description="since when: ISO 8601, or seconds or milliseconds since 1970")
    ends_at: Path | None = Field(None, description="until when, in the same form")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not (self.like or self.name or self.labels or "alertname" in self.label):
            raise ValueError("`name` is missing: the path of what an alert is called (or a shape that it is `like`)")
        return self

    def whole(self) -> "JsonIntake":
        """Return it with everything that the shape it is `like` says, where it says nothing itself."""
        known = SHAPES[self.like] if self.like else {}
        said = self.model_dump(exclude_unset=True)
        return JsonIntake.model_validate({**ANY, **known, **said})


ANY: Mapping[str, object] = {
    "firing": ("firing", "alerting", "triggered", "trigger", "open", "problem", "critical", "warning", "down", "1"),
    "resolved": ("resolved", "ok", "normal", "closed", "recovered", "recovery", "resolve", "up", "0"),
}
SHAPES: Mapping[str, Mapping[str, object]] = {
    "grafana": {
        "alerts": "alerts",
        "group": "groupKey",
        "missing": "truncatedAlerts",
        "link": "externalURL",
        "name": "labels.alertname",
        "fingerprint": "fingerprint",
        "status": "status",
        "labels": "labels",
        "annotations": "annotations",
        "dashboard": "dashboardURL",
        "source": "generatorURL",
        "starts_at": "startsAt",
        "ends_at": "endsAt",
    }
}
