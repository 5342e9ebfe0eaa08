"""Who is on call for an alert group, on its card; the card is painted anew at every hand-off."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group, State
from bot.domain.rota import stretch
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.usecases import oncall
from bot.usecases.oncall import Shift, Why
from bot.views.kit import context, moment, outside
from bot.world import World

MOST_ROTATIONS = 3


async def read(world: World, tx: Tx, group: Group, _: Sequence[Alert]) -> Draw:
    """Read who is on call for the group's route, while it has not ended."""
    open_ = group.state is not State.RESOLVED
    served = oncall.serving(world, group.route)[:MOST_ROTATIONS] if open_ else []
    known = {name: world.catalog.rotation(name) for name in served}
    now = {name: stretch(await oncall.rota_of(tx, name, known[name], tx.now), tx.now) for name in served}

    async def draw() -> Added:
        shifts = {name: await oncall.shift(world, known[name], now[name]) for name in served}
        names = await world.names(one for shift in shifts.values() if shift for one in shift.people)
        lines = [_line(name, shift, names) for name, shift in shifts.items()]
        return Added([context("\n".join(lines))] if lines else [])

    return draw


def _line(rotation: str, shift: Shift | None, names: dict[str, str]) -> str:
    name = outside(rotation)
    if shift is None:
        return f"⚠ Nobody is on call for *{name}*, and nobody is called instead."
    people = ", ".join(outside(names[one]) for one in shift.people[:MOST_ROTATIONS])
    if shift.why is Why.FALLBACK:
        return f"⚠ Nobody is on call for *{name}*; called instead: {people}"
    return f"On call for *{name}*: {people}, until {moment(shift.until)}"


PART = Part("oncall", 20, read)
