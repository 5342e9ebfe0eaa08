"""The call: one message in the thread of a card, to who asked for something that did not end well.

The card itself is edited, and an edited message pings nobody. A call is posted once, with a mention of the one person,
and says why, and what stands there now.
"""

from bot.domain.operation import State
from bot.views.kit import Block, Message, code, context, outside, said, section
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
