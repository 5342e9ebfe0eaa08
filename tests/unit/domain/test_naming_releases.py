"""What a word means among releases, and which of them is newer than which."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.release import Commit, Release, meant, newest_first, several

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def a_release(number: int, version: str, commit: str = "", *, at: datetime = NOON, service: str = "backend") -> Release:
    made = Commit(commit or f"{number:x}{'e' * 39}", "Ada", "Something", at)
    return Release(number, service, version, made, "t", "develop", "sha256:1")


KNOWN = [
    a_release(7, "1.0.0"),
    a_release(12, "1.1.0", "a1b2c3" + "0" * 34),
    a_release(31, "12"),
    a_release(40, "a1b2c3d", "a1b2c3d" + "0" * 33),
    a_release(1234, "2.0.0", "d" * 40),
    a_release(1235, "2.1.0", "1234" + "f" * 36),
    a_release(50, "v3"),
]


@pytest.mark.parametrize(
    ("word", "numbers"),
    [
        ("1.0.0", [7]),
        ("v1.0.0", [7]),
        ("v3", [50]),
        ("#12", [12]),
        ("#31", [31]),
        ("#1.0.0", []),
        ("#012", []),
        ("#", []),
        ("7", [7]),
        ("12", [12, 31]),
        ("1234", [1234]),
        ("1234f", [1235]),
        ("a1b2", [12, 40]),
        ("A1B2C30", [12]),
        ("a1b2c3d", [40]),
        ("a1b", []),
        ("9.9.9", []),
        ("", []),
    ],
)
def test_a_number_with_its_sign_means_that_number_and_a_bare_word_what_fits(word: str, numbers: list[int]) -> None:
    assert [one.id for one in meant(word, KNOWN)] == numbers


def test_several_are_named_so_that_the_next_word_means_one() -> None:
    frontend = a_release(9, "1.0.0", service="frontend")

    assert several([KNOWN[0], frontend]) == "backend 1.0.0 (#7, commit 7eeeeee) or frontend 1.0.0 (#9, commit 9eeeeee)"


def test_what_grew_from_another_is_newer_whatever_the_clocks_said() -> None:
    first, second, third = (a_release(number, "1", at=NOON - number * SECOND) for number in (1, 2, 3))

    assert newest_first([first, second, third], [third.commit.id, second.commit.id, first.commit.id]) == [
        third,
        second,
        first,
    ]


def test_what_the_history_does_not_know_finds_its_place_by_time() -> None:
    known = [a_release(number, "1", at=NOON + number * SECOND) for number in (1, 3)]
    strays = [a_release(number, "1", at=NOON + number * SECOND) for number in (0, 2, 4)]

    ordered = newest_first([*known, *strays], [known[1].commit.id, known[0].commit.id])
    assert [one.id for one in ordered] == [4, 3, 2, 1, 0]


def test_where_nothing_is_known_time_decides_and_nothing_of_the_same_second_is_newer_than_the_first() -> None:
    live, same, older = a_release(1, "1"), a_release(2, "1"), a_release(3, "1", at=NOON - SECOND)

    assert [one.id for one in newest_first([live, same, older], [])] == [1, 2, 3]
