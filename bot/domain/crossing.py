"""Migrations that there is no way back from: what stands between a target and a release that was good before them.

The old code may not be able to read what such a migration left. So nothing goes back across one by itself: a person
says so, or restores the database from before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.backup import Backup
from bot.domain.step import State, Step

IRREVERSIBLE = "irreversible"  # an option of the step, and a name in its program's result
_DENIALS = {"false", "no", "0"}


@dataclass(frozen=True, slots=True)
class Crossing:
    """An irreversible migration that began on a target after a release was good there.

    `version` is the release that brought it, `backup` the newest copy of the database from before it.
    """

    version: str
    step: str
    at: datetime
    backup: Backup | None = None


def irreversible(step: Step) -> bool:
    """Whether a step may have done what cannot be taken back: what its run said counts more than the catalog."""
    if step.state is State.PENDING or step.back:
        return False
    said = str(step.progress.get(IRREVERSIBLE, "")).strip()
    return not denied(said) if said else step.options.get(IRREVERSIBLE) is True


def denied(said: str) -> bool:
    """Whether a program's word means that there is a way back: only these do, for a word may be mistyped, or cut."""
    return said.strip().lower() in _DENIALS


def what_ran(crossed: Sequence[Crossing]) -> str:
    """Say which migrations are in the way, and what that means."""
    first = crossed[0]
    more = f" (and {len(crossed) - 1} more since)" if len(crossed) > 1 else ""
    return (
        f"{first.version} ran an irreversible migration (step {first.step}, {_at(first.at)}){more}; "
        "the old code may not read the new data."
    )


def way_out(crossed: Sequence[Crossing]) -> str:
    """Say whether the data from before the first of them comes back, and where one reads how (see `restoring`)."""
    first = crossed[0]
    if first.backup is None:
        return "Slipway knows of no backup from before it."
    made = f" (of {_at(first.backup.at)})" if first.backup.at else ""
    return f"There is a backup from before it{made}: how it comes back is in the thread of {first.version}'s card."


def restoring(crossing: Crossing) -> tuple[str, str]:
    """Say how the data from before a migration comes back: a sentence, and the command or the place that it means."""
    backup = crossing.backup
    if backup is None:
        return "Slipway knows of no backup from before it.", ""
    made = f" of {_at(backup.at)}" if backup.at else ""
    if backup.restore is None:
        return f"The newest backup{made} from before it was made by the catalog's own program:", backup.path
    how = f"To bring the data from before it back, from the backup{made} (what was written since is lost):"
    return f"{how} stop the service, run this in a terminal on Slipway's machine, and then go back.", backup.restore


def _at(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""
