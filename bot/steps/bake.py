"""`bake`: watch the release for a while under its real load before calling it good.

The time counts only while somebody watches and can see: every good answer counts for one interval, so that a bot that
was away for half the time bakes on for the other half, instead of calling good what nobody saw.

A condition that was broken already when the operation began says nothing of this release, so it does not count; where
none is left that counts, nothing was watched, and a person is asked. One that cannot be told is neither good nor bad:
the bake waits for it, and in the end a person is asked. A release is not taken back because Prometheus is away, and not
called good for it either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot import conditions
from bot.catalog import Duration
from bot.conditions import Condition, ConditionEntry, Reading
from bot.domain.duration import spoken
from bot.domain.errors import GaveUp, Retry
from bot.domain.step import NOTE
from bot.ports import Metrics
from bot.stepkind import Done, Failed, Going, Lost, Scene, StepKind, Verdict, nothing
from bot.steps import _alarms as alarms
from bot.steps.verify import ANSWER, filled


class Options(BaseModel):
    """What to ask, for how long, and how many bad answers are too many: an address, Prometheus, or both.

    The usual conditions are words: `error_rate` (at most 1 %), `p95` (at most 1 s), `cpu` and `memory` (at most 80 %).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    http: str | None = Field(
        None, min_length=1, description="the address to ask; {version} and {commit} stand for the release's"
    )
    status: int = Field(200, ge=100, le=599, description="the HTTP status of a good answer")
    contains: str | None = Field(None, description="what a good answer contains")
    conditions: tuple[ConditionEntry, ...] = Field(
        (), description="what Prometheus must say: usual ones by their word, or {name, query, at_most or at_least}"
    )
    lasts: Duration = Field(timedelta(minutes=1), alias="for", description="how long it must go well")
    every: Duration = Field(timedelta(seconds=1), description="how often it is asked")
    tolerate: int = Field(0, ge=0, description="how many bad answers are borne")
    blind: Duration = Field(
        timedelta(minutes=5), description="how long a condition may be without an answer before a person is asked"
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.http is None and not self.conditions:
            raise ValueError("there is nothing to watch: give it an address (`http`), or `conditions` for Prometheus")
        names = [one.name for one in self.conditions]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two conditions are called “{twice}”; give each a `name` of its own")
        return self


@dataclass(frozen=True, slots=True)
class Look:
    """What one look has seen: what is bad, what cannot be told, and which conditions were broken before."""

    bad: Sequence[str] = ()
    unknown: Sequence[str] = ()
    before: Sequence[str] | None = None


async def look(scene: Scene) -> Verdict:
    """Ask once; an alert that nobody sleeps through ends it at once, whatever the answers are."""
    options = Options.model_validate(scene.step.options)
    alarm = await alarms.since(scene)
    if alarm is not None:
        return Failed(alarm)
    try:
        seen = await _seen(scene, options)
    except GaveUp as no:
        return Lost(f"it cannot be judged: {no.reason}")
    return judge(seen, options, scene.step.progress, now=scene.now)


async def _seen(scene: Scene, options: Options) -> Look:
    bad, unknown = [], []
    if options.http is not None:
        contains = options.contains and filled(options.contains, scene)
        sample = await scene.world.probe.check(
            filled(options.http, scene), status=options.status, contains=contains, patience=ANSWER
        )
        bad += [] if sample.ok else [sample.detail]
    if not options.conditions:
        return Look(bad, before=())
    try:
        before = await _broken_before(scene, options.conditions)
        for one in options.conditions:
            if one.name not in before:
                reading = await _reading(scene, one)
                bad += [reading.words] if reading.ok is False else []
                unknown += [reading.words] if reading.ok is None else []
    except Retry as later:
        return Look(bad, [later.reason], _noted(scene))
    return Look(bad, unknown, before)


def _noted(scene: Scene) -> list[str] | None:
    noted = scene.step.progress.get("before")
    return [str(name) for name in noted] if isinstance(noted, list) else None


async def _broken_before(scene: Scene, asked: Sequence[Condition]) -> list[str]:
    """Return the conditions that were broken when the operation began; Prometheus is asked for that moment, once."""
    noted = _noted(scene)
    if noted is not None:
        return noted
    began = scene.op.started_at or scene.began_at
    return [one.name for one in asked if (await _reading(scene, one, at=began)).ok is False]


async def _reading(scene: Scene, condition: Condition, *, at: datetime | None = None) -> Reading:
    target = scene.op.target
    query = conditions.filled(
        condition, service=target.service, environment=target.environment, version=scene.release.version
    )
    return conditions.read(condition, await _metrics(scene).instant(query, at=at))


def _metrics(scene: Scene) -> Metrics:
    environment = scene.op.target.environment
    if environment not in scene.world.metrics:
        raise GaveUp(f"the catalog names no Prometheus for {environment} any more")
    return scene.world.metrics[environment]


def judge(seen: Look, options: Options, progress: dict[str, object], *, now: datetime) -> Verdict:
    """Count the look; enough good ones are a yes, too many bad ones a no, and too long without sight is neither."""
    good, bad = int(str(progress.get("good", 0))), int(str(progress.get("bad", 0)))
    kept: dict[str, object] = {"good": good, "bad": bad}
    if seen.before is not None:
        kept |= {"before": list(seen.before)} | ({NOTE: _already(seen.before)} if seen.before else {})
    if seen.bad:
        return _after_bad(seen, options, kept | {"bad": bad + 1})
    if options.http is None and seen.before is not None and len(seen.before) == len(options.conditions):
        return Lost(f"nothing was left to judge it by: {_already(seen.before)}. What was deployed serves; look at it")
    if seen.unknown:
        return _without_sight(seen, options, kept, since=progress.get("blind"), now=now)
    if options.every * good >= options.lasts:
        return Done(f"stable for {spoken(options.lasts)}", left={NOTE: str(kept[NOTE])} if NOTE in kept else {})
    return Going(options.every, f"{_left(options, good + 1)} to go", kept | {"good": good + 1})


def _after_bad(seen: Look, options: Options, kept: dict[str, object]) -> Verdict:
    good, bad = int(str(kept["good"])), int(str(kept["bad"]))
    if bad > options.tolerate:
        return Failed(f"after {spoken(options.every * (good + bad))} of watching: {'; '.join(seen.bad)}")
    return Going(options.every, f"{_left(options, good)} to go", kept)


def _without_sight(seen: Look, options: Options, kept: dict[str, object], *, since: object, now: datetime) -> Verdict:
    """Wait for sight, but not for ever: then it cannot be told whether the release is good, and a person decides."""
    began = datetime.fromisoformat(str(since)) if since else now
    words = "; ".join(seen.unknown)
    if now - began >= options.blind:
        return Lost(
            f"for {spoken(options.blind)} it could not be judged: {words}. What was deployed serves; look at it"
        )
    return Going(options.every, f"cannot be judged: {words}", kept | {"blind": began.isoformat()})


def _left(options: Options, good: int) -> str:
    return spoken(options.lasts - options.every * max(good - 1, 0))


def _already(before: Sequence[str]) -> str:
    return f"already so before, and not counted: {', '.join(before)}"


def _patience(options: BaseModel) -> timedelta:
    assert isinstance(options, Options)  # noqa: S101 - the catalog checked it
    return options.lasts * 10 + timedelta(minutes=10)


STEP = StepKind("bake", Options, nothing, look, _patience, moves=False, in_rollback=lambda _: False, in_restart=True)
