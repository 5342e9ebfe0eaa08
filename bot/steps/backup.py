"""`backup`: keep a copy before anything moves: of a PostgreSQL database, made by Slipway, or by a program of yours.

It changes nothing on the target, so an operation can still be cancelled after it; a failing one ends the operation
before anything has moved.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from bot.catalog import Duration
from bot.domain.backup import SAID, Backup
from bot.domain.observation import Run
from bot.domain.step import NOTE
from bot.ports import Copying, SecretName
from bot.stepkind import THERE, Done, Failed, Scene, StepKind, Verdict
from bot.steps import command


class Options(command.Options):
    """A copy of a `database`, dumped, encrypted and read back by Slipway; or any program that makes one (`run`).

    A program of yours may leave `path=`, `sha256=` and `size=` in the file that SLIPWAY_RESULT names.
    """

    name: str = Field("backup", min_length=1, max_length=40, description="what the card calls it")
    run: tuple[str, ...] = Field((), description="the program and its arguments; never a shell line")
    database: SecretName | None = Field(
        None, min_length=1, description="the name of the secret with the address: `postgresql://…`"
    )
    key: SecretName | None = Field(
        None, min_length=1, description="the name of the secret with the age identity (`slipway backup key` makes one)"
    )
    keep: Duration = Field(timedelta(days=30), description="how long copies are kept; the newest always is")
    programs: str | None = Field(
        None,
        description="the folder of pg_dump and pg_restore, when others are meant than those that come with Slipway",
    )
    timeout: Duration = Field(timedelta(hours=1), description="when it is ended")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.run) == (self.database is not None):
            raise ValueError("a backup is of a `database`, or made by a program of yours (`run`); say one of them")
        if self.database is None and self.key is not None:
            raise ValueError("`key` encrypts the copy of a `database`; a program of yours (`run`) encrypts its own")
        if self.database is not None and self.key is None:
            raise ValueError("a copy of a `database` is encrypted: name the secret with its `key`")
        if self.database is not None and self.where == THERE:
            raise ValueError("a copy of a `database` is made beside Slipway; `where: target` is for a program (`run`)")
        return self


async def begin(scene: Scene) -> None:
    """Start to make the copy."""
    options = Options.model_validate(scene.step.options)
    if options.run:
        await command.start(scene, options)
        return
    owner = f"{scene.op.target.service}@{scene.op.target.environment}"
    copying = Copying(
        database=options.database or "",
        key=options.key or "",
        owner=owner,
        name=f"{owner}-{scene.now:%Y%m%dT%H%M%SZ}-op{scene.op.id}.dump.age",
        folder=options.folder,
        keep=options.keep,
        programs=options.programs,
        timeout=options.timeout,
    )
    await scene.runner.start(scene.world.backups.invocation(copying), key=scene.step.key)


async def look(scene: Scene) -> Verdict:
    """Look at the copy."""
    options = Options.model_validate(scene.step.options)
    return judge(await command.observed(scene, options), database=options.database or "")


def judge(run: Run, *, database: str = "") -> Verdict:
    """Judge it as any command; what failed says so in its own words, and what was kept is remembered."""
    verdict = command.judge(run)
    if isinstance(verdict, Failed) and "error" in run.result:
        return Failed(run.result["error"])
    if not isinstance(verdict, Done):
        return verdict
    said = {name: run.result.get(name, "") for name in SAID}
    if not said["path"]:
        return verdict
    copy = Backup(said["path"], said["sha256"], said["size"], database)
    return replace(verdict, left={**said, "database": database, NOTE: copy.described})


STEP = StepKind("backup", Options, begin, look, command.patience, in_rollback=command.in_rollback)
