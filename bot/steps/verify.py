"""`verify`: ask the service itself, from outside, until it answers as it should or the time is up."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import Duration
from bot.domain.duration import spoken
from bot.domain.observation import Sample
from bot.stepkind import Done, Failed, Going, Scene, StepKind, Verdict, nothing

ANSWER = timedelta(seconds=5)


class Options(BaseModel):
    """What to ask, and what a good answer is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    http: str = Field(description="the address to ask; {version} and {commit} stand for the release's")
    status: int = Field(200, ge=100, le=599, description="the HTTP status of a good answer")
    contains: str | None = Field(None, description="what a good answer contains; {version} and {commit} as above")
    within: Duration = Field(timedelta(seconds=30), description="how long it may take to answer well")
    every: Duration = Field(timedelta(seconds=1), description="how often it is asked")


async def look(scene: Scene) -> Verdict:
    """Ask once."""
    options = Options.model_validate(scene.step.options)
    contains = options.contains and filled(options.contains, scene)
    sample = await scene.world.probe.check(
        filled(options.http, scene), status=options.status, contains=contains, patience=ANSWER
    )
    return judge(sample, options, scene.now - scene.began_at)


def judge(sample: Sample, options: Options, elapsed: timedelta) -> Verdict:
    """One good answer is enough; no good answer in time is a no."""
    if sample.ok:
        return Done(sample.detail)
    if elapsed >= options.within:
        return Failed(f"no good answer within {spoken(options.within)}; the last was: {sample.detail}")
    return Going(options.every, sample.detail)


def filled(text: str, scene: Scene) -> str:
    """Return the text with the release's version and commit in their places."""
    return text.replace("{version}", scene.release.version).replace("{commit}", scene.release.commit.id)


def _patience(options: BaseModel) -> timedelta:
    assert isinstance(options, Options)  # noqa: S101 - the catalog checked it
    return options.within + ANSWER + timedelta(seconds=30)


STEP = StepKind("verify", Options, nothing, look, _patience, moves=False, in_restart=True)
