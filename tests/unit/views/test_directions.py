"""A line of ours reads from the left, though the name it begins with reads from the right."""

import pytest

from bot.views.kit import context, outside, section, spoken

LAYLA = outside("ليلى حداد")


@pytest.mark.parametrize(
    "line",
    [f"*{LAYLA}* is at it", f"✓ {LAYLA} was told", f"🔴 <https://a.example|{LAYLA}> · group 1", f"{LAYLA}, until"],
)
def test_a_line_that_begins_with_such_a_name_is_told_to_read_from_the_left(line: str) -> None:
    for block in (section(f"On call\n{line}"), context(f"On call\n{line}")):
        assert spoken([block]).split("\n")[1].startswith("\u200e")


@pytest.mark.parametrize("line", ["Selma is at it", f"On call: {LAYLA}, until", LAYLA, f"{LAYLA}\nAnother line", ""])
def test_any_other_line_is_as_it_was(line: str) -> None:
    assert "\u200e" not in spoken([section(line)])
