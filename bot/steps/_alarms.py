"""The critical alerts that began on a target while something was done to it: they say more than any condition.

Only those count that began, by the monitor's clock, after the operation did: what burnt before is not its fault.
"""

from datetime import UTC

from bot.catalog import target_of
from bot.domain.alert import Alert, Severity
from bot.ledger import causes
from bot.stepkind import Scene


async def since(scene: Scene) -> str | None:
    """Return which critical alert about the scene's target began after its operation and fires, in words, or None."""
    world, target = scene.world, scene.op.target
    if world.catalog.alerts is None:
        return None
    began, words = scene.op.started_at or scene.began_at, world.catalog.alerts.causes.naming(target.service)
    for group, alert in await causes.begun_since(world.ledger.reading, words, began, Severity.CRITICAL):
        if alert.severity is Severity.CRITICAL and target_of(world.catalog, alert.labels) == target:
            private = world.catalog.incidents.elsewhere_of([alert]) is not None
            return _words(group, alert, "a critical alert" if private else f"the critical alert {alert.name}")
    return None


def _words(group: int, alert: Alert, name: str) -> str:
    since_when = alert.starts_at.astimezone(UTC).strftime("%H:%M")
    return f"{name} fires since {since_when} UTC (alert group {group})"
