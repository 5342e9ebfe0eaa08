"""What an irreversible migration is, and what is said of one; and how a copy is described."""

from datetime import UTC, datetime

import pytest

from bot.domain import backup
from bot.domain.backup import Backup, size_in_words
from bot.domain.crossing import Crossing, irreversible, restoring, way_out, what_ran
from bot.domain.step import State, Step

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def migration(state: State = State.SUCCEEDED, said: str = "", *, back: bool = False, option: bool = False) -> Step:
    progress: dict[str, object] = {"irreversible": said} if said else {}
    return Step(1, 1, 0, "migrate", "migrate", "k", back, {"irreversible": option}, state, progress)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (migration(option=True), True),
        (migration(option=False), False),
        (migration(said="true"), True),
        *[(migration(said=said, option=True), False) for said in ("false", "FALSE", " no", "0")],
        *[(migration(said=said, option=True), True) for said in ("on", "y", "True.", "\x1btrue", "maybe", "•••", " ")],
        *[(migration(said=said), True) for said in ("TRUE", "yes", "on", "false.")],
        (migration(said=" "), False),
        (migration(State.FAILED, said="true"), True),
        (migration(State.UNKNOWN, said="true"), True),
        (migration(State.PENDING, option=True), False),
        (migration(State.STARTED, option=True), True),
        (migration(State.FAILED, option=True), True),
        (migration(State.UNKNOWN, option=True), True),
        (migration(option=True, back=True), False),
    ],
)
def test_what_ran_counts_and_the_program_knows_best(step: Step, *, expected: bool) -> None:
    assert irreversible(step) is expected


def test_several_are_counted_and_the_first_is_named() -> None:
    said = what_ran([Crossing("1.4.0", "migrate", AT), Crossing("1.5.0", "migrate", AT)])

    assert said == (
        "1.4.0 ran an irreversible migration (step migrate, 2026-03-02 09:30 UTC) (and 1 more since); "
        "the old code may not read the new data."
    )


def test_the_way_out_is_the_line_to_type_or_who_made_the_copy_or_that_there_is_none() -> None:
    made = Backup("/copies/a b.dump.age", "ab" * 32, "12345678", database="DB", at=AT)

    how, command = restoring(Crossing("1", "m", AT, made))
    assert command == "slipway backup restore '/copies/a b.dump.age' --into DB"
    assert "from the backup of 2026-03-02 09:30 UTC (what was written since is lost)" in how
    assert restoring(Crossing("1", "m", AT, Backup("s3://x", at=AT))) == (
        "The newest backup of 2026-03-02 09:30 UTC from before it was made by the catalog's own program:",
        "s3://x",
    )
    assert way_out([Crossing("1", "m", AT, made)]) == (
        "There is a backup from before it (of 2026-03-02 09:30 UTC): how it comes back is in the thread of 1's card."
    )
    assert way_out([Crossing("1", "m", AT)]) == "Slipway knows of no backup from before it."
    assert made.described == "a b.dump.age · 12.3 MB · sha256 abababababab"


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ("", "a.dump.age"),
        ("1", "a.dump.age · 1 table"),
        ("12", "a.dump.age · 12 tables"),
        ("0", "a.dump.age · ⚠️ no tables: the database is empty, or another than was meant"),
    ],
)
def test_a_copy_says_how_many_tables_are_in_it(tables: str, words: str) -> None:
    assert Backup("/copies/a.dump.age", tables=tables).described == words


def test_a_step_that_left_no_path_made_no_copy_that_we_know_of() -> None:
    step = Step(1, 1, 0, "backup", "backup", "k", state=State.SUCCEEDED)

    assert backup.of(step) is None


@pytest.mark.parametrize(
    ("size", "words"),
    [("0", "0 bytes"), ("999", "999 bytes"), ("1000", "1.0 kB"), ("10500000000", "10.5 GB"), ("x", "")],
)
def test_sizes_are_said_as_people_read_them(size: str, words: str) -> None:
    assert size_in_words(size) == words
