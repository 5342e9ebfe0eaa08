"""The catalog's `alerts`: by which ways monitors tell, and who acknowledges for how long."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from bot.ports import SecretName

from .causes import Causes
from .escalation import Escalating
from .fields import Duration, Model, Word
from .heeded import Heeded
from .monitors import AlertmanagerApi, JsonIntake, Watchdog, WorkingHours

SHARED = "*"  # the name of the Alertmanager of all routes that do not have their own


class AlertRoute(Model):
    """A way by which a monitor tells of alerts: `POST /webhooks/alertmanager/<route>`, or `/webhooks/json/<route>`."""

    secret: SecretName = Field(
        min_length=1,
        description="the name of the secret that the monitor shows: a bearer token, or `user:password` for basic",
    )
    channel: str | None = Field(None, min_length=1, description="where its alerts go, when not to `channels.alerts`")
    alertmanager: AlertmanagerApi | None = Field(None, description="its Alertmanager's API, when not the one of all")
    watchdog: Watchdog | None = Field(None, description="an alert that always fires, and whose quiet is told")
    json_: JsonIntake | None = Field(None, alias="json", description="how its JSON is read, if it is not Alertmanager")
    tells_end: bool = Field(True, description="whether it tells when an alert is over; if not, people close groups")  # noqa: FBT003 - pydantic's form


class Acknowledging(Heeded):
    """Who says that they are at an alert, in which words, and for how long that is believed."""

    by: tuple[Word, ...] = Field(min_length=1, description="the teams that may acknowledge")
    for_: Duration = Field(
        timedelta(hours=1), alias="for", description="after which somebody is asked whether they are still at it"
    )


class Alerts(Model):
    """What is told by monitors, and what becomes of it."""

    routes: Mapping[Word, AlertRoute] = Field(min_length=1, description="by name: who may tell of alerts")
    acknowledge: Acknowledging = Field(description="who acknowledges, and for how long")
    call: tuple[Word, ...] = Field((), description="the teams that are mentioned when something fires")
    escalation: Escalating | None = Field(None, description="who is told next of alerts that nobody is at")
    alertmanager: AlertmanagerApi | None = Field(
        None, description="the API of the Alertmanager that tells by all the routes without `json`"
    )
    working_hours: WorkingHours = Field(
        default_factory=WorkingHours, description="when work begins, for silences that last until then"
    )

    def monitor_of(self, route: str) -> str | None:
        """Return the name of the Alertmanager that tells by a route; None where its API is not known."""
        known = self.routes.get(route)
        if known is not None and known.alertmanager is not None:
            return route
        return SHARED if self.alertmanager is not None and (known is None or known.json_ is None) else None

    def apis(self) -> dict[str, AlertmanagerApi]:
        """Return every Alertmanager whose API is known, by name."""
        own = {name: one.alertmanager for name, one in self.routes.items() if one.alertmanager}
        return own | ({SHARED: self.alertmanager} if self.alertmanager else {})

    causes: Causes = Field(default_factory=Causes, description="how the change that caused an alert is found")
