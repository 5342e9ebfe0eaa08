"""Whether what a change has under way can be asked to end: that is said to people before they stop it."""

from bot.domain.change import Change
from bot.ports import Stops
from bot.world import World


def enders(world: World, change: Change) -> list[str]:
    """Return the kinds of backends that a change is about and that can end what they were asked to apply."""
    sections = [op.config.get("backend") for op in change.plan.operations]
    kinds = dict.fromkeys(str(section.get("kind")) for section in sections if isinstance(section, dict))
    return [kind for kind in kinds if isinstance(world.backends.get(kind), Stops)]
