"""`slipway`: its words come from the folder, and a person's no is a sentence with exit code 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import __version__
from bot.cli import application, root, summary, words
from bot.domain.errors import Refused
from bot.listening import bound


def test_the_words_of_the_issue_are_there() -> None:
    assert words() == ["up", "serve", "backup", "config", "db", "doctor", "incidents", "ledger", "manifest", "version"]


@pytest.mark.parametrize("word", words())
def test_each_word_says_in_one_line_what_it_does(word: str) -> None:
    line = summary(word)

    assert line.endswith(".")
    assert line[0].isupper()


@pytest.mark.parametrize("word", words())
def test_each_word_has_help(word: str) -> None:
    answer = CliRunner().invoke(application(word), ["--help"])

    assert answer.exit_code == 0
    assert "Usage" in answer.output


def test_help_names_every_word_without_importing_it() -> None:
    answer = CliRunner().invoke(root(), ["--help"])

    assert answer.exit_code == 0
    assert all(word in answer.output for word in words())


def slipway(*argv: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run it like a person would type it, in a folder, with more variables."""
    environment = os.environ | variables
    words = [sys.executable, "-m", "bot.cli", *argv]
    return subprocess.run(words, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=60)


def test_version(tmp_path: Path) -> None:
    assert __version__ in slipway("version", folder=tmp_path).stdout


def test_a_wrong_catalog_is_a_sentence_with_its_place_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("organisation: [\n")
    answer = slipway("config", "check", "mine.yml", folder=tmp_path)

    assert answer.returncode == 1
    assert answer.stderr.startswith("mine.yml:2:1: this is not YAML")
    assert "Traceback" not in answer.stderr


def test_a_wrong_setting_is_a_sentence_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLIPWAY_PORT=eighty\n")
    answer = slipway("config", "check", folder=tmp_path)

    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("SLIPWAY_PORT is “eighty”")


def test_serving_without_tokens_says_which_are_missing(tmp_path: Path) -> None:
    answer = slipway("serve", folder=tmp_path)

    assert answer.returncode == 1
    assert "SLACK_BOT_TOKEN is not set" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_serving_on_a_port_in_use_says_who_has_it_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-1\nSLACK_SIGNING_SECRET=s\n")
    with bound("127.0.0.1", 0, instead="another") as (taken,):
        port = taken.getsockname()[1]
        answer = slipway("serve", "--port", str(port), folder=tmp_path)

    assert answer.stderr.startswith(f"Port {port} is in use by ")
    assert answer.stderr.endswith(
        f"(process {os.getpid()}); stop that, or say another with --host or --port (SLIPWAY_HOST, SLIPWAY_PORT).\n"
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert [one.name for one in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_ours_is_refused(host: str) -> None:
    with (
        pytest.raises(Refused, match=f"This machine has no address “{host}” to listen at; say another"),
        bound(host, 0, instead="another"),
    ):
        pass


def test_an_unknown_word_is_a_usage_error(tmp_path: Path) -> None:
    answer = slipway("upp", folder=tmp_path)

    assert answer.returncode == 2
    assert "Did you mean 'up'" in answer.stderr


def test_up_says_which_catalog_it_uses(tmp_path: Path) -> None:
    catalog = tmp_path / "mine.yml"
    catalog.write_text("organisation: [\n")
    answer = slipway("up", "--data", "data", folder=tmp_path, SLIPWAY_CATALOG="mine.yml")

    assert f"catalog {catalog}\n" in answer.stderr
    assert answer.returncode == 1


def test_containers_by_a_catalog_of_ones_own_are_a_contradiction(tmp_path: Path) -> None:
    answer = slipway("up", "--docker", folder=tmp_path, SLIPWAY_CATALOG="mine.yml")

    assert answer.stderr == (
        "--docker runs the sample services by a catalog of their own, and SLIPWAY_CATALOG names mine.yml; "
        "leave out one of the two.\n"
    )
    assert (answer.returncode, list(tmp_path.iterdir())) == (1, [])


@pytest.mark.parametrize("option", ["--into", "--key"])
def test_the_address_itself_is_not_repeated_where_its_secrets_name_was_wanted(tmp_path: Path, option: str) -> None:
    options = {"--into": "DB", "--key": "KEY", option: "postgresql://shop:pa55w0rd@db/shop"}
    answer = slipway("backup", "restore", "one", *(word for pair in options.items() for word in pair), folder=tmp_path)

    assert answer.returncode == 1
    assert answer.stderr.startswith(f"{option} wants the name of a secret")
    assert "pa55w0rd" not in answer.stderr
