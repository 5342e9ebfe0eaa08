"""`migrate`: bring a database to the release's version; a `command` that may say that there is no way back from it.

That a migration is irreversible says the catalog, or the program itself, of this very run: a line ``irreversible=true``
or ``irreversible=false`` in the file that SLIPWAY_RESULT names. bot/domain/crossing.py says what follows from it.
"""

from dataclasses import replace
from typing import Self

from pydantic import Field, model_validator

from bot.domain.crossing import IRREVERSIBLE, denied
from bot.domain.observation import Run
from bot.stepkind import Done, Failed, Lost, Scene, StepKind, Verdict
from bot.steps import command


class Options(command.Options):
    """Which program migrates, where, for how long, and whether there is a way back from what it does."""

    name: str = Field("migrate", min_length=1, max_length=40, description="what the card calls it")
    irreversible: bool = Field(
        False,  # noqa: FBT003 - pydantic's form
        description="whether the release before may not be able to read what it leaves; the program may say otherwise "
        "of a run: `irreversible=false` (or `=true`) in the file that SLIPWAY_RESULT names",
    )

    @model_validator(mode="after")
    def _no_way_back(self) -> Self:
        if self.irreversible and self.in_rollback:
            raise ValueError("a migration that is `irreversible` has no part in a rollback; leave out one of the two")
        return self


async def begin(scene: Scene) -> None:
    """Start the migration."""
    await command.start(scene, Options.model_validate(scene.step.options))


async def look(scene: Scene) -> Verdict:
    """Look at the migration."""
    return judge(await command.observed(scene, Options.model_validate(scene.step.options)))


def judge(run: Run) -> Verdict:
    """Judge it as any command, and keep what it said of the way back, however it ended: it may have done half.

    Of one that was lost a denial does not count, for it was not its last word.
    """
    verdict = command.judge(run)
    said = {name: value for name, value in run.result.items() if name == IRREVERSIBLE}
    match verdict:
        case Done() | Failed():
            return replace(verdict, left=said)
        case Lost():
            return replace(verdict, left={name: value for name, value in said.items() if not denied(value)})
        case _:
            return verdict


STEP = StepKind("migrate", Options, begin, look, command.patience, turns_target=True, in_rollback=command.in_rollback)
