"""What of the things that monitors tell is news: late, twice, out of order."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alert import Alert, News, Severity, news, severity_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def alert(start: float = 0, end: float | None = None, *, fingerprint: str = "a1", **labels: str) -> Alert:
    """An alert that began, and perhaps ended, so many minutes after noon."""
    ends_at = None if end is None else NOON + end * MINUTE
    return Alert(fingerprint, {"alertname": "Down", **labels}, NOON + start * MINUTE, ends_at)


def known(*alerts: Alert) -> dict[str, Alert]:
    return {one.fingerprint: one for one in alerts}


def test_what_fires_and_was_not_known_is_news() -> None:
    assert news({}, [alert()]) == News(fired=(alert(),))


def test_what_ended_before_anybody_was_told_is_not_raised() -> None:
    assert news({}, [alert(0, 1)]) == News(unseen=(alert(0, 1),))
    assert not news({}, [alert(0, 1)]).any


def test_the_same_told_again_is_no_news() -> None:
    assert news(known(alert()), [alert(), alert()]) == News()
    assert news(known(alert(0, 2)), [alert(0, 2)]) == News()


def test_what_is_left_out_is_not_resolved() -> None:
    assert news(known(alert(), alert(fingerprint="b2")), [alert()]) == News()


def test_an_end_is_news_and_told_later_again_is_none() -> None:
    assert news(known(alert()), [alert(0, 3)]) == News(resolved=(alert(0, 3),))
    assert news(known(alert(0, 3)), [alert(0, 4)]) == News()


def test_other_words_about_the_same_fire_are_a_change() -> None:
    assert news(known(alert()), [alert(severity="critical")]).changed == (alert(severity="critical"),)


def test_a_fire_that_began_earlier_than_thought_is_the_same_fire() -> None:
    assert news(known(alert(5)), [alert(3)]).changed == (alert(3),)


def test_a_peer_that_tells_late_of_what_has_ended_does_not_raise_it_again() -> None:
    assert news(known(alert(0, 3)), [alert(0)]) == News(stale=(alert(0),))


def test_it_fires_again_when_it_began_again() -> None:
    assert news(known(alert(0, 3)), [alert(7)]) == News(fired=(alert(7),))


def test_the_end_of_an_earlier_fire_does_not_end_the_present_one() -> None:
    assert news(known(alert(7)), [alert(0, 3)]) == News(stale=(alert(0, 3),))


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", Severity.CRITICAL),
        (" Page ", Severity.CRITICAL),
        ("high", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("info", Severity.LOW),
        ("ungewöhnlich", Severity.MEDIUM),
        ("", Severity.MEDIUM),
    ],
)
def test_severities_have_many_words(word: str, severity: Severity) -> None:
    assert severity_of({"severity": word}) is severity


def test_what_has_no_severity_is_medium_and_what_has_no_name_is_called_so() -> None:
    nameless = Alert("f", {}, NOON)

    assert (nameless.severity, nameless.name) == (Severity.MEDIUM, "alert without a name")
    assert [one.word for one in sorted(Severity, reverse=True)] == ["critical", "high", "medium", "low"]
