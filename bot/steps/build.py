"""`build`: make the artefact of a release, once; its SHA-256 becomes the release's digest."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import Duration
from bot.domain.observation import Run, RunState
from bot.stepkind import Done, Failed, Going, Lost, NotBegun, Scene, StepKind, Verdict


class Options(BaseModel):
    """How long the whole build may take."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timeout: Duration = Field(timedelta(minutes=30), description="when Slipway stops waiting for the build")


async def begin(scene: Scene) -> None:
    """Start the build, unless the artefact exists already."""
    if not scene.release.built:
        source = scene.world.source(scene.op.target.service)
        invocation = source.invocation(scene.op.target.service, scene.release.commit.id)
        await scene.world.runner.start(invocation, key=scene.step.key)


async def look(scene: Scene) -> Verdict:
    """Look at the build."""
    if scene.release.digest is not None:
        return Done(f"built before · {scene.release.digest.removeprefix('sha256:')[:12]}")
    return judge(await scene.world.runner.observe(key=scene.step.key))


def judge(run: Run) -> Verdict:
    """Say what a run means for a build: success is an exit code of 0 *and* a digest."""
    match run.state:
        case RunState.ABSENT:
            return NotBegun()
        case RunState.RUNNING:
            return Going()
        case RunState.LOST:
            return Lost(run.detail or "the build was started, and it cannot be told how it ended")
        case RunState.EXITED if run.exit_code == 0 and "digest" in run.result:
            return Done(run.result["digest"].removeprefix("sha256:")[:12], digest=run.result["digest"])
        case RunState.EXITED if run.exit_code == 0:
            return Failed("the build ended well but named no digest of an artefact")
        case RunState.EXITED:
            return Failed(f"the build ended with exit code {run.exit_code}" + (f": {run.detail}" if run.detail else ""))


def _patience(options: BaseModel) -> timedelta:
    assert isinstance(options, Options)  # noqa: S101 - the catalog checked it
    return options.timeout


STEP = StepKind("build", Options, begin, look, _patience, in_rollback=lambda _: False)
