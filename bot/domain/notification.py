"""One thing told to one, by one way: what was asked for, and how it ended, as far as that can be known."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.escalation import SLACK, Kind, Whom


class Verb(StrEnum):
    """What is asked of a way."""

    TELL = "tell"
    ACKNOWLEDGE = "acknowledge"  # what was told: somebody is at it
    RESOLVE = "resolve"  # what was told: it is over


class State(StrEnum):
    """How it stands. A `deferred` one waits until the person's quiet hours are over."""

    DUE = "due"
    DEFERRED = "deferred"
    ASKED = "asked"  # and no answer yet
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # asked, and there will be no answer
    DROPPED = "dropped"  # nobody needs to be told any more


WAITING = frozenset({State.DUE, State.DEFERRED, State.ASKED})


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of what is told. `number` is the step's, `place` the way's among the step's ways, the first is 0.

    `who` is whom it turned out to be (Slack user ids), `said` is the other side's word or why it failed, `flaw` what
    somebody is to mend. `by_hand` is
    who wanted it at once. `late` is how many seconds after its time the step was taken.
    """

    id: int
    escalation: int
    group_id: int
    whom: Whom
    way: str
    key: str
    turn: int = 0
    round: int = 0
    number: int = 0
    place: int = 0
    verb: Verb = Verb.TELL
    state: State = State.DUE
    who: tuple[str, ...] = ()
    said: str = ""
    flaw: str = ""
    attempts: int = 0
    follows: bool = False
    by_hand: str | None = None
    late: int = 0
    made_at: datetime | None = None
    asked_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def final(self) -> bool:
        """Whether it has ended."""
        return self.state not in WAITING

    @property
    def in_slack(self) -> bool:
        """Whether a card tells it."""
        return self.way in SLACK

    @property
    def in_channel(self) -> bool:
        """Whether it is told to a channel, and to nobody in particular."""
        return self.whom.kind is Kind.CHANNEL
