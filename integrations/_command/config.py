"""A target's `backend` section of the kind `command`."""

import re
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from bot.ports import NamesSecret
from integrations._command.words import RELEASE, TARGET, unknown
from integrations._durations import Duration

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACES = {"apply": (*TARGET, *RELEASE), "observe": (*TARGET, "key"), "logs": (*TARGET, "since")}


class Config(BaseModel):
    """A target's `backend` section: the programs that bring a release there, look, and show what is printed there.

    Each is a program and its arguments, never a shell line. In the arguments `{target}`, `{service}` and
    `{environment}` have their places; in `apply` also `{key}`, `{version}`, `{commit}`, `{digest}` and `{artefact}`,
    in `observe` also `{key}`, in `logs` also `{since}`. `{{word}}` is the word in braces. The same words are in the
    environment, as `SLIPWAY_TARGET` and so on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["command"] = "command"
    apply: tuple[str, ...] = Field(min_length=1, description="the program that brings a release there")
    observe: tuple[str, ...] = Field(min_length=1, description="the program that says in JSON what serves there")
    logs: tuple[str, ...] = Field((), description="the program that prints what the target's programs print")
    folder: str | None = Field(None, min_length=1, description="the folder that they run in")
    timeout: Duration = Field(timedelta(minutes=30), gt=timedelta(0), description="when an `apply` is ended")
    answer_within: Duration = Field(
        timedelta(seconds=20), gt=timedelta(0), description="when an `observe` or `logs` is ended"
    )
    environment: dict[str, str] = Field(default_factory=dict, description="more variables for them")
    secrets: Annotated[dict[str, str], NamesSecret()] = Field(
        default_factory=dict, description="more variables, each with the name of the secret that it holds"
    )

    @field_validator("apply", "observe", "logs")
    @classmethod
    def _has_known_places(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        known = _PLACES[str(info.field_name)]
        place = unknown(value, known)
        if place:
            near = get_close_matches(place, known, 1)
            there = ", ".join(f"{{{word}}}" for word in known)
            meant = f", did you mean {{{near[0]}}}?" if near else ""
            raise ValueError(f"{{{place}}} stands for nothing here; there are {there}{meant}")
        if value and (not value[0] or any("\0" in item for item in value)):
            raise ValueError("the name of a program was expected first, and text after it")
        return value

    @field_validator("environment", "secrets")
    @classmethod
    def _are_variables(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not _VARIABLE.fullmatch(name):
                raise ValueError(f"“{name}” is no variable's name: letters, digits and _ were expected")
            if name.startswith("SLIPWAY_"):
                raise ValueError(f"{name} is set by Slipway: leave it out")
        return value

    @field_validator("secrets")
    @classmethod
    def _are_names(cls, value: dict[str, str]) -> dict[str, str]:
        for variable, name in value.items():
            if not _VARIABLE.fullmatch(name):
                raise ValueError(
                    f"{variable} is to have the name of a secret, such as DEPLOY_TOKEN, and never its value"
                )
        return value

    @model_validator(mode="after")
    def _can_be_run(self) -> "Config":
        for argv in (self.apply, self.observe, self.logs):
            if argv and "/" in argv[0] and not argv[0].startswith("/") and self.folder is None:
                raise ValueError(f"“{argv[0]}” is looked for in a folder, and “folder” does not say in which")
        both = self.environment.keys() & self.secrets.keys()
        if both:
            raise ValueError(f"{min(both)} is both in “environment” and in “secrets”")
        return self
