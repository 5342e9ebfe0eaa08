"""`bake`: watch the release for a while under its real load before calling it good.

The time counts only while somebody watches: every good answer counts for one interval, so that a bot that was away
for half the time bakes on for the other half, instead of calling good what nobody saw.
"""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import Duration
from bot.domain.duration import spoken
from bot.domain.observation import Sample
from bot.stepkind import Done, Failed, Going, Scene, StepKind, Verdict, nothing
from bot.steps.verify import ANSWER, filled


class Options(BaseModel):
    """What to ask, for how long, and how many bad answers are too many."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    http: str = Field(description="the address to ask; {version} and {commit} stand for the release's")
    status: int = Field(200, ge=100, le=599, description="the HTTP status of a good answer")
    contains: str | None = Field(None, description="what a good answer contains")
    lasts: Duration = Field(timedelta(minutes=1), alias="for", description="how long it must go well")
    every: Duration = Field(timedelta(seconds=1), description="how often it is asked")
    tolerate: int = Field(0, ge=0, description="how many bad answers are borne")


async def look(scene: Scene) -> Verdict:
    """Ask once."""
    options = Options.model_validate(scene.step.options)
    contains = options.contains and filled(options.contains, scene)
    sample = await scene.world.probe.check(
        filled(options.http, scene), status=options.status, contains=contains, patience=ANSWER
    )
    return judge(sample, options, scene.step.progress)


def judge(sample: Sample, options: Options, progress: dict[str, object]) -> Verdict:
    """Count the answer; enough good ones are a yes, too many bad ones a no."""
    good, bad = int(str(progress.get("good", 0))), int(str(progress.get("bad", 0)))
    good, bad = (good + 1, bad) if sample.ok else (good, bad + 1)
    if bad > options.tolerate:
        watched = options.every * (good + bad)
        return Failed(f"after {spoken(watched)} of watching: {sample.detail}")
    if options.every * (good - 1) >= options.lasts:
        return Done(f"stable for {spoken(options.lasts)}")
    left = options.lasts - options.every * max(good - 1, 0)
    return Going(options.every, f"{spoken(left)} to go", {"good": good, "bad": bad})


def _patience(options: BaseModel) -> timedelta:
    assert isinstance(options, Options)  # noqa: S101 - the catalog checked it
    return options.lasts * 10 + timedelta(minutes=10)


STEP = StepKind("bake", Options, nothing, look, _patience, moves=False, in_rollback=lambda _: False, in_restart=True)
