"""What a schedule is: something that is due every so often. Each introduces itself from its file in bot/schedules/."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.world import World


@dataclass(frozen=True, slots=True)
class Schedule:
    """Something that is due every so often."""

    name: str
    every: timedelta
    run: Callable[[World], Awaitable[None]]
    alone: bool = True
