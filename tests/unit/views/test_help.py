"""The help is read at a glance: a line for each word, and all of one word where that is asked for."""

from bot.sandbox.validation import check_blocks
from bot.views.help import one
from bot.vocabulary import Vocabulary


def test_the_help_is_a_line_for_each_word() -> None:
    vocabulary = Vocabulary.found()
    page = vocabulary.help()

    assert check_blocks(list(page.blocks), surface="message") == []
    lines = str(page.blocks[1]["text"]["text"]).split("\n")  # type: ignore[index]  # blocks are plain JSON
    assert len(lines) == len(vocabulary.lines())
    assert "`/status [environment]` What is live where, since when, by whom" in lines


def test_what_is_asked_of_one_word_has_its_examples() -> None:
    line = next(line for line in Vocabulary.found().lines() if line.word == "deploy")

    assert "`/deploy staging`" in str(one(line).blocks)
