"""Ending what a step has under way, because somebody stops its change: the intent, the call, and looking as before.

The intent is committed before the call, and what comes of it is whatever is seen then: a run that ended well meanwhile
went well. Who finds an intent without its outcome looks first, and asks again only where it still goes on. What brings
an old release back is never stopped.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.errors import GaveUp, Retry
from bot.domain.step import NOTE, TO_END, State, Step
from bot.ledger import steps
from bot.stepkind import Done, Failed, Scene, StepKind, Stop
from bot.usecases.picture import Picture

AGAIN = "stop_again_at"  # in a step's progress: when a backend is to be asked once more, as ISO 8601
PAUSE = timedelta(seconds=1)  # before asking again where the backend does not say how long


def way(scene: Scene, picture: Picture, kind: StepKind) -> Stop | None:
    """Return how what is under way is asked to end; None when nobody wants that, or it cannot be."""
    if picture.change.stop_asked_by is None or scene.step.back:
        return None
    try:
        return kind.stop(scene)
    except GaveUp:  # its backend is gone, and a look says that better
        return None


async def ask(scene: Scene, stop: Stop) -> Step:
    """Ask that a step ends that was seen to go on, if it is time for that; return the step as it is written then."""
    step = scene.step
    if step.state is State.ENDING or _not_yet(step, scene.now):
        return step
    if step.state is not State.STOPPING:
        step = await _write(scene, step, replace(step, state=State.STOPPING))
    try:
        await stop()
    except GaveUp as no:
        note = scene.world.mask(f"It could not be stopped: {no.reason}")
        return await _write(scene, step, replace(step, state=State.ENDING, progress={**step.progress, NOTE: note}))
    except Retry as later:
        again = scene.world.clock.now() + (later.after or PAUSE)
        return await _write(scene, step, replace(step, progress={**step.progress, AGAIN: again.isoformat()}))
    return await _write(scene, step, replace(step, state=State.ENDING))


def _not_yet(step: Step, now: datetime) -> bool:
    again = step.progress.get(AGAIN)
    return again is not None and now < datetime.fromisoformat(str(again))


async def _write(scene: Scene, before: Step, after: Step) -> Step:
    async with scene.world.ledger.transaction() as tx:
        return steps.write(tx, scene.op, before, after)


async def by(scene: Scene, picture: Picture) -> str:
    """Return the name of who stops what is under way; nothing when nobody does."""
    person = picture.change.stop_asked_by
    if person is None:
        return ""
    return (await scene.world.names([person]))[person]


def said(verdict: Failed, person: str) -> str:
    """Say why it ended as it did, and by whom where a person wanted it so."""
    return f"stopped by {person}: {verdict.reason}" if verdict.stopped and person else verdict.reason


def too_late(verdict: Done, step: Step, person: str) -> Done:
    """Say of what went well although somebody wanted it ended that it did; why it could not be ended stays said."""
    if step.state not in TO_END or step.note:
        return verdict
    note = f"{person or 'Somebody'} asked to stop it, and it ended well before that."
    return replace(verdict, left={**verdict.left, NOTE: note})
