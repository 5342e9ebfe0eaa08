"""Settings come from the environment or .env; what is wrong is named, and no secret is ever said."""

from pathlib import Path

import pytest

from bot.domain.errors import Refused
from bot.settings import Settings, read


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)


def test_everything_has_a_default_but_secrets() -> None:
    settings = read(env_file=None)

    assert settings.slack_api_url == "https://slack.com/api/"
    assert (settings.host, settings.port) == ("127.0.0.1", 8101)
    assert settings.slack_bot_token is None
    assert settings.variables["SLIPWAY_DATA"] == str(Path(".data").resolve())


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "env"
    file.write_text("SLIPWAY_PORT=9000\nSLIPWAY_HOST=0.0.0.0\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("SLIPWAY_PORT", "9001")
    settings = read(env_file=file)

    assert (settings.host, settings.port) == ("0.0.0.0", 9001)  # noqa: S104 - read, not listened on
    assert read({"port": 9002}, env_file=file).port == 9002


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")

    assert read(env_file=None).database_url is None


def test_each_wrong_variable_gets_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_PORT", "eighty")
    monkeypatch.setenv("SLACK_API_URL", "slack.com")
    with pytest.raises(Refused) as refused:
        read(env_file=None)
    first, second = sorted(str(refused.value).splitlines())

    assert first == "SLACK_API_URL is “slack.com”; expected an address that begins with https:// or http://."
    assert second == "SLIPWAY_PORT is “eighty”; expected a whole number."


def test_secrets_are_covered() -> None:
    settings = read({"slack_bot_token": "xoxb-1-hush", "database_url": "postgresql://u:hush@h/d"}, env_file=None)

    assert "hush" not in repr(settings)
    assert "hush" not in str(settings.model_dump())


def test_talking_with_slack_needs_a_token_and_a_way_in() -> None:
    with pytest.raises(Refused) as nothing:
        read(env_file=None).require_slack()
    with pytest.raises(Refused) as swapped:
        read({"slack_bot_token": "xapp-hush", "slack_app_token": "xoxb-hush"}, env_file=None).require_slack()

    assert "SLACK_BOT_TOKEN is not set" in str(nothing.value)
    assert "SLACK_SIGNING_SECRET is not set; set it (for HTTP), or SLACK_APP_TOKEN (for Socket Mode)" in str(
        nothing.value
    )
    assert "SLACK_BOT_TOKEN is not such a token: it must begin with xoxb-." in str(swapped.value)
    assert "hush" not in str(swapped.value)
    read({"slack_bot_token": "xoxb-1", "slack_signing_secret": "s"}, env_file=None).require_slack()
    read({"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}, env_file=None).require_slack()
