"""Why something failed is read at a glance, and a program's own lines stay as it printed them."""

import pytest

from bot.views.reasons import brief, shown


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ('verify: HTTP 500: {"status":"down","why":"no index"}', "verify: HTTP 500: status: down, why: no index"),
        ("verify: HTTP 502: <html><head><title>Bad gateway", "verify: HTTP 502: Bad gateway"),
        ("verify: HTTP 503: {}", "verify: HTTP 503"),
        ("bake: HTTP 500; errors is 0.2", "bake: HTTP 500; errors is 0.2"),
        ("apply: exit code 1\nTraceback", "apply: exit code 1"),
    ],
)
def test_of_an_answer_the_status_and_the_first_words_are_said(reason: str, words: str) -> None:
    assert brief(reason) == words


def test_a_long_answer_ends_at_a_word() -> None:
    said = brief("HTTP 500: " + "word " * 60)

    assert said == f"HTTP 500: {'word ' * 23}word…"


def test_what_a_program_printed_is_in_fixed_pitch_and_what_follows_is_not() -> None:
    sentence, printed, besides = shown("apply: exit code 1\nTraceback:\n  *x*\n\n1.0.0 serves there.")

    assert sentence["text"] == {"type": "plain_text", "text": "apply: exit code 1", "emoji": False}
    assert printed["type"] == "rich_text"
    assert "Traceback:\\n  *x*" in str(printed)
    assert besides["text"] == {"type": "plain_text", "text": "1.0.0 serves there.", "emoji": False}
