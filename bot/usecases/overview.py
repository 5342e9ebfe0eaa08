"""What `/status` shows: how every target stands, and every change that has not ended."""

from dataclasses import dataclass

from bot.domain.change import Change
from bot.domain.motion import Motion
from bot.domain.operation import Operation
from bot.domain.release import Release
from bot.domain.standing import Hold, Live, Standing
from bot.domain.step import AT_WORK
from bot.domain.step import State as StepState
from bot.domain.target import Target
from bot.ledger import changes, operations, releases, steps, targets
from bot.ledger.ledger import Tx
from bot.usecases.reading import links
from bot.world import World


@dataclass(frozen=True, slots=True)
class Overview:
    """Targets in the catalog's order, open changes in the order they were asked for, and where their cards hang."""

    standings: list[Standing]
    motions: list[Motion]
    links: dict[int, str]

    @property
    def people(self) -> set[str]:
        """Everybody who is named."""
        asked = {one.change.asked_by for one in self.motions}
        live = {one.live.by for one in self.standings if one.live and one.live.by}
        return asked | live | {hold.by for one in self.standings for hold, _ in one.held}


async def look(world: World, environment: str | None = None) -> Overview:
    """Read how things stand, at one moment."""
    names = [environment] if environment else list(world.catalog.environments)
    wanted = [target for name in names for target in world.catalog.targets(name)]
    async with world.ledger.transaction() as tx:
        standings = await _standings(tx, wanted)
        motions = [await _motion(tx, change) for change in await changes.open_in(tx, environment)]
        numbers = [one.change.id for one in motions] + [one.behind for one in motions if one.behind]
        numbers += [one.brought.change_id for one in standings if one.brought and one.failed]
        return Overview(standings, motions, await links(world, tx, numbers))


async def _standings(tx: Tx, wanted: list[Target]) -> list[Standing]:
    known = await targets.everything(tx)
    holders = await operations.holders(tx)
    brought = await operations.some(tx, [one.operation_id for one in known.values() if one.operation_id])
    holds = {target: await targets.holds_on(tx, target) for target in await targets.with_holds(tx)}
    numbers = {one.release_id for one in known.values() if one.release_id} | {
        n for here in holds.values() for n in here
    }
    numbers |= {op.from_release for op in holders.values() if op.from_release}
    found = await releases.some(tx, list(numbers))
    return [_standing(one, known.get(one), found, holders, brought, holds.get(one, {})) for one in wanted]


def _standing(
    target: Target,
    live: Live | None,
    found: dict[int, Release],
    holders: dict[Target, Operation],
    brought: dict[int, Operation],
    holds: dict[int, Hold],
) -> Standing:
    release = found.get(live.release_id) if live and live.release_id else None
    off = [(hold, found[number]) for number, hold in holds.items() if not _older(found[number], release)]
    op = brought.get(live.operation_id) if live and live.operation_id else None
    holder = holders.get(target)
    before = found.get(holder.from_release) if holder and holder.from_release else None
    return Standing(target, live, release, holder, op, off, before)


def _older(release: Release, live: Release | None) -> bool:
    return live is not None and release.commit.at < live.commit.at


async def _motion(tx: Tx, change: Change) -> Motion:
    ops = await operations.of_change(tx, change.id)
    found = await steps.of_operations(tx, [op.id for op in ops])
    at_work = AT_WORK | {StepState.UNKNOWN}
    step = next((one for op in ops for one in found[op.id] if one.state in at_work), None)
    return Motion(change, ops, step, await _behind(tx, ops) if step is None else None)


async def _behind(tx: Tx, ops: list[Operation]) -> int | None:
    """Return the change that goes first where one of these operations waits in line."""
    for op in ops:
        ahead = await operations.ahead_of(tx, op)
        if ahead:
            return ahead[0].change_id
    return None
