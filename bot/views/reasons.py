"""Why something failed, as people read it: our sentence first, and what a program printed as it printed it."""

import re

from bot.domain.step import BESIDES
from bot.views.kit import Block, literal, preformatted

MOST, MOST_BODY, MOST_PRINTED = 1000, 120, 1500
_ANSWER = re.compile(r"(HTTP \d{3}): (?P<body>[^;\n]*)")
_MARKS = re.compile(r"<[^>]*>|[{}\[\]\"<>]")


def shown(reason: str) -> list[Block]:
    """Return a reason in full: the sentence, the lines that a program printed, and what is said besides."""
    said, _, besides = reason.partition(BESIDES)
    sentence, _, printed = said.partition("\n")
    blocks = [literal(_read(sentence), MOST)]
    if printed.strip():
        blocks.append(preformatted(printed.strip("\n")[-MOST_PRINTED:]))
    return [*blocks, *([literal(besides, MOST)] if besides else [])]


def brief(reason: str) -> str:
    """Return a reason in one line, for where many stand."""
    return _read(reason.split("\n", 1)[0])


def _read(sentence: str) -> str:
    """Return a sentence in which the body of an answer is its first words, without the marks of JSON or HTML."""
    return _ANSWER.sub(_words, sentence)


def _words(found: re.Match[str]) -> str:
    words = " ".join(_MARKS.sub(" ", found["body"]).replace(" :", ":").replace(" ,", ",").split())
    short = words if len(words) <= MOST_BODY else f"{words[:MOST_BODY].rsplit(' ', 1)[0]}…"
    return f"{found[1]}: {short}" if short else found[1]
