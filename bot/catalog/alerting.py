"""The catalog's `alerts`: by which ways monitors tell, and who acknowledges for how long."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from bot.ports import SecretName

from .causes import Causes
from .fields import Duration, Model, Word


class AlertRoute(Model):
    """A way by which a monitor tells of alerts: `POST /webhooks/alertmanager/<route>`."""

    secret: SecretName = Field(
        min_length=1,
        description="the name of the secret that the monitor shows: a bearer token, or `user:password` for basic",
    )
    channel: str | None = Field(None, min_length=1, description="where its alerts go, when not to `channels.alerts`")


class Acknowledging(Model):
    """Who says that they are at an alert, and for how long that is believed."""

    by: tuple[Word, ...] = Field(min_length=1, description="the teams that may acknowledge")
    for_: Duration = Field(
        timedelta(hours=1), alias="for", description="after which somebody is asked whether they are still at it"
    )


class Alerts(Model):
    """What is told by monitors, and what becomes of it."""

    routes: Mapping[Word, AlertRoute] = Field(min_length=1, description="by name: who may tell of alerts")
    acknowledge: Acknowledging = Field(description="who acknowledges, and for how long")
    call: tuple[Word, ...] = Field((), description="the teams that are mentioned when something fires")
    causes: Causes = Field(default_factory=Causes, description="how the change that caused an alert is found")
