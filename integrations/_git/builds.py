"""How an artefact or an image is made of a commit, as the catalog says it and as integrations/_build.py takes it."""

from datetime import timedelta
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, field_validator

from integrations._durations import Duration
from integrations._environment import ENGINE, present


class Build(BaseModel):
    """How an artefact is made: a program run in a copy of the service's folder, and the folder that it fills."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: list[str] = Field(min_length=1)
    output: str = "dist"
    timeout: Duration = timedelta(minutes=10)

    @field_validator("output")
    @classmethod
    def _within(cls, value: str) -> str:
        return inner(value)

    def words(self, store: Path) -> list[str]:
        """Return what the program is told."""
        return ["--output", self.output, "--store", str(store), "--", *self.run]

    def environment(self) -> dict[str, str]:
        """Return what it finds in its environment beyond the little that all find."""
        return {}


class Image(BaseModel):
    """How an image is made: a Dockerfile in the service's folder, which is all that the build sees."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    image: str = Field(min_length=1)
    dockerfile: str = "Dockerfile"
    arguments: dict[str, str] = Field(default_factory=dict)
    push: bool = False
    timeout: Duration = timedelta(minutes=30)

    def words(self, _store: Path) -> list[str]:
        """Return what the program is told."""
        arguments = [f"--argument={name}={value}" for name, value in self.arguments.items()]
        return ["--image", self.image, "--dockerfile", self.dockerfile, *arguments, *(["--push"] if self.push else [])]

    def environment(self) -> dict[str, str]:
        """Return what it finds in its environment beyond the little that all find."""
        return present(ENGINE)


def inner(value: str) -> str:
    """Check that a path stays within the repository."""
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or value.startswith((":", "-")):
        raise ValueError(f"“{value}” must be a folder inside the repository, such as services/backend or .")
    return str(path)
