"""Buttons fit a phone: a few in a row, the rest in a menu; what asks before it acts stays where it can ask."""

from bot.sandbox.validation import check_blocks
from bot.slack.payload import meant
from bot.views.kit import Sure, button, toolbar

SURE = Sure("Sure?", "It is done at once.", "Do it")


def test_few_buttons_are_a_row() -> None:
    (row,) = toolbar([button("ack", "Acknowledge", 7)])

    assert row["elements"] == [button("ack", "Acknowledge", 7)]
    assert toolbar([]) == []


def test_the_rest_is_a_menu_whose_choices_mean_the_same() -> None:
    many = [button(f"do-{one}", f"Do {one}", 7) for one in range(13)]
    blocks = toolbar(many)

    assert check_blocks(blocks, surface="message") == []
    (row,) = blocks
    elements = row["elements"]
    assert isinstance(elements, list)
    assert [one["type"] for one in elements] == ["button"] * 4 + ["overflow"] * 2
    chosen = [choice for menu in elements[4:] for choice in menu["options"]]
    pressed = [meant({"type": "overflow", "action_id": "more-0", "selected_option": one}) for one in chosen]
    assert pressed == [meant(one) for one in many[4:]]


def test_what_asks_first_stays_in_the_row() -> None:
    (row,) = toolbar([*(button(f"do-{one}", "Do", 7) for one in range(5)), button("harm", "Harm", 7, sure=SURE)])

    assert "harm" in [one["action_id"] for one in row["elements"]]  # type: ignore[attr-defined]  # blocks are plain JSON
