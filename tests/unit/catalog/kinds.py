"""Stand-in kinds of backend, source and step: models like the real ones, which are other folders' to test."""

from contextlib import AbstractAsyncContextManager

from pydantic import BaseModel, Field, SecretStr

from bot.catalog import Duration
from bot.plugins import BackendKind, Source, SourceKind, Surroundings
from bot.ports import Backend


class Options(BaseModel, extra="forbid"):
    """No options."""


class Apply(Options):
    within: Duration = Field("1m", validate_default=True)


class Verify(Options):
    http: str
    contains: str | None = None
    within: Duration = Field("15s", validate_default=True)


class Bake(Verify):
    for_: Duration = Field(alias="for")
    every: Duration = Field("1s", validate_default=True)


class Process(Options):
    port: int = Field(ge=1, le=65535)
    run: tuple[str, ...]
    health: str = "/"
    environment: dict[str, str] = Field(default_factory=dict)
    token: SecretStr | None = None

    @property
    def claims(self) -> dict[str, str]:
        return {"port": f"port {self.port} of this machine"}


class Git(Options):
    repository: str
    path: str


def _never_backend(_: Surroundings) -> AbstractAsyncContextManager[Backend]:
    raise NotImplementedError


def _never_source(_: Surroundings, __: dict[str, BaseModel]) -> Source:
    raise NotImplementedError


KINDS = {"process": BackendKind("process", Process, _never_backend)}
SOURCES = {"git": SourceKind("git", Git, _never_source)}
STEPS: dict[str, type[BaseModel]] = {"build": Options, "apply": Apply, "verify": Verify, "bake": Bake}
