"""What people type becomes checked arguments, or a sentence that names the word and the way out."""

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from bot.domain.errors import Refused
from bot.words import LONGEST, Option, hint, parse, split


class Deploy(BaseModel):
    environment: str
    words: tuple[str, ...] = Field((), title="service…")
    dry_run: bool = False
    reason: Annotated[str, Option("why")] = ""
    copies: Annotated[int, Option("number")] = 1


def read(text: str) -> Deploy:
    return parse(text, Deploy, command="deploy")


def test_words_fill_the_places_in_order_and_the_rest_goes_on() -> None:
    assert read("staging backend 1.4.0") == Deploy(environment="staging", words=("backend", "1.4.0"))


def test_an_option_takes_words_until_the_next_one() -> None:
    asked = read("staging --reason the search is broken --dry-run backend")

    assert asked.reason == "the search is broken"
    assert asked.dry_run
    assert asked.words == ("backend",)


def test_an_option_may_be_given_with_an_equals_sign() -> None:
    assert read("staging --reason=hotfix now").reason == "hotfix now"


@pytest.mark.parametrize("text", ['staging --reason "a --dry-run b"', "staging --reason “a --dry-run b”"])
def test_quotation_marks_hold_words_together_straight_or_typographic(text: str) -> None:
    asked = read(text)

    assert asked.reason == "a --dry-run b"
    assert not asked.dry_run


def test_a_dash_that_slack_made_of_two_is_read_as_two() -> None:
    assert read("staging —dry-run").dry_run


def test_an_apostrophe_is_part_of_its_word() -> None:
    assert [word for word, _ in split("don't stop o'clock")] == ["don’t", "stop", "o’clock"]


@pytest.mark.parametrize("name", ["ליאור", "développement", "環境"])
def test_words_of_any_script_are_words(name: str) -> None:
    assert read(name).environment == name


def test_a_missing_word_is_named_with_the_usage() -> None:
    with pytest.raises(Refused, match=r"Say which environment. Usage: `/deploy <environment> \[service……\]"):
        read("")


def test_a_wrong_option_is_named_with_the_nearest_right_one() -> None:
    with pytest.raises(Refused, match=r"“--dryrun” is not an option of /deploy. Did you mean --dry-run\?"):
        read("staging --dryrun")


def test_a_wrong_value_is_named() -> None:
    with pytest.raises(Refused, match="copies “many”"):
        read("staging --copies many")


def test_what_is_too_long_is_refused_as_a_whole() -> None:
    with pytest.raises(Refused, match=f"{LONGEST + 10} characters, and I read {LONGEST}"):
        read("x" * (LONGEST + 10))


def test_the_hint_shows_every_field_as_it_is_typed() -> None:
    assert hint(Deploy) == " <environment> [service……] [--dry-run] [--reason why] [--copies number]"
