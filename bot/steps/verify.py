"""`verify`: see whether the service is well, in one of four ways, until it is or the time is up.

Over HTTP and TCP it is asked from outside; the backend is asked for the health that it sees; a program may ask whatever
it likes, once.
"""

from datetime import timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.catalog import Duration
from bot.domain.duration import spoken
from bot.domain.errors import Retry
from bot.domain.observation import Observed, Phase, RunState, Sample
from bot.domain.release import Release
from bot.stepkind import Done, Failed, Going, Scene, StepKind, Verdict, nothing
from bot.steps import command

ANSWER = timedelta(seconds=5)
_HIGHEST_PORT = 65535
_OK = 200


class Options(BaseModel):
    """Whom to ask (one of `http`, `tcp`, `run` and `backend`), and what a good answer is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    http: str | None = Field(
        None, min_length=1, description="the address to ask; {version} and {commit} stand for the release's"
    )
    tcp: str | None = Field(None, description="host:port, where a connection must be taken")
    run: tuple[str, ...] = Field((), description="a program and its arguments, which must end with exit code 0")
    backend: bool = Field(False, description="ask the backend whether all of it is ready")  # noqa: FBT003 - pydantic's form
    status: int = Field(_OK, ge=100, le=599, description="the HTTP status of a good answer")
    contains: str | None = Field(None, description="what a good answer contains; {version} and {commit} as above")
    where: Literal["slipway", "target"] = Field(
        "slipway", description="where the program runs: beside Slipway, or where the target runs"
    )
    within: Duration = Field(timedelta(seconds=30), description="how long it may take to answer well")
    every: Duration = Field(timedelta(seconds=1), description="how often it is asked")

    @field_validator("tcp")
    @classmethod
    def _is_place(cls, value: str | None) -> str | None:
        host, _, port = (value or "").rpartition(":")
        if value is not None and not (host and port.isascii() and port.isdecimal() and 0 < int(port) <= _HIGHEST_PORT):
            raise ValueError(f"“{value}” is no place to connect to; write it as host:port, such as db.internal:5432")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = {"http": self.http, "tcp": self.tcp, "run": self.run, "backend": self.backend}
        chosen = [name for name, value in ways.items() if value]
        if len(chosen) != 1:
            found = f"there are {' and '.join(f'`{one}`' for one in chosen)}" if chosen else "nobody is asked"
            raise ValueError(f"{found}; expected exactly one of `http`, `tcp`, `run` and `backend: true`")
        said = {"status": self.status != _OK, "contains": self.contains is not None}
        for name in (name for name, is_said in said.items() if is_said and self.http is None):
            raise ValueError(f"`{name}` is about an answer over `http`, and this asks by `{chosen[0]}`")
        if self.where == "target" and not self.run:
            raise ValueError(f"`where` is about a program (`run`), and this asks by `{chosen[0]}`")
        return self


async def look(scene: Scene) -> Verdict:
    """Ask once."""
    options, elapsed = Options.model_validate(scene.step.options), scene.now - scene.began_at
    try:
        return await _program(scene, options) if options.run else judge(await _ask(scene, options), options, elapsed)
    except Retry as later:
        return judge(Sample(ok=False, detail=later.reason), options, elapsed)


async def _ask(scene: Scene, options: Options) -> Sample:
    probe = scene.world.probe
    if options.tcp is not None:
        host, _, port = options.tcp.rpartition(":")
        return await probe.reach(host.strip("[]"), int(port), patience=ANSWER)
    if options.http is not None:
        contains = options.contains and filled(options.contains, scene)
        url = filled(options.http, scene)
        return await probe.check(url, status=options.status, contains=contains, patience=ANSWER)
    seen = await scene.backend.observe(scene.op.target, key=scene.applied, config=scene.config)
    return health(seen, scene.release)


async def _program(scene: Scene, options: Options) -> Verdict:
    """Run the program, once; it changes nothing, so it may be begun by whoever looks first."""
    run = await scene.runner.observe(key=scene.step.key)
    if run.state is RunState.ABSENT:
        await command.start(scene, command.Options(run=options.run, where=options.where, timeout=options.within))
        return Going()
    return command.judge(run)


def health(seen: Observed, release: Release) -> Sample:
    """Say whether what a backend sees is all of the release, and ready."""
    ready, wanted = seen.replicas or (0, 0)
    count = f"{ready} of {wanted} ready" if seen.replicas else ""
    words = seen.detail or count or f"the backend says: {seen.phase}"
    if seen.phase is not Phase.LIVE:
        return Sample(ok=False, detail=words)
    if seen.digest is not None and seen.digest != release.digest:
        return Sample(ok=False, detail=f"{seen.version or seen.digest} serves there")
    if seen.replicas and ready < wanted:
        return Sample(ok=False, detail=count)
    return Sample(ok=True, detail=count)


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
