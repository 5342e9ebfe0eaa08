"""Who is told next of alerts that nobody is at, and when: a policy, frozen for a group of alerts when it opens.

Whatever becomes of the catalog meanwhile, a group is escalated by the policy that was true when it opened, or when
something worse joined it. The functions here are the whole life of an escalation: a step is taken and the next has its
time; somebody is at it and the clock stands still; nobody is any more and it goes on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.alert import Severity
from bot.domain.canonical import canonical

CHANNEL, MENTION, DM = "channel", "mention", "dm"  # the ways that lead through Slack; the others are pagers' names
SLACK = frozenset({CHANNEL, MENTION, DM})
SILENCE = "silence"  # who holds what is silenced


class State(StrEnum):
    """How an escalation stands."""

    OPEN = "open"  # its clock runs
    HELD = "held"  # somebody is at the alerts, or all that fires is silenced: the clock stands still
    ENDED = "ended"


class Kind(StrEnum):
    """What a step names: whoever is on call in a rotation, a team, a person, or a channel."""

    ROTATION = "rotation"
    TEAM = "team"
    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is to be told, as the catalog names them; who that is, is looked up when they are told."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody is told, by the first of the ways that works, so long `after` the step before (or the beginning)."""

    whom: Whom
    by: tuple[str, ...]
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Policy:
    """Steps in order; after the last it begins again so many `times`, so long `again` after it."""

    name: str
    steps: tuple[Step, ...]
    again: timedelta | None = None
    times: int = 0

    def written(self) -> str:
        """Return it as it is frozen: canonical JSON."""
        steps = [{"kind": s.whom.kind, "name": s.whom.name, "by": s.by, "after": _seconds(s.after)} for s in self.steps]
        again = _seconds(self.again) if self.again is not None else None
        return canonical({"name": self.name, "steps": steps, "again": again, "times": self.times})


def read(frozen: str) -> Policy:
    """Return the policy that was frozen."""
    said: Mapping[str, Any] = json.loads(frozen)
    again = timedelta(seconds=said["again"]) if said["again"] is not None else None
    return Policy(said["name"], tuple(_step(one) for one in said["steps"]), again, said["times"])


def _step(said: Mapping[str, Any]) -> Step:
    return Step(Whom(Kind(said["kind"]), said["name"]), tuple(said["by"]), timedelta(seconds=said["after"]))


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


@dataclass(frozen=True, slots=True)
class Escalation:
    """The escalation of a group. `step` is the next to be taken, in which `round`, and at `next_at`; None: no more.

    `since` is when its clock began to run, or to stand still. `turn` counts how often it went on after it was held:
    whoever was told before is told under another key. `key` is what all its keys are made of, and no other's are.
    """

    id: int
    group_id: int
    severity: Severity
    policy: Policy
    key: str
    since: datetime
    next_at: datetime | None
    state: State = State.OPEN
    step: int = 0
    round: int = 0
    turn: int = 0
    held_by: str | None = None
    resumed_at: datetime | None = None
    revision: int = 0

    @property
    def coming(self) -> Step | None:
        """The step that is taken next; None after the last."""
        return self.policy.steps[self.step] if self.next_at is not None else None

    @property
    def hushed(self) -> bool:
        """Whether it stands still because of a silence."""
        return self.state is State.HELD and self.held_by == SILENCE

    @property
    def last(self) -> tuple[int, int]:
        """The round and the number of the step that was taken last; of none yet, the number is no step's."""
        if self.next_at is None:
            return self.round, len(self.policy.steps) - 1
        return (self.round, self.step - 1) if self.step else (self.round - 1, len(self.policy.steps) - 1)

    def due(self, now: datetime) -> bool:
        """Whether its next step is to be taken now."""
        return self.state is State.OPEN and self.next_at is not None and self.next_at <= now


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that is being taken: which, and in which round and turn; `late` is for how long it has been due."""

    escalation: int
    turn: int
    round: int
    number: int
    step: Step
    late: timedelta = timedelta(0)


def begin(policy: Policy, now: datetime) -> datetime:
    """Return when the first step of a policy is taken for what opens now."""
    return now + policy.steps[0].after


def take(one: Escalation, now: datetime) -> tuple[Escalation, Taken]:
    """Take the next step; where all have been taken, because a person wants it, begin anew."""
    if one.next_at is None:
        one = replace(one, step=0, round=one.round + 1)
    late = max(now - one.next_at, timedelta(0)) if one.next_at is not None else timedelta(0)
    taken = Taken(one.id, one.turn, one.round, one.step, one.policy.steps[one.step], late)
    return replace(_onward(one, now), since=now), taken


def _onward(one: Escalation, now: datetime) -> Escalation:
    policy, following = one.policy, one.step + 1
    if following < len(policy.steps):
        return replace(one, step=following, next_at=now + policy.steps[following].after)
    if policy.again is not None and one.round < policy.times:
        return replace(one, step=0, round=one.round + 1, next_at=now + policy.again)
    return replace(one, next_at=None)


def put_off(one: Escalation, until: datetime) -> Escalation:
    """Have the next step taken later."""
    return replace(one, next_at=until)


def hold(one: Escalation, by: str, now: datetime) -> Escalation:
    """Let the clock stand still: somebody is at it, or (by `SILENCE`) nobody is to be called."""
    if one.state is not State.OPEN:
        return replace(one, held_by=by)
    return replace(one, state=State.HELD, held_by=by, since=now)


def resume(one: Escalation, now: datetime) -> Escalation:
    """Go on where it stood, with the time that was left; where nobody was left to tell, the last is told once more."""
    if one.state is not State.HELD:
        return one
    left = max(one.next_at - one.since, timedelta(0)) if one.next_at is not None else timedelta(0)
    step = one.step if one.next_at is not None else len(one.policy.steps) - 1
    again = replace(one, state=State.OPEN, step=step, next_at=now + left, since=now, resumed_at=now)
    return replace(again, turn=one.turn + 1, held_by=None)


def put_back(one: Escalation, number: int, in_round: int, now: datetime) -> Escalation:
    """Have the step that was taken last (its number and round) taken anew, because nobody was told."""
    if one.last != (in_round, number):
        return one
    return replace(one, step=number, round=in_round, next_at=min(now, one.since) if one.hushed else now)


def end(one: Escalation, now: datetime) -> Escalation:
    """End it: nothing fires any more, or another policy has taken its place."""
    return replace(one, state=State.ENDED, next_at=None, since=now)


def hurry(one: Escalation, after: int, in_round: int, now: datetime) -> Escalation:
    """Take the next step at once, because the one before (its number and round) reached nobody."""
    if one.state is not State.OPEN or one.next_at is None or one.last != (in_round, after):
        return one
    if one.step == 0:
        return one  # to begin anew at once would go round and round: nobody can be reached at all
    return replace(one, next_at=min(one.next_at, now))
