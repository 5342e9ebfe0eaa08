"""The words and reactions by which somebody says, in the thread of a card or on it, that they are at an alert."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from .fields import Model

LONGEST = 80  # characters; longer than this is talk
_ADDRESSED = re.compile(r"^\s*(?:<@[UW][A-Z0-9]+(?:\|[^>]*)?>[\s,:]*)+")
_AROUND = re.compile(r"^[\s*_~`]+|[\s*_~`.,;:!?…)]+$")
_EMOJI = re.compile(r"(?:\s*:[a-z0-9_+'-]+:(?::skin-tone-[2-6]:)?)+\s*$")
_NAME = "an emoji's name, without colons and skin tone, such as eyes"


def plain(text: str) -> str:
    """Return what somebody said as words are compared: whatever the case, the marks around it and the emoji after."""
    bare = _EMOJI.sub("", _ADDRESSED.sub("", text))
    bare = _AROUND.sub("", unicodedata.normalize("NFKC", bare)).replace("’", "'")
    return " ".join(bare.casefold().split())


def _word(written: str) -> str:
    if not plain(written):
        raise ValueError(f"“{written}” has only marks in it, and no word; write for example ack")
    return plain(written)


def _emoji(written: str) -> str:
    if not re.fullmatch(r"[a-z0-9_+'-]+", written):
        raise ValueError(f"“{written}” is not {_NAME}")
    return written


Said = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(_word)]
Reaction = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_emoji)]


class Heeded(Model):
    """What is heeded where it is the whole of a message. Reactions are emoji, in whatever colour of skin."""

    words: tuple[Said, ...] = Field(
        ("ack", "acknowledged", "on it", "looking"),
        description="what says in the thread of a card that one is at it, in whatever case",
    )
    take_back: tuple[Said, ...] = Field(("unack",), description="what says there that one no longer is")
    reactions: tuple[Reaction, ...] = Field(
        ("eyes", "raising_hand"), description="the emoji that say so on a card, by name; taking one away takes it back"
    )

    def means_at_it(self, text: str) -> bool:
        """Whether a message says that somebody is at it, and nothing else."""
        return len(text) <= LONGEST and plain(text) in self.words

    def means_no_longer(self, text: str) -> bool:
        """Whether a message says that somebody no longer is, and nothing else."""
        return len(text) <= LONGEST and plain(text) in self.take_back

    def means_hand(self, reaction: str) -> bool:
        """Whether a reaction says that somebody is at it."""
        return reaction.partition("::")[0] in self.reactions
