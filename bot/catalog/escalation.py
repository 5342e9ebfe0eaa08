"""The catalog's `alerts.escalation`: who is told next of alerts that nobody is at, by which ways, and when.

What the catalog leaves out is as the guide has it: critical at once, high within an hour, medium within four hours.
What is low is in the channel, and calls nobody.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from bot.domain.alert import Severity
from bot.domain.escalation import CHANNEL, DM, MENTION, SLACK, Kind, Policy, Step, Whom

from .fields import Duration, Model, Word
from .nearest import did_you_mean, listed
from .sections import PagerSection

AT_ONCE, WITHIN_AN_HOUR, WITHIN_FOUR_HOURS = "at-once", "within-an-hour", "within-four-hours"
GUIDE = {
    Severity.CRITICAL: AT_ONCE,
    Severity.HIGH: WITHIN_AN_HOUR,
    Severity.MEDIUM: WITHIN_FOUR_HOURS,
}
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class EscalationStep(Model):
    """Somebody is told: whoever is on call in a rotation, a team, a person, or a channel."""

    rotation: Word | None = Field(None, description="a rotation of `on_call`: who is on call when the step is taken")
    team: Word | None = Field(None, description="a team")
    person: str | None = Field(None, pattern=r"^[UW][A-Z0-9]{2,}$", description="a Slack user id")
    channel: str | None = Field(None, min_length=1, description="a channel, in which the alerts are told too")
    by: tuple[Word, ...] = Field(
        (),
        description="the ways, in order, of which the first that works is enough: `mention` in the thread, `dm`, or a "
        "pager's name; without it `mention`, then `dm`, then the pagers that need a person's address",
    )
    after: Duration = Field("0s", validate_default=True, description="so long after the step before, or the beginning")

    @model_validator(mode="after")
    def _one(self) -> Self:
        named = [name for name in Kind if getattr(self, name) is not None]
        if len(named) != 1:
            raise ValueError(f"expected one of “rotation”, “team”, “person” and “channel”, and found {listed(named)}")
        if self.channel is not None and self.by:
            raise ValueError("a channel is told in the channel: leave out “by”")
        return self

    @property
    def whom(self) -> Whom:
        """Whom it names."""
        kind = next(kind for kind in Kind if getattr(self, kind) is not None)
        return Whom(kind, str(getattr(self, kind)))


class EscalationAgain(Model):
    """When a policy begins anew, as long as nobody is at it."""

    after: Duration = Field(description="so long after the last step")
    times: int = Field(1, ge=1, le=20, description="how often")


class EscalationPolicy(Model):
    """Who is told, step by step, until somebody says that they are at it."""

    steps: tuple[EscalationStep, ...] = Field(min_length=1, description="who is told, in order")
    again: EscalationAgain | None = Field(None, description="when it begins anew after the last step; else it does not")


class Severities(Model):
    """Which policy is for which severity: the name of one of `policies`, or of the guide's."""

    critical: Word | None = Field(None, description="for what is critical")
    high: Word | None = Field(None, description="for what is high")
    medium: Word | None = Field(None, description="for what is medium")
    low: Word | None = Field(None, description="for what is low")

    def of(self, severity: Severity) -> str | None:
        """Return the name of the policy for a severity, where one is named."""
        named: str | None = getattr(self, severity.word)
        return named


class Escalating(Model):
    """Who is told next of alerts that nobody is at. `escalation: {}` is the guide's way."""

    pagers: Mapping[Word, PagerSection] = Field(default_factory=dict, description="ways outside of Slack, by name")
    policies: Mapping[Word, EscalationPolicy] = Field(
        default_factory=dict,
        description="by name; `at-once`, `within-an-hour` and `within-four-hours` are there without being written",
    )
    severities: Severities = Field(
        default_factory=Severities, description="which policy is for which severity, where not the guide's"
    )
    routes: Mapping[Word, Severities] = Field(default_factory=dict, description="the same for the alerts of one route")
    lead: Word | None = Field(None, description="the team that leads: told last by the guide's policies")
    late: Duration = Field(
        "1m", validate_default=True, description="from when on a step that is not taken is complained of"
    )

    @model_validator(mode="after")
    def _words(self) -> Self:
        """Refuse a way that no pager has, and a policy that is not there."""
        clash = next((name for name in self.pagers if name in SLACK), None)
        if clash:
            raise ValueError(f"a pager cannot be called “{clash}”: that is a way through Slack")
        known = [MENTION, DM, *self.pagers]
        for name, policy in self.policies.items():
            unknown = next((way for step in policy.steps for way in step.by if way not in known), None)
            if unknown:
                near = did_you_mean(unknown, known)
                said = f"policies.{name}: no way is called “{unknown}”; expected {listed(known)}"
                raise ValueError(said + (f", {near}" if near else ""))
        there = [*GUIDE.values(), *self.policies]
        for chosen in (self.severities, *self.routes.values()):
            wrong = next((one for one in map(chosen.of, Severity) if one is not None and one not in there), None)
            if wrong:
                near = did_you_mean(wrong, there)
                raise ValueError(
                    f"no policy is called “{wrong}”; there are {listed(there)}" + (f", {near}" if near else "")
                )
        return self

    def chosen(self, route: str, severity: Severity) -> str | None:
        """Return the name of the policy for what a route tells of a severity; None where nobody is called."""
        of_route = self.routes.get(route, Severities()).of(severity)
        return of_route or self.severities.of(severity) or GUIDE.get(severity)


def frozen(name: str, written: EscalationPolicy, addressed: Sequence[str]) -> Policy:
    """Return a policy of the catalog as it is frozen; `addressed` are the pagers that need a person's address."""
    usual = (MENTION, DM, *addressed)
    steps = tuple(Step(one.whom, (CHANNEL,) if one.channel else one.by or usual, one.after) for one in written.steps)
    again = written.again
    return Policy(name, steps, again.after if again else None, again.times if again else 0)


def guides(
    name: str,
    first: Whom,
    following: Sequence[Whom],
    addressed: Sequence[str],
    alone: Sequence[str],
    *,
    called: bool = False,
) -> Policy:
    """Return one of the guide's policies.

    `first` is told first, `following` are the next level and the lead. `alone` are the pagers that know by themselves
    whom to call, as PagerDuty does. `called` says that the group's own card mentions `first` already.
    """
    person, at_home = (MENTION, DM, *addressed), (DM, *addressed, MENTION)
    at_first = [] if called else [Step(first, person)]
    match name:
        case "at-once":
            paged = [Step(first, (*alone, *addressed))] if alone else []
            later = [Step(one, person, 10 * MINUTE) for one in following]
            return Policy(name, (*at_first, *paged, Step(first, at_home, 5 * MINUTE), *later), 15 * MINUTE, 3)
        case "within-an-hour":
            later = [Step(one, person, 30 * MINUTE) for one in following]
            return Policy(name, (*at_first, Step(first, (*alone, *at_home), 30 * MINUTE), *later), HOUR, 2)
        case _:
            later = [Step(one, person, 2 * HOUR) for one in following]
            return Policy(name, (*at_first, Step(first, at_home, 2 * HOUR), *later))
