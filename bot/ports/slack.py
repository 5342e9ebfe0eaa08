"""What Slack is asked: who people are, and to hang cards where they are seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack. `zone` is an IANA time zone name."""

    id: str
    name: str
    zone: str = "UTC"
    deleted: bool = False
    guest: bool = False
    bot: bool = False

    @property
    def has_say(self) -> bool:
        """Whether being in a group gives them a right."""
        return not (self.deleted or self.guest or self.bot)


class Directory(Protocol):
    """Who people are, and which groups they belong to."""

    async def person(self, user_id: str) -> Person:
        """Return the person; `GaveUp` when there is no such user."""

    async def members(self, usergroup: str) -> frozenset[str]:
        """Return the user ids in a Slack usergroup, by its handle; `GaveUp` when there is no such group."""

    async def renew(self, usergroup: str) -> frozenset[str]:
        """Return the same, asked anew; what was remembered of the group is replaced."""

    async def with_say(self, people: Iterable[str], *, anew: bool = False) -> frozenset[str]:
        """Return those of the people who have a say; who is not known has none. `anew`: nothing is remembered."""

    async def mention(self, usergroup: str) -> str:
        """Return the mark-up that calls a usergroup, or its bare handle when there is no such group."""

    def link(self, channel: str, ts: str) -> str | None:
        """Return where a message is read, without asking Slack; None while the workspace's address is not known."""


class Unclear(Exception):  # noqa: N818 - it says what is known: nothing
    """Something was sent off and no answer came: it may have been done or not. Look before doing it again."""


class Gone(Exception):  # noqa: N818 - it says what is known
    """The message, or the channel it should be in, is no longer there; `place` says which."""

    def __init__(self, place: Literal["message", "channel"], reason: str) -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is: a channel's id and the message's timestamp in it."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A message as it goes to Slack: text, blocks, and the metadata by which it is found again."""

    text: str
    blocks: Sequence[Mapping[str, object]]
    metadata: Mapping[str, object] = field(default_factory=dict)


class Board(Protocol):
    """Where cards hang: Slack's channels. `Retry` carries how long a 429 asks to wait; see `Unclear` and `Gone`."""

    async def channel_id(self, name: str) -> str:
        """Return the id of a channel by its name, or of the conversation with a person; an id is returned as it is."""

    async def post(self, channel: str, paper: Paper, *, thread_ts: str | None = None) -> Place:
        """Post a message, in a thread where one is given. A person's id as the channel is a direct message."""

    async def update(self, place: Place, paper: Paper) -> None:
        """Replace what a message shows."""

    async def find(self, channel: str, card: str, *, since: datetime, thread_ts: str | None = None) -> Place | None:
        """Look for the message of a card among what was posted since a time, by its metadata."""

    async def whisper(self, channel: str, person: str, paper: Paper, *, thread_ts: str | None = None) -> None:
        """Tell one person something that nobody else sees, in a channel or, where that is not possible, directly.

        In a thread only where somebody has said something in it: Slack shows no whisper in one that is empty.
        """
