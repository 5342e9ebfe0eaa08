"""The call: one message in the thread of a card, to who asked for something that did not end well.

Of a migration that there is no way back from, a message says there how the data from before it comes back.

The card itself is edited, and an edited message pings nobody. A call is posted once, with a mention of the one person,
and says why, and what stands there now.
"""

from collections.abc import Sequence

from bot.domain.crossing import Crossing, restoring, what_ran
from bot.domain.operation import Operation, State
from bot.views.kit import Block, Message, code, context, literal, outside, preformatted, said, section
from bot.views.operations import ended, next_step
from bot.views.pictures import ChangePicture, OperationPicture
from bot.views.reasons import shown

SIGNS = {State.FAILED: "❌", State.ROLLED_BACK: "↩", State.UNKNOWN: "❓"}


def call(picture: ChangePicture, one: OperationPicture) -> Message:
    """Return the call about one operation of a change."""
    op = one.op
    how = ended(picture, one) or op.state.replace("_", " ")
    what = f"*{outside(str(op.target))}* {code(one.planned.to.version)}"
    blocks: list[Block] = [section(f"{SIGNS.get(op.state, '✅')} <@{picture.change.asked_by}> {what}: {how}")]
    if op.reason and op.state in SIGNS:
        blocks += shown(op.reason)
    on = next_step(picture, one)
    return said([*blocks, *([context(on)] if on else [])])


def restore(op: Operation, crossed: Sequence[Crossing]) -> Message:
    """Return how the data from before an operation's migration comes back: what it is, and the command."""
    first = crossed[:1]
    if not first:  # a person has said meanwhile that what the operation found is good on the new data
        return said([literal(f"{op.target}: nothing is in the way back any more.")])
    how, command = restoring(first[0])
    told = literal(f"⚠️ {what_ran(first)} {how}")
    return said([told, *([preformatted(command)] if command else [])])
