"""The short form of `make chaos`: a bot that is killed again and again loses nothing and does nothing twice."""

from pathlib import Path

import pytest

from tests.chaos.storm import storm

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("slack_fails", [False, True], ids=["slack-well", "slack-failing"])
async def test_a_bot_that_is_killed_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path,
    slack_fails: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    found = await storm(tmp_path, kills=6, seed=20261124, slack_fails=slack_fails)

    assert found.faults == []
    assert found.counts["deeds promised"] > 0
    assert found.counts["kills"] >= 6
