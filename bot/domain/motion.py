"""A change that has not ended, with as much of it as tells how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.change import Change, held
from bot.domain.operation import HOLDS_TARGET, Operation, State
from bot.domain.step import Step


@dataclass(frozen=True, slots=True)
class Motion:
    """An open change. `step` is what it is at; `behind` the change that has the target it waits for."""

    change: Change
    ops: Sequence[Operation]
    step: Step | None = None
    behind: int | None = None

    @property
    def lost(self) -> Operation | None:
        """Its operation that is unknown, if one is."""
        return next((op for op in self.ops if op.state is State.UNKNOWN), None)

    @property
    def at(self) -> Operation | None:
        """Its operation that is at work now."""
        return next((op for op in self.ops if op.state in HOLDS_TARGET), None)

    @property
    def held(self) -> bool:
        """Whether a part of it failed and the rest waits for a person."""
        return held(self.change, [op.state for op in self.ops])

    def version(self, op: Operation) -> str:
        """Return the version that one of its operations brings."""
        return self.change.plan.operations[op.position].to.version
