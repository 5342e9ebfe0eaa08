"""What processes printed since a time, by notes of how long their logs were."""

import os
from pathlib import Path

import pytest

from integrations._process_host import printed
from integrations._process_host.printed import before, begun_anew, forget, note, since

MOST = 10_000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "1.log"
    path.touch()
    return path


def write(log: Path, text: str, at: float) -> None:
    """Print to a log at a time; then it is noted how long it is."""
    with log.open("a", encoding="utf-8") as file:
        file.write(text)
    os.utime(log, (at, at))
    note(log, at)


def test_what_was_printed_after_the_last_note_before_a_time_is_told(log: Path) -> None:
    write(log, "one\n", 100)
    write(log, "two\n", 200)
    write(log, "three\n", 300)

    assert since([log], 99, MOST) == "one\ntwo\nthree\n"
    assert since([log], 150, MOST) == "two\nthree\n"
    assert since([log], 200, MOST) == "three\n"
    assert since([log], 1000, MOST) == ""


def test_a_line_that_is_not_whole_yet_waits(log: Path) -> None:
    write(log, "one\ntw", 100)

    assert since([log], 0, MOST) == "one\n"


def test_logs_come_one_after_the_other_and_the_last_words_of_one_stay_a_line(log: Path, tmp_path: Path) -> None:
    later = tmp_path / "2.log"
    write(log, "one\ncannot go on", 100)
    write(later, "two\n", 200)

    assert since([log, later], 50, MOST) == "one\ncannot go on\ntwo\n"
    assert since([log, later], 150, MOST) == "two\n"


def test_of_what_is_too_much_the_newest_whole_lines_come(log: Path, tmp_path: Path) -> None:
    later = tmp_path / "2.log"
    write(log, "one\ntwo\n", 100)
    write(later, "three\nfour\n", 200)

    assert since([log, later], 0, 16) == "two\nthree\nfour\n"
    assert since([log, later], 0, 10) == "four\n"


def test_of_a_line_that_is_too_long_its_end_comes(log: Path) -> None:
    write(log, "x" * 50 + "end\n", 100)

    assert since([log], 0, 4) == "end\n"


def test_a_log_that_was_begun_anew_goes_on_from_what_it_held(log: Path) -> None:
    write(log, "one\n", 100)
    write(log, "two\n", 200)
    log.rename(before(log))
    log.touch()
    begun_anew(log)
    write(log, "three\n", 300)

    assert since([log], 50, MOST) == "one\ntwo\nthree\n"
    assert since([log], 100, MOST) == "two\nthree\n"
    assert since([log], 250, MOST) == "three\n"


def test_a_log_without_notes_is_told_whole(log: Path) -> None:
    log.write_text("one\n", encoding="utf-8")

    assert since([log], 0, MOST) == "one\n"


def test_a_note_that_was_cut_off_by_a_crash_is_none(log: Path) -> None:
    write(log, "one\n", 100)
    with log.with_suffix(".times").open("a", encoding="ascii") as file:
        file.write("150.0")
    write(log, "two\n", 200)

    assert since([log], 100, MOST) == "two\n"


def test_notes_stay_few_and_the_newest_are_the_closest(log: Path) -> None:
    for at in range(printed._MOST_NOTES * 2):
        write(log, "x\n", at)

    noted = log.with_suffix(".times").read_text(encoding="ascii").splitlines()
    assert len(noted) <= printed._MOST_NOTES
    assert since([log], printed._MOST_NOTES * 2 - 3, MOST) == "x\nx\n"
    assert len(since([log], 0, 10**6)) >= 2 * (printed._MOST_NOTES * 2 - 1)


def test_what_is_tidied_away_takes_its_notes_with_it(log: Path) -> None:
    write(log, "one\n", 100)
    forget(log)

    assert list(log.parent.iterdir()) == []
    assert since([log], 0, MOST) == ""


def test_of_one_line_that_is_too_long_its_end_comes(log: Path) -> None:
    write(log, "x" * 50 + "\n", 100)

    assert since([log], 0, 10) == "x" * 9 + "\n"
