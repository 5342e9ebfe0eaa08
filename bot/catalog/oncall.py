"""The catalog's `on_call`: who is on call when, how they are reached, and when they are left in peace."""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from bot.domain import rota
from bot.domain.alert import Severity
from bot.ports import SecretName

from .clockwork import Day, Often, TimeOfDay, Zone
from .fields import Model, PersonId, Word

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKLY = rota.Every()


class Contact(Model):
    """A person of the table of contacts. The phone number is whispered to `phones_to`, and never posted."""

    role: str = Field(min_length=1, description="what they are, such as `Database Administrator`")
    name: str = Field(min_length=1, description="their name, for people")
    email: str | None = Field(None, pattern=r"^[^@\s]+@[^@\s]+$", description="where they are written to")
    phone: str | None = Field(None, min_length=3, description="where they are called; never posted in a channel")
    on_call: bool = Field(True, description="whether they are on call at all")  # noqa: FBT003 - pydantic's form
    zone: Zone | None = Field(None, description="their time zone, when not the one they have in Slack")


class DutyHours(Model):
    """When a layer is on duty, in its own time zone; over midnight where `until` is not after `from`."""

    from_: TimeOfDay = Field(alias="from", description="when duty begins, such as `08:00`")
    until: TimeOfDay = Field(description="when it ends")
    days: tuple[Weekday, ...] = Field((), description="the days on which it begins; without them, all")

    def hours(self) -> rota.Hours:
        """Return it as the domain knows it."""
        days = frozenset(_DAYS.index(day) for day in self.days) or rota.EVERY_DAY
        return rota.Hours(self.from_, self.until, days)


class RotaLayer(Model):
    """People who take turns."""

    name: Word = Field("everybody", description="what it is called, where there are several")
    people: tuple[PersonId, ...] = Field(min_length=1, description="who takes turns, in order, by their Slack user id")
    starts: Day = Field(description="the day of the first hand-off, to the first of them")
    at: TimeOfDay = Field(description="the time of every hand-off, on the clock on the wall")
    every: Often = Field(WEEKLY, description="how often it changes hands: `day`, `week`, `2 weeks`, `month` …")
    zone: Zone | None = Field(None, description="its time zone, when not the rotation's")
    hours: DutyHours | None = Field(None, description="when it is on duty; without it, always")

    def layer(self, zone: str) -> rota.Layer:
        """Return it as the domain knows it; `zone` is the rotation's."""
        hours = self.hours.hours() if self.hours else None
        here = ZoneInfo(self.zone or zone)
        return rota.Layer(self.name, self.people, self.starts, self.at, here, self.every, hours)


class RotaHoliday(Model):
    """Days on which people are not on call, or another takes over."""

    on: Day = Field(description="the day, by the layer's clock")
    until: Day | None = Field(None, description="the last of the days, when there are several")
    who: tuple[PersonId, ...] = Field((), description="who is away; without it, everybody of the layers")
    layers: tuple[Word, ...] = Field((), description="the layers that are off; without it, all")
    instead: PersonId | None = Field(None, description="who takes over; without it, the next in turn who is there")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.until is not None and self.until < self.on:
            raise ValueError(f"it ends ({self.until}) before it begins ({self.on})")
        return self

    def holiday(self) -> rota.Holiday:
        """Return it as the domain knows it."""
        who, layers = frozenset(self.who), frozenset(self.layers)
        return rota.Holiday(self.on, self.until or self.on, who, layers, self.instead)


class Fallback(Model):
    """Who is called where nobody is on call: a team, or a person."""

    team: Word | None = Field(None, description="the team")
    person: PersonId | None = Field(None, description="the person, by their Slack user id")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.team is None) == (self.person is None):
            raise ValueError("give it either a `team` or a `person`")
        return self


class IcalImport(Model):
    """A calendar whose events say who is on call: by their attendee's or title's email, name or Slack user id."""

    file: str | None = Field(None, min_length=1, description="the path of an .ics file")
    url: str | None = Field(None, pattern=r"^https?://.+$", description="its address")
    secret: SecretName | None = Field(None, min_length=1, description="the name of the secret that is its address")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.file, self.url, self.secret)) != 1:
            raise ValueError("give it one of `file`, `url` and `secret`")
        return self


class PagerDutyImport(Model):
    """A schedule of PagerDuty."""

    schedule: str = Field(min_length=1, description="its id, such as `PI7DH85`")
    token: SecretName = Field(min_length=1, description="the name of the secret with a read-only REST API key")
    url: str = Field("https://api.pagerduty.com", pattern=r"^https?://.+$", description="the address of its REST API")


class Import(Model):
    """Where else it is said who is on call; it is asked every few minutes, and the last answer holds."""

    ical: IcalImport | None = Field(None, description="a calendar")
    pagerduty: PagerDutyImport | None = Field(None, description="a schedule of PagerDuty")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.ical is None) == (self.pagerduty is None):
            raise ValueError("give it either `ical` or `pagerduty`")
        return self


class Rotation(Model):
    """Who is on call when, for one thing. The first of its layers that has somebody counts."""

    zone: Zone = Field(description="its time zone, such as `Africa/Windhoek`")
    layers: tuple[RotaLayer, ...] = Field((), description="who takes turns")
    holidays: tuple[RotaHoliday, ...] = Field((), description="when they do not")
    import_: Import | None = Field(
        None, alias="import", description="where else it is said; it counts more than layers"
    )
    fallback: Fallback = Field(description="who is called where nobody is on call")
    routes: tuple[Word, ...] = Field((), description="the routes of `alerts` that it is for; without it, all")
    channel: str | None = Field(None, min_length=1, description="where hand-offs are told, if not in `channels.alerts`")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        names = [layer.name for layer in self.layers]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two layers are called “{twice}”; give each a `name` of its own")
        if not self.layers and self.import_ is None:
            raise ValueError("it has neither `layers` nor an `import`, so nobody would ever be on call")
        unknown = next((one for day in self.holidays for one in day.layers if one not in names), None)
        if unknown is not None:
            raise ValueError(f"a holiday names the layer “{unknown}”, and there is none")
        return self

    def rota(self) -> rota.Rota:
        """Return it as the domain knows it, without what is in the ledger."""
        layers = tuple(one.layer(self.zone) for one in self.layers)
        return rota.Rota(layers, tuple(one.holiday() for one in self.holidays))

    @property
    def here(self) -> tzinfo:
        """Its time zone."""
        return ZoneInfo(self.zone)

    @property
    def people(self) -> frozenset[str]:
        """Everybody whom it names."""
        turns = {one for layer in self.layers for one in layer.people}
        return frozenset(turns | {day.instead for day in self.holidays if day.instead})


class QuietHours(Model):
    """When people are left in peace, by the clock on their own wall; what came meanwhile is told in one digest."""

    from_: TimeOfDay = Field(alias="from", description="when the quiet begins, such as `22:00`")
    until: TimeOfDay = Field(description="when it ends, and the digest is told")
    woken_by: Literal["critical", "high", "medium", "low"] = Field(
        "high", description="the severity from which on they are called all the same"
    )

    @property
    def limit(self) -> Severity:
        """The least severity for which the quiet does not hold."""
        return Severity[self.woken_by.upper()]


class OnCall(Model):
    """Who is on call when, how they are reached, and when they are left in peace."""

    contacts: Mapping[PersonId, Contact] = Field(default_factory=dict, description="by Slack user id: who is who")
    phones_to: tuple[Word, ...] = Field((), description="the teams to whom phone numbers are whispered")
    kept_by: tuple[Word, ...] = Field(
        min_length=1, description="the teams that mend a hole, and override for others; who is on a rotation may too"
    )
    rotations: Mapping[Word, Rotation] = Field(min_length=1, description="by name: who is on call when")
    quiet: QuietHours | None = Field(None, description="when people are left in peace; without it, never")
