"""What has been: operations with their releases, and the life of one release."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.operation import Operation
from bot.domain.release import Release
from bot.domain.standing import Hold


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation in the history, with the release it was about and who asked for it."""

    op: Operation
    release: Release
    asked_by: str


@dataclass(frozen=True, slots=True)
class Biography:
    """A release, where it has been, and where it is held off."""

    release: Release
    entries: Sequence[Entry]
    holds: Sequence[Hold]
