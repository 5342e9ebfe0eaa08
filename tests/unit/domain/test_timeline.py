"""A timeline is read by people: every line says something, and nothing is said twice."""

from datetime import UTC, datetime

import pytest

from bot.domain.timeline import Happened, told

NOW = datetime(2026, 11, 26, 20, 4, tzinfo=UTC)
TARGETS = {"operation:2": "backend/staging"}


def words(kind: str, subject: str = "alertgroup:1", actor: str = "engine", **payload: object) -> list[str]:
    """What one event is told as."""
    return [one.words for one in told([Happened(NOW, actor, subject, kind, payload)], TARGETS)]


@pytest.mark.parametrize(
    ("kind", "way", "whom", "said"),
    [
        ("delivered", "email", "rotation platform", "whoever is on call (platform) was told by email"),
        ("delivered", "pagerduty", "rotation platform", "whoever is on call (platform) was told by PagerDuty"),
        ("delivered", "dm", "team devops-lead", "the team devops-lead was told by direct message"),
        ("failed", "email", "person U0SELMANA3", "somebody could not be told by email: 550 no such mailbox"),
        ("unknown", "mention", "channel incidents", "#incidents was to be told in the thread, and no answer came"),
        ("deferred", "dm", "team qa", "the team qa was left in peace until the quiet hours end"),
    ],
)
def test_who_was_told_and_how(kind: str, way: str, whom: str, said: str) -> None:
    assert words(f"notification.{kind}", verb="tell", way=way, whom=whom, said="550 no such mailbox") == [said]


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("notification.delivered", {"verb": "acknowledge", "way": "pagerduty", "whom": "rotation platform"}),
        ("notification.dropped", {"verb": "tell", "way": "dm", "whom": "team qa"}),
        ("escalation.step", {"step": 1, "whom": "rotation platform"}),
        ("graph.drawn", {"file": "F1"}),
    ],
)
def test_what_nobody_needs_to_read_has_no_line(kind: str, payload: dict[str, object]) -> None:
    assert words(kind, **payload) == []


def test_who_had_the_next_be_told_is_named() -> None:
    (entry,) = told([Happened(NOW, "U0SELMANA3", "alertgroup:1", "escalation.step", {})], {})

    assert (entry.words, entry.by) == ("had the next be told", "U0SELMANA3")


@pytest.mark.parametrize(("state", "expected"), [("succeeded", 1), ("failed", 2)])
def test_what_went_well_in_a_change_that_succeeded_is_said_once(state: str, expected: int) -> None:
    passed = Happened(NOW, "engine", "operation:2", "operation.passed", {"change": 2}, 1)
    ended = Happened(NOW, "engine", "change:2", "change.finished", {"state": state}, 2)

    entries = told([passed, ended], TARGETS)

    assert len(entries) == expected
    assert entries[-1].words == f"change 2 ended: {state}"
