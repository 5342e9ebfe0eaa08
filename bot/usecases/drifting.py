"""Looking whether a target runs what the ledger put there: before something else is put there, or it is called live."""

from dataclasses import dataclass

from bot.domain.drift import Drift, drift
from bot.domain.errors import GaveUp, Retry
from bot.domain.observation import Observed
from bot.domain.release import Release
from bot.domain.target import Target
from bot.ledger import releases, targets
from bot.world import World


@dataclass(frozen=True, slots=True)
class Looked:
    """What the ledger takes to be live on a target, and what was seen there."""

    put: Release | None
    seen: Observed

    @property
    def drift(self) -> Drift | None:
        """What runs there instead, if anything does."""
        return drift(self.seen, self.put)

    @property
    def dead(self) -> bool:
        """Whether something was put there and nothing runs."""
        return self.put is not None and self.seen.nothing_runs


async def look(world: World, target: Target) -> Looked | None:
    """Observe a target; None while an operation is at it, for nobody can tell then. Raises as backends do."""
    ledger = world.ledger.reading
    before = await targets.stands(ledger, target)
    if before is None:
        return None
    release = await releases.get(ledger, before.release_id) if before.release_id else None
    seen = await world.backend(target).observe(target, key=before.key or "look", config=world.catalog.section(target))
    after = await targets.stands(ledger, target)
    return Looked(release, seen) if after == before else None


async def instead(world: World, target: Target) -> Drift | None:
    """Return what a target runs that it should not; None while that cannot be told. Raises as backends do."""
    looked = await look(world, target)
    return looked.drift if looked else None


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether what the ledger takes to be live runs: what is `wrong` with that, and else whether it was seen."""

    wrong: str = ""
    seen: bool = False

    @property
    def live(self) -> str:
        """Say that it is live, and by whose word."""
        return "is live" if self.seen else "is live by the ledger (the target itself cannot tell now)"


async def check(world: World, target: Target, release: Release) -> Checked:
    """Look whether a release runs where the ledger takes it to be live; what is wrong names what brings it again."""
    try:
        looked = await look(world, target)
    except (Retry, GaveUp):
        looked = None
    if looked is None or looked.seen.untold:
        return Checked()
    place = f"{target.environment} {target.service}"
    again = f"`/deploy {place} {release.version}`"
    if looked.dead:
        return Checked(
            f"{target.service} {release.version} should run there, and nothing does: "
            f"`/restart {place}` starts it again, {again} brings it again."
        )
    if looked.drift is not None:
        return Checked(f"{target.service}: {looked.drift.words}; {again} would replace it.")
    return Checked(seen=True)
