"""One move of one step: intent, mutation, look, conclusion.

The intent is committed before the mutation. Who finds an intent without an outcome looks first, and never repeats
what cannot be ruled out.
"""

from dataclasses import replace
from datetime import timedelta

from bot.domain.duration import spoken
from bot.domain.errors import GaveUp, Retry
from bot.domain.step import TO_END, Step
from bot.domain.step import State as StepState
from bot.engine import logs, outcomes, stopping
from bot.ledger import changes, operations, steps
from bot.ledger.ledger import Tx
from bot.stepkind import Done, Failed, Going, Lost, NotBegun, Scene, StepKind, Verdict
from bot.usecases.picture import Picture
from bot.world import World

PAUSE = timedelta(seconds=1)  # before trying again what was refused for now
SHORTEST_LOOK, LONGEST_LOOK = timedelta(milliseconds=20), timedelta(milliseconds=200)


class Stepper:
    """Makes moves of steps; each returns how long to wait before the next, or None when the operation has ended."""

    def __init__(self, world: World, kinds: dict[str, StepKind]) -> None:
        self.world = world
        self.kinds = kinds

    async def move(self, picture: Picture, step: Step) -> timedelta | None:
        """Make the next move of a step."""
        if step.state is StepState.PENDING:
            intended = await self._intend(picture, step)
            return await self.act(picture.noting(intended)) if intended else outcomes.NOW
        return await self._look_at(picture, step)

    async def act(self, picture: Picture) -> timedelta | None:
        """Do what the next step of a picture intends; the intent was committed by this process a moment ago."""
        step = picture.next_step
        assert step is not None  # noqa: S101 - somebody has just noted its intent
        kind = self.kinds[step.kind]
        if kind.moves:
            return await self._begin(picture.scene(self.world, step, self.world.clock.now()), picture, kind)
        return await self._look_at(picture, step)

    async def _look_at(self, picture: Picture, step: Step) -> timedelta | None:
        kind = self.kinds[step.kind]
        scene = picture.scene(self.world, step, self.world.clock.now())
        verdict = await self._look(scene, kind)
        stop = stopping.way(scene, picture, kind)
        if isinstance(verdict, NotBegun):
            if step.state is not StepState.STARTED:
                verdict = Lost("what was asked for is no longer known there")
            elif stop is None:
                return await self._begin(scene, picture, kind)
            else:
                verdict = Failed("it had not begun, and nothing was touched", stopped=True)
        elif isinstance(verdict, Going) and stop is not None:
            scene = replace(scene, step=await stopping.ask(scene, stop))
        return await self._conclude(scene, picture, verdict)

    async def _intend(self, picture: Picture, step: Step) -> Step | None:
        """Note an intent; None when somebody has stopped the change since the picture was taken, and still can.

        The change is locked, so that who cancels it comes before the intent or after it, and is told what is so.
        """
        async with self.world.ledger.transaction() as tx:
            changes.lock(tx, picture.change.id)
            now = await changes.get(tx, picture.change.id)
            stopped = now is not None and now.stop_asked_by != picture.change.stop_asked_by
            if stopped and not picture.turned(self.kinds):
                return None
            return steps.write(tx, picture.op, step, steps.started(step))

    async def _begin(self, scene: Scene, picture: Picture, kind: StepKind) -> timedelta | None:
        """Make the one mutation of a step, under its key; the intent is in the ledger."""
        try:
            await kind.begin(scene)
        except GaveUp as no:
            return await self._conclude(scene, picture, Failed(no.reason))
        except Retry as later:
            return await self._not_now(scene, picture, kind, later)
        async with self.world.ledger.transaction() as tx:
            steps.write(tx, scene.op, scene.step, replace(scene.step, state=StepState.ASKED, detail=""))
        return outcomes.NOW

    async def _not_now(self, scene: Scene, picture: Picture, kind: StepKind, later: Retry) -> timedelta | None:
        """Note why it could not be begun; the next move looks before it tries again, and gives up when it is late."""
        if self._late(scene, kind):
            verdict = await self._look(scene, kind)
            if isinstance(verdict, NotBegun):
                verdict = Failed(f"it could not be begun: {later.reason}")
            return await self._conclude(scene, picture, verdict)
        detail = self.world.mask(f"not yet: {later.reason}")
        if detail != scene.step.detail:
            async with self.world.ledger.transaction() as tx:
                steps.write(tx, scene.op, scene.step, replace(scene.step, detail=detail))
        return later.after or PAUSE

    async def _look(self, scene: Scene, kind: StepKind) -> Verdict:
        try:
            verdict = await kind.look(scene)
        except GaveUp as no:
            return Lost(no.reason) if kind.moves else Failed(no.reason)
        except Retry as later:
            verdict = Going(later.after or PAUSE, f"no answer yet: {later.reason}", scene.step.progress)
        if isinstance(verdict, Going) and kind.moves and self._late(scene, kind):
            waited = spoken(scene.now - scene.began_at)
            return Lost(f"no end after {waited}" + (f"; the last was: {verdict.detail}" if verdict.detail else ""))
        return verdict

    def _late(self, scene: Scene, kind: StepKind) -> bool:
        return scene.now - scene.began_at > kind.patience(kind.options.model_validate(scene.step.options))

    async def _conclude(self, scene: Scene, picture: Picture, verdict: Verdict) -> timedelta | None:
        """Write down what a look has come to, with the log so far, and what follows from it."""
        written = await logs.read_on(scene, last=not isinstance(verdict, Going))
        by = "" if isinstance(verdict, Going) else await stopping.by(scene, picture)
        async with self.world.ledger.transaction() as tx:
            if not isinstance(verdict, Going):
                changes.lock(tx, scene.op.change_id)
            if written.text:
                await steps.write_log(tx, scene.op, written.text)
            step = replace(scene.step, log_offset=written.next_offset)
            match verdict:
                case Going():
                    return await self._going_on(tx, scene, step, verdict)
                case Done():
                    told = stopping.too_late(verdict, step, by)
                    return await outcomes.done(tx, scene, picture, self.kinds, step, told)
                case Failed():
                    no = replace(verdict, reason=stopping.said(verdict, by))
                    return await outcomes.failed(tx, scene, picture, self.kinds, no)
                case Lost():
                    return await outcomes.lost(tx, scene, step, verdict)
                case NotBegun():
                    verdict = Lost("it was never begun, although the ledger says so")
                    return await outcomes.lost(tx, scene, step, verdict)

    async def _going_on(self, tx: Tx, scene: Scene, step: Step, verdict: Going) -> timedelta:
        """Note how far it has come, if that is news, and that somebody is at it."""
        detail = self.world.mask(verdict.detail)
        state = step.state if step.state in TO_END else StepState.ASKED
        after = replace(step, state=state, detail=detail, progress=verdict.progress or step.progress)
        if after != scene.step:
            steps.write(tx, scene.op, scene.step, after)
        operations.look_again(tx, scene.op)
        return soon(scene.now - scene.began_at) if verdict.again is None else verdict.again


def soon(taken: timedelta) -> timedelta:
    """Return how long to wait before the next look: a tenth of what a step has taken, so that looking adds no more."""
    return min(max(taken / 10, SHORTEST_LOOK), LONGEST_LOOK)
