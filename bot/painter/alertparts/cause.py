"""The deploy that may have caused an alert group, and the way back from it."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group, State
from bot.domain.cause import Cause
from bot.domain.operation import State as OperationState
from bot.domain.target import Target
from bot.ledger import causes, changes, operations, releases, steps
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.painter.pictures.change import one as pictured
from bot.usecases.reading import links
from bot.views import causes as view
from bot.views.causes import CausePicture
from bot.world import World

MOST = 3  # targets of which the card says it


async def read(world: World, tx: Tx, group: Group, _: Sequence[Alert]) -> Draw:
    """Read what was seen, and how that stands by now."""
    newest: dict[Target, Cause] = {}
    for cause in await causes.of_group(tx, group.id):
        if cause.operation is not None:
            newest[cause.target] = cause
    found = [one for cause in list(newest.values())[:MOST] if (one := await _picture(world, tx, group, cause))]

    async def draw() -> Added:
        names = await world.names({one.by for one in found})
        named = [replace(one, by=names.get(one.by, one.by)) for one in found]
        return Added(view.before(named), view.way_back(named))

    return draw


async def _picture(world: World, tx: Tx, group: Group, cause: Cause) -> CausePicture | None:
    op = await operations.get(tx, cause.operation or 0)
    change = await changes.get(tx, op.change_id) if op else None
    release = await releases.get(tx, op.to_release) if op else None
    if op is None or change is None or release is None:
        return None
    shown = await pictured(tx, change, op, (await steps.of_operations(tx, [op.id]))[op.id])
    back = shown.leaves or (op.state is OperationState.UNKNOWN and shown.back)
    url = (await links(world, tx, {change.id})).get(change.id)
    open_still = group.state is not State.RESOLVED
    return CausePicture(cause, op.kind, release.version, change.id, change.asked_by, url, back=back and open_still)


PART = Part("cause", 10, read)
