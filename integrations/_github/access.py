"""How Slipway is let in at GitHub: by a token or as a GitHub App, at github.com or at a GitHub Enterprise."""

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.ports import NamesSecret, SecretName

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9._-]+")
_TOKEN = "GITHUB_TOKEN"  # noqa: S105 - the name of a secret, not one


class Access(BaseModel):
    """The part of a section that says which repository, and who asks: a token, or an App that is installed on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repository: str = Field(description="the repository: `owner/name`")
    token: Annotated[str | None, NamesSecret(_TOKEN)] = Field(
        None, description="the name of the secret that holds a token; without an App: `GITHUB_TOKEN`"
    )
    app: int | None = Field(None, ge=1, description="the id of a GitHub App, instead of a token")
    installation: int | None = Field(None, ge=1, description="the id of the App's installation")
    app_key: SecretName = Field("GITHUB_APP_KEY", description="the name of the secret that holds the App's private key")
    api: str = Field("https://api.github.com", description="where the API is; Enterprise Server: `https://host/api/v3`")

    @field_validator("repository")
    @classmethod
    def _is_repository(cls, value: str) -> str:
        if not _REPOSITORY.fullmatch(value) or value.endswith(".git"):
            raise ValueError(f"“{value}” is not a repository at GitHub: write owner/name, such as octocat/hello-world")
        return value

    @field_validator("api")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise ValueError(f"“{value}” is not the address of an API, such as https://github.example.com/api/v3")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.app is None) != (self.installation is None):
            raise ValueError("an App needs both: `app`, its id, and `installation`, the id of its installation")
        if self.app is not None and self.token is not None:
            raise ValueError("there is a `token` and an `app`: leave one of them out")
        return self

    @property
    def access(self) -> "Access":
        """This part alone, of a section that has more."""
        return Access(**{name: getattr(self, name) for name in Access.model_fields})

    @property
    def secret(self) -> str:
        """The name of the secret that lets us in."""
        return self.app_key if self.app is not None else self.token or _TOKEN

    @property
    def web(self) -> str:
        """Where people, and git, find what the API is about."""
        parts = urlsplit(self.api)
        return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
