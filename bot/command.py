"""What a command, a button and a form are: each introduces itself from its own file in commands/.

`COMMAND`, `BUTTONS`, `FORMS` and `HEARD` are found by the walk of the folder; help and manifest follow from them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from bot.domain.errors import Refused
from bot.ledger import requests
from bot.ledger.requests import Deed
from bot.views.kit import Message
from bot.world import World

Modal = dict[str, object]
LARGEST_NUMBER = 10**18 - 1  # of anything in the ledger; what a bigint surely holds


@dataclass(frozen=True, slots=True)
class Open:
    """An answer that opens a modal."""

    modal: Modal


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer to a form: what is wrong with which of its inputs (by block id)."""

    errors: Mapping[str, str]


Answer = Message | Open | Wrong | None


@dataclass(frozen=True, slots=True)
class Context:
    """Who says it, where, and the deed's own id, by which the same deed twice is recognised.

    `thread` is the message in whose thread it was said or pressed: what is answered for this person alone is there too.
    """

    world: World
    person: str
    channel: str
    key: str
    thread: str | None = None

    async def ask(self, word: str, wish: BaseModel) -> None:
        """Write down what was asked for, without secrets; a job plans it, and a card or a whisper answers."""
        args = self.world.covered(wish.model_dump(mode="json"))
        deed = Deed(self.key, self.person, self.channel, word, args)
        await requests.take_at_once(self.world.ledger, deed, at=self.world.clock.now())


@dataclass(frozen=True, slots=True)
class Command:
    """A word people type. `args` is the parser, the usage line and the help; `blank` answers the bare word.

    One that names people (`mentions`) is told by Slack who is meant by @somebody: `<@U…|somebody>`.
    """

    name: str
    summary: str
    args: type[BaseModel]
    run: Callable[..., Awaitable[Answer]]
    blank: Callable[[Context], Awaitable[Answer]] | None = None
    examples: Sequence[str] = field(default_factory=tuple)
    mentions: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A button: its action is a word; `press` gets the number that is its value, and reads how things stand now."""

    action: str
    press: Callable[[int, Context], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody filled in: values by action id, and what the modal was about."""

    values: Mapping[str, str | tuple[str, ...] | None]
    about: str

    @property
    def number(self) -> int:
        """The number of what the modal was about; `Refused` when it was about nothing numbered."""
        return number_of(self.about)


def number_of(subject: object) -> int:
    """Return the number in a subject (`change:42`, or 42 alone); `Refused` when it has none that could be ours."""
    bare = str(subject or "").rpartition(":")[2]
    if not bare.isascii() or not bare.isdecimal() or len(bare) > len(str(LARGEST_NUMBER)):
        raise Refused("That is about nothing I know; it may be from another time.")
    return int(bare)


@dataclass(frozen=True, slots=True)
class Form:
    """A modal that can be sent off."""

    callback: str
    submit: Callable[[Submission, Context], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody said or did beside the commands: a message's text, or a reaction's name, at a message of ours.

    `thread_ts` is the message in whose thread it was said, or that was reacted to; `at` is when, by Slack's clock: of
    what one person says in one place, later is larger.
    """

    said: str
    channel: str
    thread_ts: str
    at: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """What is listened for: replies in threads (`message`), or reactions (`reaction_added`, `reaction_removed`).

    `hear` answers None where it is not meant: people also talk to each other. It is asked of every word that is said
    wherever Slipway is, so it decides by the words first, and asks the ledger only then.
    """

    event: str
    hear: Callable[[Heard, Context], Awaitable[Answer]]
