"""What is cut of what programs print: masked before, or in whole words, for half a secret is known by nothing."""

from pathlib import Path

from bot.domain.masking import Mask
from integrations._backup.programs import Program
from integrations._github.joblog import End
from integrations._logs import MOST, after_cut, last_lines, words_of

SECRET = "zebra-quartz-lamp-0042"


def test_the_last_lines_of_a_long_log_begin_with_a_whole_one(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("x" * MOST + f"{SECRET}\n" + "y" * (MOST - 10) + "\n", encoding="utf-8")

    assert last_lines(log, count=3) == ["y" * (MOST - 10)]


def test_of_a_single_line_the_words_are_left_that_are_whole() -> None:
    assert after_cut("tz-lamp-0042 and more") == "and more"
    assert after_cut("tz-lamp-0042\nand more\n") == "and more\n"
    assert after_cut("tz-lamp-0042") == ""
    assert words_of(f"see {SECRET}", 15) == "see"
    assert words_of(f"see {SECRET}", 26) == f"see {SECRET}"


def test_a_jobs_last_line_is_masked_before_it_is_cut() -> None:
    end = End()
    end.feed(f"2026-03-02T09:00:00.0Z {'x' * 290} {SECRET}\n".encode())

    assert end.lines(Mask([SECRET])) == [f"{'x' * 290} •••"]


def test_a_jobs_log_that_is_cut_within_a_secret_begins_after_it() -> None:
    end = End()
    end.feed(f"{SECRET} {'x' * (32 * 1024 - 12)}\nlast".encode())

    assert end.lines(Mask([SECRET])) == ["last"]


def test_what_a_program_of_postgresql_said_last_begins_with_a_whole_line() -> None:
    code = f"import sys; sys.exit('{SECRET}' + 'x' * 8180 + '\\nlast')"
    program = Program(None, ["python3", "-c", code], {"PATH": "/usr/bin:/bin:/usr/local/bin"}, feeds=False, reads=False)

    assert program.end() == "last"
