"""The shape of a catalog. Each field's description is what `docs/reference/catalog.md` says of it.

What backends, sources and steps take is not written here: the kinds that were found in the folders are handed in with
the validation's context (see sections.py), and a `Section` or `Step` holds the checked model of its own kind.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, StringConstraints, model_validator

from bot.domain.errors import Refused
from bot.domain.target import Target

from .alerting import Alerts
from .builds import AnyBuild
from .fields import Duration, Model, PersonId, Word
from .graphs import Graphs
from .incidents import Incidents
from .nearest import did_you_mean, listed
from .oncall import OnCall, Rotation
from .rules import ImageRule, LogsRule, Prometheus, RollbackRule
from .sections import BackendSection, Section, SourceSection, Step, StepEntry

Named = TypeVar("Named")

__all__ = [
    "Catalog",
    "Environment",
    "ImageRule",
    "Policy",
    "Prometheus",
    "Section",
    "Service",
    "Step",
    "TargetPlan",
    "Team",
]


class Team(Model):
    """Who belongs together: a Slack user group, people by their user id, or both."""

    usergroup: str | None = Field(None, min_length=1, description="the handle of a Slack user group, without the @")
    people: tuple[PersonId, ...] = Field((), description="Slack user ids (U…), for workspaces without user groups")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.usergroup is None and not self.people:
            raise ValueError("nobody is in this team; give it a `usergroup` or `people`")
        return self


class Channels(Model):
    """Where Slipway speaks: channel names without the #, or ids."""

    deployments: str = Field(min_length=1, description="the live card of every change")
    approvals: str = Field(min_length=1, description="what waits for a decision")
    alerts: str | None = Field(None, min_length=1, description="what the monitors say")
    incidents: str | None = Field(None, min_length=1, description="what is broken and who is on it")


class Policy(Model):
    """Who must approve, how many of them, and for how long the question stays open."""

    approvals: int = Field(ge=1, le=100, description="how many people must approve")
    from_: tuple[Word, ...] = Field(alias="from", min_length=1, description="the teams whose votes count")
    expires: Duration = Field(description="how long the question stays open")


class Service(Model):
    """A thing that is released on its own."""

    description: str = Field("", description="what it is, in a few words, for people")
    after: tuple[Word, ...] = Field((), description="the services that go first when several go in one change")
    source: SourceSection = Field(description="where its releases come from; `kind` says which source")
    build: AnyBuild | None = Field(
        None, description="how its artefact is made; needed where a target has a step `build`"
    )


class TargetPlan(Model):
    """How a service runs in an environment, and the steps of a deploy there."""

    backend: BackendSection = Field(description="where it runs; `kind` says which backend")
    steps: tuple[StepEntry, ...] = Field(
        min_length=1, description="what a deploy does, in order: a word, or `word: {options}`"
    )


class Environment(Model):
    """A place where services run."""

    branch: str = Field(min_length=1, description="the branch whose commits may go here")
    promotes: Word | None = Field(None, description="the environment whose good artefacts go here, never rebuilt")
    deployers: tuple[Word, ...] = Field(min_length=1, description="the teams that may deploy here")
    approval: Word | None = Field(None, description="the policy that a deploy here waits for; without it, none")
    rollback: RollbackRule | None = Field(None, description="who may roll back, when not the deployers")
    checks: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = Field(
        (), description="the checks, by patterns such as `test*`, that must have passed for a commit that goes here"
    )
    image: ImageRule | None = Field(None, description="what is wanted of the images that go here")
    logs: LogsRule | None = Field(None, description="who may read what programs print here")
    on_failure: Literal["ask", "roll_back"] = Field(
        "ask", description="what happens when an operation fails: ask a person, or go back at once"
    )
    prometheus: Prometheus | None = Field(None, description="where this environment's figures are, if elsewhere")
    targets: Mapping[Word, TargetPlan] = Field(min_length=1, description="by service: where and how it runs here")


class Catalog(Model):
    """The whole file. The words in it that name each other have been checked: every lookup of them succeeds."""

    organisation: str = Field(min_length=1, description="whose catalog this is")
    teams: Mapping[Word, Team] = Field(min_length=1, description="who is who")
    channels: Channels = Field(description="where Slipway speaks")
    policies: Mapping[Word, Policy] = Field(default_factory=dict, description="who must approve")
    prometheus: Prometheus | None = Field(None, description="where the figures are that a step `bake` asks about")
    alerts: Alerts | None = Field(None, description="what is told by monitors, and what becomes of it")
    on_call: OnCall | None = Field(None, description="who is on call when, how they are reached, and when not")
    incidents: Incidents = Field(default_factory=Incidents, description="reports on what went wrong")
    graphs: Graphs = Field(default_factory=Graphs, description="what is drawn of Prometheus' figures")
    services: Mapping[Word, Service] = Field(min_length=1, description="what is released")
    environments: Mapping[Word, Environment] = Field(min_length=1, description="where it runs")

    def service(self, name: str) -> Service:
        """Return a service; a person's wrong word is `Refused` with the nearest right one."""
        return _named("service", name, self.services)

    def environment(self, name: str) -> Environment:
        """Return an environment; a person's wrong word is `Refused` with the nearest right one."""
        return _named("environment", name, self.environments)

    def target(self, target: Target) -> TargetPlan:
        """Return how a target is run; `Refused` when the service has no place in the environment."""
        environment = self.environment(target.environment)
        self.service(target.service)
        if target.service not in environment.targets:
            raise Refused(
                f"{target.service} has no place in {target.environment}; there are {listed(environment.targets)}."
            )
        return environment.targets[target.service]

    def knows(self, target: Target) -> bool:
        """Whether the service has a place in the environment."""
        environment = self.environments.get(target.environment)
        return environment is not None and target.service in environment.targets

    def order(self, environment: str) -> tuple[str, ...]:
        """Return the services of an environment as they go: after those they come `after`, else as in the file.

        A service that has no place in the environment still passes its order on to those that come after it.
        """
        here = self.environment(environment).targets
        placed: dict[str, None] = {}
        for name in self.services:
            self._place(name, placed)
        return tuple(name for name in placed if name in here)

    def _place(self, name: str, placed: dict[str, None]) -> None:
        if name not in placed:
            for earlier in self.services[name].after:
                self._place(earlier, placed)
            placed[name] = None

    def targets(self, environment: str) -> tuple[Target, ...]:
        """Return the targets of an environment in the order in which they go."""
        return tuple(Target(service, environment) for service in self.order(environment))

    def deployers(self, environment: str) -> Mapping[str, Team]:
        """Return the teams that may deploy to an environment, by name."""
        return self._teams(self.environment(environment).deployers)

    def rollers_back(self, environment: str) -> Mapping[str, Team]:
        """Return the teams that may roll back in an environment, by name."""
        here = self.environment(environment)
        return self._teams(here.rollback.by if here.rollback else here.deployers)

    def readers(self, environment: str) -> Mapping[str, Team]:
        """Return the teams that may read what programs print in an environment, by name."""
        rule = self.environment(environment).logs
        return self._teams(rule.by) if rule else self.responsible(environment)

    def responsible(self, environment: str) -> Mapping[str, Team]:
        """Return the teams that answer for what is under way in an environment, by name.

        Where it is no longer in the catalog, they are those of all the others: somebody has to say how it ended.
        """
        places = [environment] if environment in self.environments else list(self.environments)
        teams: dict[str, Team] = {}
        for place in places:
            teams |= {**self.deployers(place), **self.rollers_back(place)}
        return teams

    def cancellers(self, environment: str) -> Mapping[str, Team]:
        """Return the teams that may cancel what others asked for in an environment, by name."""
        if environment not in self.environments:
            return self.responsible(environment)
        return {**self.deployers(environment), **self.approvers(environment)}

    def policy(self, environment: str) -> Policy | None:
        """Return the policy that a deploy to an environment waits for, or None when it waits for nobody."""
        name = self.environment(environment).approval
        return None if name is None else self.policies[name]

    def approvers(self, environment: str) -> Mapping[str, Team]:
        """Return the teams whose votes count in an environment, by name; none where nothing is approved."""
        policy = self.policy(environment)
        return self._teams(policy.from_) if policy else {}

    def prometheus_of(self, environment: str) -> Prometheus | None:
        """Return where an environment's figures are, or None where nobody says."""
        return self.environment(environment).prometheus or self.prometheus

    @property
    def alerting(self) -> Alerts:
        """What is said of alerts; `Refused` where nothing is."""
        if self.alerts is None:
            raise Refused("The catalog says nothing of alerts: it has no section `alerts`.")
        return self.alerts

    def alert_channel(self, route: str) -> str:
        """Return the channel of a route's alerts; what is no longer in the catalog goes where the others go."""
        named = self.alerts.routes[route].channel if self.alerts and route in self.alerts.routes else None
        return named or self.channels.alerts or self.channels.deployments

    def tells_end(self, route: str) -> bool:
        """Whether a route's monitor tells when an alert is over; one that is no longer in the catalog does not."""
        return self.alerts is not None and route in self.alerts.routes and self.alerts.routes[route].tells_end

    def acknowledgers(self) -> Mapping[str, Team]:
        """Return the teams that may acknowledge alerts, by name."""
        return self._teams(self.alerting.acknowledge.by)

    def called(self) -> Mapping[str, Team]:
        """Return the teams that are mentioned when something fires, by name."""
        return self._teams(self.alerts.call) if self.alerts else {}

    @property
    def duty(self) -> OnCall:
        """What is said of who is on call; `Refused` where nothing is."""
        if self.on_call is None:
            raise Refused("The catalog says nothing of who is on call: it has no section `on_call`.")
        return self.on_call

    def rotation(self, name: str) -> Rotation:
        """Return a rotation; a person's wrong word is `Refused` with the nearest right one."""
        return _named("rotation", name, self.duty.rotations)

    def keepers(self) -> Mapping[str, Team]:
        """Return the teams that mend a hole in a rotation, by name."""
        return self._teams(self.duty.kept_by)

    def menders(self) -> Mapping[str, Team]:
        """Return the teams that are told when somebody could not be, by name: they can mend it."""
        alerts = self.alerts
        if self.on_call is not None:
            return self.keepers()
        lead = alerts.escalation.lead if alerts and alerts.escalation else None
        return self._teams((lead,) if lead else alerts.acknowledge.by if alerts else ())

    def phone_readers(self) -> Mapping[str, Team]:
        """Return the teams to whom phone numbers are whispered, by name."""
        return self._teams(self.duty.phones_to)

    def _teams(self, names: tuple[str, ...]) -> Mapping[str, Team]:
        return {name: self.teams[name] for name in names}

    def section(self, target: Target) -> dict[str, object]:
        """Return a target's `backend` section as plain JSON values: where it runs, and how."""
        return self.target(target).backend.plain()

    def snapshot(self, target: Target) -> dict[str, object]:
        """Return what a plan freezes of a target's configuration: plain JSON values, and no secret in clear."""
        plan, service = self.target(target), self.service(target.service)
        return {
            "backend": plan.backend.plain(),
            "steps": [step.plain() for step in plan.steps],
            "source": service.source.plain(),
            "build": service.build.model_dump(mode="json") if service.build else None,
        }


def _named(kind: str, name: str, known: Mapping[str, Named]) -> Named:
    if name in known:
        return known[name]
    near = did_you_mean(name, known)
    raise Refused(f"There is no {kind} “{name}”; " + (near or f"there are {listed(known)}."))
