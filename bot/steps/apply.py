"""`apply`: ask the backend for the release, and watch until it serves, whatever any exit code says."""

from datetime import timedelta
from functools import partial

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import Duration
from bot.domain.observation import Observed, Phase
from bot.domain.release import Release
from bot.domain.step import BESIDES
from bot.ports import Desired, Stops
from bot.stepkind import Done, Failed, Going, Lost, NotBegun, Scene, StepKind, Stop, Verdict


class Options(BaseModel):
    """How long it may take until the release serves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    within: Duration = Field(timedelta(minutes=5), description="how long until it must serve")


async def begin(scene: Scene) -> None:
    """Ask the backend for the release."""
    desired = Desired(scene.release, scene.config)
    await scene.backend.apply(scene.op.target, desired, key=scene.step.key)


async def look(scene: Scene) -> Verdict:
    """Look at the target."""
    seen = await scene.backend.observe(scene.op.target, key=scene.step.key, config=scene.config)
    return judge(seen, scene.release)


def stop(scene: Scene) -> Stop | None:
    """Return how the backend is asked to end what it is at, or None where it cannot."""
    backend = scene.backend
    if not isinstance(backend, Stops):
        return None
    return partial(backend.stop, scene.op.target, key=scene.step.key, config=scene.config)


def judge(seen: Observed, release: Release) -> Verdict:
    """Say what is seen means: it is done when what serves is the very artefact that was asked for."""
    serves = seen.digest is not None and seen.digest == release.digest
    match seen.phase:
        case Phase.ABSENT:
            return NotBegun()
        case Phase.PROGRESSING:
            return Going(detail=_progress(seen, release))
        case Phase.LIVE if serves or seen.digest is None:
            return Done(_count(seen), serves=True)
        case Phase.LIVE:
            return Failed(f"the backend says it is live, but {seen.version or seen.digest} serves")
        case Phase.FAILED if seen.stopped:
            words = (
                f"{seen.detail or 'it was ended'}. What serves now, as far as can be told: {seen.version or 'nothing'}."
            )
            return Failed(words, serves=serves, stopped=True)
        case Phase.FAILED:
            return Failed(_refused(seen, serves=serves), serves=serves)
        case Phase.UNKNOWN:
            return Lost(seen.detail or "the backend cannot tell what became of it")


def _refused(seen: Observed, *, serves: bool) -> str:
    """Say why the backend said no, and what that left there, as far as that was seen."""
    why = seen.detail or "the backend says that it failed, and nothing more"
    if seen.nothing_runs:
        return f"{why}{BESIDES}Nothing serves there now."
    left = seen.version if not serves else None
    return f"{why}{BESIDES}{left} serves there." if left else why


def _progress(seen: Observed, release: Release) -> str:
    counted = _count(seen)
    whole = seen.replicas is not None and seen.replicas[0] == seen.replicas[1]
    if whole and seen.version is not None and seen.digest != release.digest:
        counted = f"{seen.version}: {counted}"  # all that are ready are the old ones, then
    return f"{counted}; {seen.detail}" if seen.detail and seen.detail != counted else counted


def _count(seen: Observed) -> str:
    if seen.replicas is None:
        return seen.detail
    ready, wanted = seen.replicas
    return f"{ready} of {wanted} ready"


def _patience(options: BaseModel) -> timedelta:
    assert isinstance(options, Options)  # noqa: S101 - the catalog checked it
    return options.within


STEP = StepKind("apply", Options, begin, look, _patience, turns_target=True, in_restart=True, stop=stop)
