"""What a migration said of the way back counts however it ended."""

import pytest

from bot.domain.observation import Run, RunState
from bot.stepkind import Done, Failed, Lost
from bot.steps import migrate

YES, NO = {"irreversible": "true"}, {"irreversible": "false"}


@pytest.mark.parametrize(
    ("run", "left"),
    [
        (Run(RunState.EXITED, 0, YES | {"path": "x"}), YES),
        (Run(RunState.EXITED, 0, NO), NO),
        (Run(RunState.EXITED, 1, YES), YES),
        (Run(RunState.EXITED, 1, NO), NO),
        (Run(RunState.LOST, None, YES), YES),
        (Run(RunState.LOST, None, NO), {}),
        (Run(RunState.LOST, None, {}), {}),
    ],
)
def test_what_it_said_is_kept_and_of_a_lost_one_no_denial(run: Run, left: dict[str, str]) -> None:
    verdict = migrate.judge(run)

    assert isinstance(verdict, Done | Failed | Lost)
    assert verdict.left == left
