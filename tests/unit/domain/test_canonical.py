"""One value, one text, one digest: on every machine and in every order."""

import json
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.canonical import canonical, sha256
from bot.domain.outdated import differences
from bot.domain.plan import read
from tests.unit.domain.samples import a_plan, a_planned


class Colour(StrEnum):
    RED = "red"


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(plain)
def test_the_text_says_what_the_value_was(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(), plain, min_size=2))
def test_the_order_in_which_a_mapping_was_made_does_not_matter(value: dict[str, object]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(plain)
def test_what_was_read_back_is_written_the_same(value: object) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


def test_one_moment_in_two_zones_is_one_text() -> None:
    windhoek = timezone(timedelta(hours=2))

    assert canonical(datetime(2026, 3, 2, 11, tzinfo=windhoek)) == canonical(datetime(2026, 3, 2, 9, tzinfo=UTC))


def test_a_time_without_a_zone_means_something_else_on_every_machine_and_is_refused() -> None:
    with pytest.raises(TypeError, match="zone"):
        canonical(datetime(2026, 3, 2, 9))  # noqa: DTZ001 - that is the test


def test_words_durations_and_tuples_have_their_forms() -> None:
    assert canonical({"b": (Colour.RED, timedelta(seconds=1.5)), "a": None}) == '{"a":null,"b":["red","1500ms"]}'


@pytest.mark.parametrize("value", [1.5, {1, 2}, b"bytes", object()])
def test_what_two_machines_might_write_in_two_ways_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical({"deep": [value]})


def test_text_of_every_script_and_even_half_a_character_has_a_digest() -> None:
    assert sha256(canonical("ليلى ǃGaeb 🚢")) == sha256(canonical("ليلى ǃGaeb 🚢"))
    assert len(sha256(canonical("\ud800"))) == 64


def test_a_plan_read_from_its_text_has_the_digest_that_was_approved() -> None:
    plan = a_plan(a_planned(), a_planned("frontend", before=None))

    again = read(plan.text)

    assert again == plan
    assert again.digest == plan.digest
    assert differences(plan, again) == []


def test_a_plan_of_another_artefact_has_another_digest() -> None:
    from_one, to_other = a_plan(), a_plan(a_planned(config={"backend": {"kind": "process", "port": 8212}}))

    assert from_one.digest != to_other.digest


def test_the_digest_of_a_known_plan_is_what_it_always_was() -> None:
    """Approvals in the ledger are bound to digests: a new release of Slipway must not move them."""
    assert a_plan().digest == "ed137fbd44a8fdbf9a9e502ba4fd782d608f9f14db05b130fd60abbc781ec45d"
