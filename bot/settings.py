"""What is set outside the catalog: tokens, addresses, folders; from the environment, or from a file `.env`.

Nothing is read at import: `read()` is called once, by the command that needs it. A wrong value is `Refused` with one
sentence that names the variable and never the value of a secret.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, PrivateAttr, SecretStr, StringConstraints, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from slack_sdk.web.base_client import BaseClient

from bot.catalog.expected import expected, found
from bot.domain.errors import Refused

ENV_FILE = Path(".env")
_SECRET = {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "DATABASE_URL"}

Digits = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")]


def _web_address(written: str) -> str:
    if not written.startswith(("http://", "https://")):
        raise ValueError("an address that begins with https:// or http://")
    return written.rstrip("/") + "/"


WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """One frozen value for the whole process. A field's alias is its variable."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, populate_by_name=True)

    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN", description="the bot's token, xoxb-…")
    slack_signing_secret: SecretStr | None = Field(
        None, alias="SLACK_SIGNING_SECRET", description="what Slack signs its requests with (HTTP mode)"
    )
    slack_app_token: SecretStr | None = Field(
        None, alias="SLACK_APP_TOKEN", description="the app-level token, xapp-…; setting it chooses Socket Mode"
    )
    slack_api_url: WebAddress = Field(
        BaseClient.BASE_URL, alias="SLACK_API_URL", description="where Slack's Web API is"
    )
    database_url: SecretStr | None = Field(
        None, alias="DATABASE_URL", description="a PostgreSQL of yours; without it, one is embedded"
    )
    catalog: Path = Field(Path("slipway.yml"), alias="SLIPWAY_CATALOG", description="the catalog")
    data: Path = Field(Path(".data"), alias="SLIPWAY_DATA", description="the folder for everything that is kept")
    host: str = Field("127.0.0.1", alias="SLIPWAY_HOST", min_length=1, description="the address the bot listens on")
    port: int = Field(8101, alias="SLIPWAY_PORT", ge=1, le=65535, description="the port the bot listens on")
    example_ports: Digits = Field(
        "82", alias="SLIPWAY_EXAMPLE_PORTS", description="first digits of the example services' ports: 82 gives 8211, …"
    )

    _env_file_read: Path | None = PrivateAttr(None)

    @property
    def environment(self) -> dict[str, str]:
        """Return what the settings were read from, for the secrets that the catalog names."""
        written = dotenv_values(self._env_file_read) if self._env_file_read else {}
        return {name: value for name, value in written.items() if value is not None} | dict(os.environ)

    @property
    def variables(self) -> dict[str, str]:
        """What the catalog may refer to as `${NAME}`."""
        return {"SLIPWAY_DATA": str(self.data.resolve()), "SLIPWAY_EXAMPLE_PORTS": self.example_ports}

    def check_tokens(self) -> None:
        """Refuse tokens that cannot be right; those that are not set are nobody's business here."""
        _refuse([_token("SLACK_BOT_TOKEN", self.slack_bot_token) if self.slack_bot_token else None, self._app_token()])

    def _app_token(self) -> str | None:
        return _token("SLACK_APP_TOKEN", self.slack_app_token) if self.slack_app_token else None

    def require_slack(self) -> None:
        """Refuse when what is needed to talk with Slack is missing or cannot be right."""
        problems = [_token("SLACK_BOT_TOKEN", self.slack_bot_token), self._app_token()]
        if self.slack_app_token is None and self.slack_signing_secret is None:
            problems.append(
                "SLACK_SIGNING_SECRET is not set; set it (for HTTP), or SLACK_APP_TOKEN (for Socket Mode). "
                "Both are in your app's settings at Slack."
            )
        _refuse(problems)


_PREFIXES = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}


def _refuse(problems: Sequence[str | None]) -> None:
    if any(problems):
        raise Refused("\n".join(problem for problem in problems if problem))


def _token(name: str, token: SecretStr | None) -> str | None:
    prefix = _PREFIXES[name]
    if token is None:
        return f"{name} is not set; it begins with {prefix} and is in your app's settings at Slack."
    if not token.get_secret_value().startswith(prefix):
        return f"{name} is not such a token: it must begin with {prefix}."
    return None


def read(given: Mapping[str, object] | None = None, *, env_file: Path | None = ENV_FILE) -> Settings:
    """Read the settings; what is `given` (by field name) goes before the environment, and that before the file.

    Raises `Refused` with one sentence for each variable that is wrong.
    """
    try:
        settings = Settings(_env_file=env_file, **(given or {}))  # type: ignore[arg-type]  # pydantic checks each field
    except ValidationError as error:
        sentences = [_sentence(detail) for detail in error.errors()]
        raise Refused("\n".join(sentences)) from None  # the original error would show the values
    settings._env_file_read = env_file  # noqa: SLF001 - it is this module's own
    return settings


def _sentence(detail: ErrorDetails) -> str:
    field = str(detail["loc"][0])
    name = next((f.alias or n for n, f in Settings.model_fields.items() if field in (n, f.alias)), field)
    wanted = expected(detail) or detail["msg"].removeprefix("Value error, ")
    if name in _SECRET:
        return f"{name} is wrong: expected {wanted}."
    return f"{name} is {found(detail['input'])}; expected {wanted}."
