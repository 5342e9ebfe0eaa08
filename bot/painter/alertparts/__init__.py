"""What the card of an alert group shows besides the alerts themselves: one file = one part.

Silences, escalation, who is on call, the deploy before it: each reads its own rows and says its own lines and buttons,
and the card knows none of them.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.ledger.ledger import Tx
from bot.views.kit import Block
from bot.world import World


@dataclass(frozen=True, slots=True)
class Added:
    """What a part adds: `blocks` under the alerts, and `buttons` beside Acknowledge.

    One that `hushes` keeps the card from calling anybody.
    """

    blocks: Sequence[Block] = field(default_factory=tuple)
    buttons: Sequence[Block] = field(default_factory=tuple)
    hushes: bool = False


Draw = Callable[[], Awaitable[Added]]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the card. `place` orders them: 10 is the cause, 20 who is on call, 30 escalation, 40 silences, 50 more.

    `read` reads its rows within the transaction; what it returns draws after it, and may ask for names. The rows it
    reads have the card touched (`cards.touch`) when they change.
    """

    name: str
    place: int
    read: Callable[[World, Tx, Group, Sequence[Alert]], Awaitable[Draw]]
