"""What `apply` makes of what it sees: which version is ready, what a failure left there."""

from datetime import UTC, datetime

from bot.domain.observation import Observed, Phase
from bot.domain.release import Commit, Release
from bot.stepkind import Failed, Going
from bot.steps.apply import judge

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEW = Release(2, "backend", "1.5.1", Commit("b" * 40, "Léa", "words", AT), "tree", "develop", "sha256:2")


def test_while_the_new_one_starts_it_is_said_that_the_old_one_is_the_ready_one() -> None:
    seen = Observed(Phase.PROGRESSING, "k", "sha256:1", "1.5.0", "1.5.1 is starting", (1, 1))

    assert judge(seen, NEW) == Going(detail="1.5.0: 1 of 1 ready; 1.5.1 is starting")


def test_of_what_is_counted_of_the_new_one_no_version_is_said() -> None:
    seen = Observed(Phase.PROGRESSING, "k", "sha256:1", "1.5.0", "2 updated, 1 available", (1, 3))

    assert judge(seen, NEW) == Going(detail="1 of 3 ready; 2 updated, 1 available")


def test_what_failed_says_what_serves_now() -> None:
    seen = Observed(Phase.FAILED, "k", "sha256:1", "1.5.0", "exit code 1", (1, 1))

    assert judge(seen, NEW) == Failed("exit code 1\n\n1.5.0 serves there.")


def test_what_failed_and_left_nothing_says_that() -> None:
    assert judge(Observed(Phase.FAILED, detail="exit code 1", replicas=(0, 1)), NEW) == Failed(
        "exit code 1\n\nNothing serves there now."
    )
