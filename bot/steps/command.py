"""`command`: run any program to completion, once; `backup` and `migrate` do that under their own names, and more."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.catalog import Duration
from bot.domain.errors import GaveUp
from bot.domain.observation import Run, RunState
from bot.ports import Invocation, SecretName
from bot.stepkind import Done, Failed, Going, Lost, NotBegun, Scene, StepKind, Verdict


class Options(BaseModel):
    """Which program, where, for how long, and whether a rollback runs it too."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("command", min_length=1, max_length=40, description="what the card calls it")
    run: tuple[str, ...] = Field(min_length=1, description="the program and its arguments; never a shell line")
    where: Literal["slipway", "target"] = Field(
        "slipway", description="beside Slipway, or where the target runs, with the release's own image and settings"
    )
    folder: str | None = Field(None, description="the folder it runs in")
    secrets: Mapping[str, SecretName] = Field(
        default_factory=dict, description="variables for the program: the name of the secret that each has as its value"
    )
    timeout: Duration = Field(timedelta(minutes=10), description="when it is ended")
    in_rollback: bool = Field(False, description="whether a rollback runs it too")  # noqa: FBT003 - pydantic's form


async def begin(scene: Scene) -> None:
    """Start the program."""
    await start(scene, Options.model_validate(scene.step.options))


async def start(scene: Scene, options: Options) -> None:
    """Start the program of some options; it finds in its environment what it is run for."""
    target = scene.op.target
    environment = secrets_of(scene, options) | {
        "SLIPWAY_SERVICE": target.service,
        "SLIPWAY_ENVIRONMENT": target.environment,
        "SLIPWAY_VERSION": scene.release.version,
        "SLIPWAY_COMMIT": scene.release.commit.id,
        "SLIPWAY_DIGEST": scene.release.digest or "",
        "SLIPWAY_OPERATION": str(scene.op.id),
    }
    invocation = Invocation(options.run, environment, options.folder, options.timeout)
    await scene.runner.start(invocation, key=scene.step.key)


def secrets_of(scene: Scene, options: Options) -> dict[str, str]:
    """Return the secrets of some options, by variable; what is read is masked in the program's log from then on."""
    return {variable: scene.world.secrets.read(name) for variable, name in options.secrets.items()}


async def look(scene: Scene) -> Verdict:
    """Look at the program."""
    return judge(await observed(scene, Options.model_validate(scene.step.options)))


async def observed(scene: Scene, options: Options) -> Run:
    """Look at the program of some options, prepared to mask its secrets, which another process may have read."""
    with suppress(GaveUp):  # one that is gone by now is no reason not to look
        secrets_of(scene, options)
    return await scene.runner.observe(key=scene.step.key)


def judge(run: Run) -> Verdict:
    """Say what a run means: only an exit code of 0 that was seen is success."""
    match run.state:
        case RunState.ABSENT:
            return NotBegun()
        case RunState.RUNNING:
            return Going()
        case RunState.LOST:
            return Lost(run.detail or "it was started, and it cannot be told how it ended")
        case RunState.EXITED if run.exit_code == 0:
            return Done(run.detail)
        case RunState.EXITED:
            return Failed(f"it ended with exit code {run.exit_code}" + (f": {run.detail}" if run.detail else ""))


def patience(options: BaseModel) -> timedelta:
    """Return how long the step may take: the program's time, and some to notice its end."""
    assert isinstance(options, Options)  # noqa: S101 - the catalog checked it
    return options.timeout + timedelta(seconds=30)


def in_rollback(options: BaseModel) -> bool:
    """Return whether a rollback runs it too."""
    assert isinstance(options, Options)  # noqa: S101 - the catalog checked it
    return options.in_rollback


STEP = StepKind("command", Options, begin, look, patience, turns_target=True, in_rollback=in_rollback)
