"""`POST /webhooks/alertmanager/<route>`: what Prometheus Alertmanager tells (its webhook, version 4).

See https://prometheus.io/docs/alerting/latest/configuration/#webhook_config for the shape. What newer releases add
(`notification_reason` and others) says nothing that the alerts themselves do not, and is let be.
"""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.routing import Route

from bot.domain.alert import Alert, Told
from bot.web import intake
from bot.world import World

PATH: Final = "/webhooks/alertmanager/{route}"
_NEVER = datetime(1, 1, 1, tzinfo=UTC)  # how Go writes a time that is none


def _without_null(value: object) -> object:
    return {} if value is None else value


Labels = Annotated[dict[str, str], BeforeValidator(_without_null)]


class _Alert(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    status: str = Field(pattern="^(firing|resolved)$")
    labels: Labels
    annotations: Labels = Field(default_factory=dict)
    starts_at: datetime = Field(alias="startsAt")
    ends_at: datetime = Field(_NEVER, alias="endsAt")
    generator_url: str = Field("", alias="generatorURL")
    fingerprint: str = ""


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    version: str = Field("4", pattern="^4$")
    group_key: str = Field(alias="groupKey", min_length=1)
    truncated_alerts: int = Field(0, alias="truncatedAlerts", ge=0)
    common_labels: Labels = Field(default_factory=dict, alias="commonLabels")
    external_url: str = Field("", alias="externalURL")
    alerts: list[_Alert]


def route(world: World) -> Route:
    """Return the way in for Alertmanager."""
    return intake.route(world, PATH, parsed)


def parsed(_: str, body: bytes) -> list[Told]:
    """Return what was told; what is wrong is named by its field, without repeating what was sent."""
    try:
        payload = _Payload.model_validate_json(body)
    except ValidationError as error:
        raise intake.wrong(error) from error
    return [
        Told(
            key=payload.group_key,
            alerts=[_alert(one) for one in payload.alerts],
            labels=payload.common_labels,
            missing=payload.truncated_alerts,
            link=payload.external_url,
        )
    ]


def _alert(one: _Alert) -> Alert:
    return Alert(
        one.fingerprint or intake.fingerprint(one.labels.items()),
        one.labels,
        one.starts_at,
        one.ends_at if one.status == "resolved" else None,
        one.annotations,
        one.generator_url,
    )
