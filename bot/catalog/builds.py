"""How a service's releases are made: an artefact by a program, or an image by a Dockerfile."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field, PlainValidator, field_validator

from .fields import Duration, Model


class Build(Model):
    """How an artefact is made of a commit of the service."""

    run: tuple[str, ...] = Field(min_length=1, description="the program and its arguments, run in the service's folder")
    output: str = Field(min_length=1, description="the folder it leaves, which becomes the artefact")
    timeout: Duration = Field("10m", validate_default=True, description="when it is given up")

    @field_validator("output")
    @classmethod
    def _within(cls, value: str) -> str:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or value.startswith((":", "-")):
            raise ValueError(f"“{value}” must be a folder inside the service's folder, such as dist")
        return value


class Image(Model):
    """How an image is made of a commit of the service, instead of an artefact. It is tagged with the commit."""

    image: str = Field(description="the image's repository, without a tag; that it is given makes this an image")
    dockerfile: str = Field("Dockerfile", min_length=1, description="the Dockerfile in the service's folder")
    arguments: Mapping[str, str] = Field(default_factory=dict, description="build arguments; no secrets, they are kept")
    push: bool = Field(False, description="whether it is pushed; its digest is then the registry's, else its own id")  # noqa: FBT003 - pydantic's form
    timeout: Duration = Field("30m", validate_default=True, description="when it is given up")

    @field_validator("image")
    @classmethod
    def _untagged(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9._:/-]*/)?[a-z0-9._-]*", value):
            raise ValueError(f"“{value}” must be an image's repository without a tag, such as example/backend")
        return value

    @field_validator("dockerfile")
    @classmethod
    def _within(cls, value: str) -> str:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts or value.startswith("-"):
            raise ValueError(f"“{value}” must be a file inside the service's folder, such as Dockerfile")
        return value


def build_model(written: object) -> type[Build] | type[Image]:
    """Return which of the two is meant by what is written."""
    return Image if isinstance(written, dict) and "image" in written else Build


AnyBuild = Annotated[Build | Image, PlainValidator(lambda written: build_model(written).model_validate(written))]
