"""Bringing about in Alertmanager what somebody wished of a silence: look, do what is lacking, write it down.

Whoever is at a silence has it for `BUSY`; then another looks after it. What could not be done now is tried again, ever
more seldom; what was sent off and got no answer is unknown until it is found, or surely not there.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.domain.errors import GaveUp, Retry
from bot.domain.silence import Act, Held, Sight, Silence, State, decide, notice_from, of_key
from bot.ledger import alertgroups, cards, silences
from bot.ledger.ledger import Tx
from bot.ledger.queue import Job
from bot.ports import Silences, Unclear
from bot.usecases import alerting, escalating
from bot.usecases.silencing import affected
from bot.world import World

BUSY = timedelta(seconds=60)  # longer than Alertmanager takes for all that is asked
FIRST, LONGEST = timedelta(seconds=5), timedelta(minutes=2)  # pauses between tries
ENDED = "silence-ended"  # the job that calls people again
MADE = "silence-made"  # the job that lets escalations stand still
NOTICE = "notice"  # the role, with the end, of the message that a silence ends soon
TROUBLES = (Retry, GaveUp, Unclear)

log = structlog.get_logger(__name__)


async def bring_about(world: World, silence_id: int) -> None:
    """Do what is lacking about a silence, if anything is and nobody is at it."""
    silence = await _begin(world, silence_id)
    if silence is None:
        return
    monitor = world.silences.get(silence.monitor)
    if monitor is None:
        await _put_off(world, silence_id, "the catalog no longer says where its Alertmanager is")
        return
    try:
        sight = await monitor.look()
    except (Retry, GaveUp) as error:
        await _put_off(world, silence_id, world.mask(error.reason))
        return
    await _act(world, monitor, silence, sight)


async def _begin(world: World, silence_id: int) -> Silence | None:
    """Take a silence in hand; None where there is nothing to do, or somebody has it."""
    async with world.ledger.transaction() as tx:
        silence = await silences.locked(tx, silence_id)
        if silence is None or silence.settled or (silence.busy_until is not None and silence.busy_until > tx.now):
            return None
        return silences.write(tx, silence, replace(silence, busy_until=tx.now + BUSY, tries=silence.tries + 1))


async def _act(world: World, monitor: Silences, silence: Silence, sight: Sight) -> None:
    ours = of_key(silence, sight.silences)
    held = ours[0] if ours else None
    match decide(silence, held, world.clock.now(), whole=sight.whole):
        case Act.MAKE:
            await _make(world, monitor, silence, held)
        case Act.END:
            await _end(world, monitor, silence, [one for one in ours if one.active])
        case Act.WAIT:
            await _put_off(world, silence.id, silence.fault or "it may still be on its way")
        case Act.NOTHING:
            await _found(world, silence, held)


async def _make(world: World, monitor: Silences, silence: Silence, held: Held | None) -> None:
    """Have it made, or last until the time that is wished. That it was sent off is written down before it is."""
    await _settle(world, silence.id, lambda now: replace(now, sent_at=world.clock.now()))
    try:
        number = await monitor.make(
            silence.matchers,
            ends_at=silence.ends_at,
            by=silence.author or "Slipway",
            comment=silence.comment,
            instead=held.id if held else None,
        )
    except Retry as error:
        await _put_off(world, silence.id, world.mask(error.reason), sent=False)
    except Unclear as error:
        await _put_off(world, silence.id, world.mask(str(error)))
    except GaveUp as error:
        await _refused(world, silence.id, world.mask(error.reason))
    else:
        await _settle(world, silence.id, lambda now: _live(now, number, silence), "made", id=number)


def _live(now: Silence, number: str, made: Silence) -> Silence:
    """Return the silence as it is known to be held; one that somebody has wished to end meanwhile still ends."""
    state = now.state if now.state is State.ENDING else State.LIVE
    return replace(
        now, state=state, held_id=number, held_until=made.ends_at, sent_at=None, busy_until=None, tries=0, fault=""
    )


async def _end(world: World, monitor: Silences, silence: Silence, ours: list[Held]) -> None:
    try:
        for one in ours:
            await monitor.end(one.id)
    except TROUBLES as error:
        await _put_off(world, silence.id, world.mask(str(error)))
    else:
        await _settle(world, silence.id, lambda now: _ended(now, State.REMOVED), "ended")


async def _found(world: World, silence: Silence, held: Held | None) -> None:
    """Write down that nothing is lacking: it is as it is wished, or has ended."""
    if silence.state is State.ENDING:
        await _settle(world, silence.id, lambda now: _ended(now, State.REMOVED), "ended")
    elif silence.ends_at <= world.clock.now() or held is None:
        await _settle(world, silence.id, lambda now: _ended(now, State.OVER), "over")
    else:
        number = held.id
        await _settle(world, silence.id, lambda now: _live(now, number, silence), "found", id=number)


def _ended(silence: Silence, state: State) -> Silence:
    return replace(silence, state=state, sent_at=None, busy_until=None)


async def _refused(world: World, silence_id: int, words: str) -> None:
    """Write down that Alertmanager does not take it: a new one is refused, a longer one stays as long as it was."""

    def refused(now: Silence) -> Silence:
        calm = replace(now, sent_at=None, busy_until=None, fault=words)
        if now.held_until is None:
            return replace(calm, state=State.REFUSED)
        return replace(calm, ends_at=now.held_until)

    await _settle(world, silence_id, refused, "refused", reason=words)


async def _put_off(world: World, silence_id: int, words: str, *, sent: bool = True) -> None:
    """Write down why it could not be done, and when it is tried again."""

    def put_off(now: Silence) -> Silence:
        pause = min(FIRST * 2 ** min(max(now.tries - 1, 0), 10), LONGEST)
        doubtful = sent and now.sent_at is not None and now.held_until is None and now.state is State.ASKED
        return replace(
            now,
            state=State.UNKNOWN if doubtful else now.state,
            sent_at=now.sent_at if sent else None,
            busy_until=world.clock.now() + pause,
            fault=words,
        )

    log.warning("a silence is not as it is wished", silence=silence_id, reason=words)
    await _settle(world, silence_id, put_off)


async def _settle(
    world: World, silence_id: int, change: Callable[[Silence], Silence], kind: str = "", **particulars: object
) -> None:
    """Write down what came of it, whatever people have wished meanwhile; what it covered calls again when it ends."""
    async with world.ledger.transaction() as tx:
        before = await silences.locked(tx, silence_id)
        if before is None or before.state.ended:
            return
        after = silences.write(tx, before, change(before))
        if kind:
            tx.record(f"silence.{kind}", actor="engine", subject=silences.subject(silence_id), **particulars)
        groups = await affected(world, tx, after)
        if (before.state, before.fault, before.held_until) != (after.state, after.fault, after.held_until):
            silences.touch(tx, after, groups)
        if after.state.ended:
            tx.enqueue(Job(ENDED, silence_id))
        elif kind in {"made", "found"}:
            tx.enqueue(Job(MADE, silence_id))


async def hush(world: World, silence_id: int) -> None:
    """Let the escalations stand still of what a silence covers as a whole."""
    async with world.ledger.transaction() as tx:
        silence = await silences.get(tx, silence_id)
        groups = await affected(world, tx, silence) if silence is not None else []
    await escalating.hush(world, groups)


async def call_again(world: World, silence_id: int) -> None:
    """Call people for what still fires when a silence has ended."""
    async with world.ledger.transaction() as tx:
        silence = await silences.get(tx, silence_id)
        groups = await affected(world, tx, silence) if silence is not None else []
    for number in groups:
        await alerting.hear_again(world, number, silence_id)


async def look_after(world: World, silence: Silence) -> None:
    """End a silence whose time is over, and give notice of one that ends soon while something it covers still fires."""
    now = world.clock.now()
    if silence.held_until is not None and silence.held_until <= now and silence.state is not State.OVER:
        if silence.ends_at <= now or silence.state is State.ENDING:
            await _settle(world, silence.id, lambda one: _ended(one, State.OVER), "over")
    elif silence.held_until is None and silence.ends_at <= now:
        await _settle(world, silence.id, lambda one: _ended(one, State.OVER), "over")
    elif silence.settled and notice_from(silence) <= now:
        async with world.ledger.transaction() as tx:
            await _give_notice(world, tx, silence)


async def _give_notice(world: World, tx: Tx, silence: Silence) -> None:
    """Say in the threads of the groups that it covers that it ends soon; once for each end."""
    for number in await affected(world, tx, silence):
        live = await cards.of(tx, alertgroups.subject(number), "live")
        if live is not None:
            role = f"{NOTICE}/{number}/{int(silence.ends_at.timestamp())}"
            await cards.add(tx, silences.subject(silence.id), role, live.channel, thread_of=live.id, urgent=True)
