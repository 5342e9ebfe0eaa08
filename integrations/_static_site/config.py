"""A target's `backend` section of the kind `static_site`."""

import os.path
import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.ports import NamesSecret
from integrations._durations import Duration

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_SECRET = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Bucket(BaseModel):
    """An S3-compatible bucket, and who we are to it: secrets by their names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="the bucket's name")
    region: str = Field("us-east-1", min_length=1, description="the region it is in")
    endpoint: str | None = Field(None, description="the store's address, when it is not Amazon's")
    prefix: str = Field("", description="where in the bucket the site lies, such as `frontend`")
    access_key: Annotated[str, NamesSecret()] = Field(
        description="the name of the secret that holds the access key's id"
    )
    secret_key: Annotated[str, NamesSecret()] = Field(
        description="the name of the secret that holds the secret access key"
    )
    session_token: Annotated[str, NamesSecret()] | None = Field(
        None, description="the name of the secret that holds a session token"
    )
    serve: Literal["pointer", "copies"] = Field(
        "pointer",
        description="`pointer`: a web server asks where the release is; `copies`: its files also lie at the prefix",
    )
    conditional: bool = Field(True, description="`false` for a store that knows no conditional writes")  # noqa: FBT003 - pydantic's form

    @field_validator("name")
    @classmethod
    def _is_bucket(cls, value: str) -> str:
        if not _BUCKET.fullmatch(value):
            raise ValueError(f"“{value}” is no bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens")
        return value

    @field_validator("endpoint")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", value):
            raise ValueError(f"“{value}” is no address of a store: https://host or http://host:port was expected")
        return value

    @field_validator("prefix")
    @classmethod
    def _is_prefix(cls, value: str) -> str:
        parts = value.strip("/").split("/") if value.strip("/") else []
        if any(part in {"", ".", ".."} or not part.isprintable() for part in parts):
            raise ValueError(f"“{value}” is no prefix: names with / between them were expected, such as sites/frontend")
        return "/".join(parts)

    @field_validator("access_key", "secret_key", "session_token")
    @classmethod
    def _names_secret(cls, value: str | None) -> str | None:
        if value is not None and not _SECRET.fullmatch(value):
            raise ValueError(
                "this is not the name of a secret: letters, digits and _ were expected, such as SITE_SECRET_KEY; "
                "its value goes into the bot's environment under that name"
            )
        return value


class Config(BaseModel):
    """A target's `backend` section: where the site is published, a `directory` or a `bucket`, and how.

    `check` is run in a copy of the release before it goes live, and must end with 0. In `cache` the first pattern that
    fits a path decides; what none fits is kept for a year when its name holds a fingerprint, and is asked for anew
    each time when it does not.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["static_site"] = "static_site"
    directory: str | None = Field(None, description="the folder that holds `current`, the link a web server serves")
    bucket: Bucket | None = Field(None, description="an S3-compatible bucket: `name`, `access_key`, `secret_key`, …")
    keep: int = Field(5, ge=1, le=1000, description="how many releases stay there, to go back to at once")
    check: tuple[str, ...] = Field(
        (), description="a program and its arguments, run in a copy of the release before it goes live"
    )
    check_within: Duration = Field(timedelta(minutes=1), gt=timedelta(0), description="how long the check may take")
    cache: dict[str, str] = Field(
        default_factory=dict, description="in a bucket: patterns of paths, and the Cache-Control of what fits them"
    )

    @property
    def claims(self) -> dict[str, str]:
        """Return what no other target may have: what one publishes, another would take away."""
        if self.bucket is None:
            return {"directory": f"the directory {os.path.normpath(str(self.directory))}"}
        there, prefix = self.bucket.endpoint or "Amazon's S3", f"/{self.bucket.prefix}" if self.bucket.prefix else ""
        return {"bucket": f"the bucket {self.bucket.name}{prefix} of {there.rstrip('/')}"}

    @field_validator("directory")
    @classmethod
    def _is_absolute(cls, value: str | None) -> str | None:
        if value is not None and (not value.startswith("/") or not value.strip("/") or "\0" in value):
            raise ValueError(f"“{value}” is no folder's path from the root on, such as /srv/www/frontend")
        return value

    @field_validator("cache")
    @classmethod
    def _are_headers(cls, value: dict[str, str]) -> dict[str, str]:
        for pattern, header in value.items():
            if not re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", header):
                raise ValueError(f"“{header}” (for {pattern}) is no Cache-Control, such as no-cache or max-age=300")
        return value

    @model_validator(mode="after")
    def _has_one_place(self) -> "Config":
        if (self.directory is None) == (self.bucket is None):
            raise ValueError("either “directory” or “bucket” says where the site is published, one of the two")
        if self.directory is not None and self.cache:
            raise ValueError("“cache” goes with a bucket: of a directory the web server says how long to keep what")
        return self
