"""Which silences cover what fires in a group: by whom, until when, what they match; and the button for another."""

from collections.abc import Sequence

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.domain.alertgroup import State as GroupState
from bot.domain.silence import State
from bot.ledger import silences
from bot.ledger.ledger import Tx
from bot.painter.alertparts import Added, Draw, Part
from bot.usecases import watching
from bot.views import silences as view
from bot.views.kit import button
from bot.views.silences import SilencePicture
from bot.world import World


async def read(world: World, tx: Tx, group: Group, alerts: Sequence[Alert]) -> Draw:
    """Read the silences of the group's Alertmanager that concern it."""
    known = world.catalog.alerts.monitor_of(group.route) if world.catalog.alerts else None
    monitor = None if watching.ours(group) else known
    firing = [one for one in alerts if one.firing]
    living = [one for one in await silences.living(tx, monitor) if any(map(one.matches, alerts))]
    last = await silences.last_of(tx, group.id)
    shown = [*living, *([last] if last is not None and last.state is State.REFUSED else [])]
    pictures = [SilencePicture(one, sum(map(one.matches, firing)), len(firing)) for one in shown]
    hushes = bool(firing) and all(any(one.silences(alert, tx.now) for one in living) for alert in firing)

    async def draw() -> Added:
        offered = monitor is not None and group.state is not GroupState.RESOLVED
        return Added(view.lines(pictures), [button("silence", "Silence…", group.id)] if offered else [], hushes)

    return draw


PART = Part("silences", 40, read)
