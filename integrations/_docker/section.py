"""What a target's section of the catalog may say where containers run, and what both backends ask of it."""

import re
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.ports import SecretName
from integrations._durations import Duration

_RESERVED = ("SLIPWAY_VERSION", "SLIPWAY_COMMIT")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MEMORY = re.compile(r"[1-9][0-9]*[bkmg]?")
_REPOSITORY = re.compile(r"[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?")


class Served(BaseModel):
    """Where a target's program is reached, and how it shows that it is well."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    image: str | None = Field(
        None, description="the repository to pull from, without a tag: the digest says which image of it"
    )
    engine: str | None = Field(None, description="the engine's address; without it `DOCKER_HOST`, or the local socket")
    port: int | None = Field(None, ge=1, le=65535, description="the public port on this machine, held by Slipway")
    address: str = Field("127.0.0.1", description="where the public port is open; `0.0.0.0` is to everybody")
    container_port: int | None = Field(None, ge=1, le=65535, description="the port the program has in its container")
    health: str | None = Field(
        None, description="the path that answers 2xx when it is well; without it, the image's own health check says so"
    )
    start_within: Duration = Field(timedelta(minutes=1), description="how long a new one may take until it is well")
    grace: Duration = Field(timedelta(seconds=10), description="how long an old one may finish")
    secrets: dict[str, SecretName] = Field(
        default_factory=dict, description="variables whose values are secrets, each by the secret's name"
    )

    @property
    def claims(self) -> dict[str, str]:
        """Return what no other target may have."""
        return {"port": f"port {self.port} of this machine"} if self.port is not None and self.engine is None else {}

    @field_validator("image")
    @classmethod
    def _is_repository(cls, value: str | None) -> str | None:
        if value is not None and (not _REPOSITORY.fullmatch(value) or ":" in PurePosixPath(value).name):
            raise ValueError(f"“{value}” is not a repository: write it without tag and digest, such as example/backend")
        return value

    @field_validator("health")
    @classmethod
    def _is_path(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith("/") or any(mark.isspace() for mark in value)):
            raise ValueError(f"“{value}” is not a path: it begins with / and has no spaces, such as /api/health")
        return value

    @field_validator("secrets")
    @classmethod
    def _are_variables(cls, value: dict[str, str]) -> dict[str, str]:
        return variables(value)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        for name in ("port", "health"):
            if getattr(self, name) is not None and self.container_port is None:
                raise ValueError(f"`{name}` needs `container_port`: the port the program has in its container")
        return self


class Container(Served):
    """Containers of an image, swapped without dropping a request: the new one is started beside the old.

    With `port`, Slipway holds the public port on this machine and leads it to the one that is live. With `network` and
    `alias`, a proxy of your own finds the live one under the alias. `image` is the repository that a digest is pulled
    from; without it, only images that this engine has are run.
    """

    kind: Literal["docker"] = "docker"
    network: str | None = Field(None, min_length=1, description="the network it joins")
    alias: str | None = Field(None, min_length=1, description="the name under which the network finds what is live")
    environment: dict[str, str] = Field(default_factory=dict, description="more variables for the program")
    volumes: tuple[str, ...] = Field((), description="`name:/folder` or `/here:/folder`, with `:ro` to only read")
    command: tuple[str, ...] | None = Field(None, min_length=1, description="instead of the image's own command")
    user: str | None = Field(None, min_length=1, description="instead of the image's own user")
    memory: str | None = Field(None, description="the most memory, such as 256m")
    cpus: float | None = Field(None, gt=0, description="the most processors, such as 0.5")
    read_only: bool = Field(False, description="whether only volumes can be written to")  # noqa: FBT003 - pydantic's form

    @field_validator("environment")
    @classmethod
    def _leaves_ours_alone(cls, value: dict[str, str]) -> dict[str, str]:
        return variables(value)

    @field_validator("memory")
    @classmethod
    def _is_amount(cls, value: str | None) -> str | None:
        if value is not None and not _MEMORY.fullmatch(value):
            raise ValueError(f"“{value}” is not an amount of memory; write for example 256m or 1g")
        return value

    @field_validator("volumes")
    @classmethod
    def _are_volumes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for volume in value:
            source, *rest = volume.split(":")
            if not source or not rest or not rest[0].startswith("/") or rest[1:] not in ([], ["ro"], ["rw"]):
                raise ValueError(f"“{volume}” is not a volume; write name:/folder, or /here:/folder:ro")
        return value

    @model_validator(mode="after")
    def _is_called(self) -> Self:
        if self.alias is not None and self.network is None:
            raise ValueError("`alias` needs `network`: the network that finds it under this name")
        return self


class Service(Served):
    """A service of a compose file, scaled up beside the one that is live; the old one leaves when the new one is well.

    The image of the release is pinned by an override, and so is a private port where `port` or `health` is given:
    leave `ports` and `container_name` out of the service, for two of it cannot have the same.
    """

    kind: Literal["compose"] = "compose"
    files: tuple[str, ...] = Field(min_length=1, description="the compose files, as `-f` takes them")
    project: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="the project's name, as `-p` takes it")
    service: str = Field(min_length=1, description="the service in these files")


def variables(value: dict[str, str]) -> dict[str, str]:
    """Check the names of variables."""
    for name in value:
        if name in _RESERVED:
            raise ValueError(f"{name} is set by Slipway: leave it out")
        if not _VARIABLE.fullmatch(name):
            raise ValueError(f"“{name}” is not a variable's name: letters, digits and _, such as DATABASE_URL")
    return value
