"""What Alertmanager says of silences: those made, changed or ended in its own page are shown as well."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.silence import Held, Matcher, Sight, Silence, State, of_key
from bot.ledger import silences
from bot.ledger.ledger import Tx
from bot.ledger.queue import Job
from bot.usecases import hushing, silencing
from bot.world import World

DRIFT = timedelta(seconds=2)  # Alertmanager keeps less of a moment than we do
MOST_WORDS = 500


async def known(world: World, monitor: str) -> dict[int, int]:
    """Return the silences that are as they are wished, with their revisions: what is seen next is about these."""
    async with world.ledger.transaction() as tx:
        return {one.id: one.revision for one in await silences.living(tx, monitor) if one.settled}


async def adopt(world: World, monitor: str, sight: Sight, before: Mapping[int, int]) -> None:
    """Write down what was seen of silences; one that somebody has touched since it was looked at is left for later."""
    covered: dict[str, list[str]] = {}
    for alert in sight.alerts:
        for number in alert.silenced_by:
            covered.setdefault(number, []).append(alert.fingerprint)
    async with world.ledger.transaction() as tx:
        living = await silences.living(tx, monitor)
        for one in living:
            now = await silences.locked(tx, one.id) if before.get(one.id) == one.revision else None
            if now is not None and now.revision == one.revision:
                await _compare(world, tx, now, sight, covered)
        firing = {alert.fingerprint for _, _, alert in await silences.firing(tx)}
        for held in _foreign(sight, living):
            if firing & set(covered.get(held.id, ())):
                await _take_in(world, tx, monitor, held, covered[held.id])


def _foreign(sight: Sight, living: Sequence[Silence]) -> Iterable[Held]:
    """Return the silences in force that the ledger knows nothing of."""
    ids, keys = {one.held_id for one in living}, {one.key for one in living}
    return [one for one in sight.silences if one.active and one.begun and one.id not in ids and one.key not in keys]


async def _compare(world: World, tx: Tx, silence: Silence, sight: Sight, covered: Mapping[str, list[str]]) -> None:
    """Take over what has become of a silence in Alertmanager."""
    ours = of_key(silence, sight.silences)
    if not ours and not sight.whole:
        return
    if ours and ours[0].active:
        after, kind = _as_held(silence, ours[0], covered), "changed"
    elif ours or silence.by is None:
        over = silence.ends_at - tx.now < DRIFT
        after, kind = replace(silence, state=State.OVER if over else State.REMOVED), "over" if over else "removed"
    else:  # Alertmanager keeps what has ended for days: it has lost what it knew
        after, kind = replace(silence, state=State.ASKED, held_id="", held_until=None, sent_at=None), "lost"
    if after == silence:
        return
    silences.write(tx, silence, after)
    tx.record(f"silence.{kind}", actor="monitor", subject=silences.subject(silence.id), until=after.ends_at)
    silences.touch(tx, after, await silencing.affected(world, tx, silence))
    if after.state.ended:
        tx.enqueue(Job(hushing.ENDED, silence.id))
    elif after.settled:
        tx.enqueue(Job(hushing.MADE, silence.id))
    else:
        tx.enqueue(Job(silencing.JOB, silence.id))


def _as_held(silence: Silence, held: Held, covered: Mapping[str, list[str]]) -> Silence:
    moved = abs(held.ends_at - silence.ends_at) >= DRIFT
    ends_at = held.ends_at if moved else silence.ends_at
    matchers = tuple(sorted(held.matchers, key=lambda one: one.words))
    same = matchers == tuple(sorted(silence.matchers, key=lambda one: one.words))
    return replace(
        silence,
        held_id=held.id,
        ends_at=ends_at,
        held_until=ends_at,
        matchers=silence.matchers if same else matchers,
        covers=_patterned(matchers, covered.get(held.id, ())),
    )


def _patterned(matchers: Sequence[Matcher], covered: Iterable[str]) -> tuple[str, ...]:
    """Return what Alertmanager says that a silence covers, where only it can tell: for patterns."""
    return tuple(sorted(covered)) if any(one.regex for one in matchers) else ()


async def _take_in(world: World, tx: Tx, monitor: str, held: Held, covers: Iterable[str]) -> None:
    """Write down a silence that somebody made in Alertmanager itself."""
    if await silences.of_key(tx, f"{monitor}/{held.id}") is not None:
        return
    matchers = tuple(held.matchers)
    silence = Silence(
        id=0,
        monitor=monitor,
        key=f"{monitor}/{held.id}",
        matchers=matchers,
        ends_at=held.ends_at,
        state=State.LIVE,
        author=world.mask(held.by)[:MOST_WORDS],
        reason=world.mask(held.comment)[:MOST_WORDS],
        held_id=held.id,
        held_until=held.ends_at,
        covers=_patterned(matchers, covers),
    )
    silence = await silences.add(tx, silence)
    told = {"matchers": [world.mask(one.words) for one in matchers], "until": held.ends_at, "by": silence.author}
    tx.enqueue(Job(hushing.MADE, silence.id))
    tx.record("silence.seen", actor="monitor", subject=silences.subject(silence.id), **told)
    silences.touch(tx, silence, await silencing.affected(world, tx, silence))
