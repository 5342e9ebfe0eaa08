"""The catalog's `alerts.causes`: which target an alert is about, and how long before it a change may have caused it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from .fields import Duration, Model, Word


class AlertTarget(Model):
    """What alerts with certain labels are about, where the labels themselves do not say it in the catalog's words."""

    labels: Mapping[str, str] = Field(min_length=1, description="the labels, all of which an alert must have")
    service: Word | None = Field(None, description="the service that such an alert is about")
    environment: Word | None = Field(None, description="the environment that such an alert is about")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.service is None and self.environment is None:
            raise ValueError("it says nothing of such an alert; give it a `service`, an `environment`, or both")
        return self

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels is meant."""
        return all(labels.get(name) == value for name, value in self.labels.items())


class Causes(Model):
    """Which labels say which service and environment an alert is about; the first that names one in the catalog counts.

    Where no label names an environment, it is the only one that the service has a place in, if there is only one.
    """

    service: tuple[str, ...] = Field(("service", "app", "job"), description="the labels that name a service")
    environment: tuple[str, ...] = Field(
        ("environment", "env", "namespace"), description="the labels that name an environment"
    )
    targets: tuple[AlertTarget, ...] = Field((), description="what goes before the labels; the first that fits counts")
    within: Duration = Field(
        timedelta(minutes=30), description="how long before an alert a change may have touched what it is about"
    )

    def words(self, labels: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """Return the words that may name the service, and those that may name the environment, the likeliest first."""
        said = [one for one in self.targets if one.fits(labels)]
        services = [one.service for one in said if one.service][:1] or _values(labels, self.service)
        return services, [one.environment for one in said if one.environment][:1] or _values(labels, self.environment)

    def naming(self, service: str) -> list[str]:
        """Return the words, one of which an alert about a service has as the value of some label."""
        return [service, *(value for one in self.targets if one.service == service for value in one.labels.values())]


def _values(labels: Mapping[str, str], names: tuple[str, ...]) -> list[str]:
    return [labels[name] for name in names if labels.get(name)]
