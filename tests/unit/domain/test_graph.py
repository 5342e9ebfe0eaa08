"""A graph in words, and its gaps: what nobody measured is never a zero."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.graph import Graph, Line, Panel, Unit, ended, line, read, steps, written
from bot.domain.observation import Series

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def series(*values: float, gap: int = 1) -> Series:
    return Series({}, [(NOON + gap * number * MINUTE, value) for number, value in enumerate(values)])


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        (Unit.SECONDS, 0.0421, "42.1 ms"),
        (Unit.SECONDS, 1.07, "1.07 s"),
        (Unit.RATIO, 0.0083, "0.83 %"),
        (Unit.RATIO, 0.0, "0 %"),
        (Unit.RATE, 1234.4, "1234/s"),
        (Unit.RATE, 0.00002, "2.0e-05/s"),
        (Unit.PLAIN, 83_000_000.0, "83M"),
        (Unit.PLAIN, 12_500.0, "12.5k"),
        (Unit.PLAIN, math.nan, "no figure"),
    ],
)
def test_a_figure_is_short(unit: Unit, value: float, said: str) -> None:
    assert unit.spoken(value) == said


def test_what_is_no_number_is_a_gap_and_so_is_a_time_in_which_nobody_measured() -> None:
    found = line("errors", series(0.5, math.nan, math.inf, 0.0), MINUTE)
    rare = line("errors", series(1, 2, gap=5), MINUTE)

    assert [value for _, value in found.points] == [0.5, None, None, 0.0]
    assert [value for _, value in rare.points] == [1, None, 2]
    assert rare.points[1][0] == NOON + MINUTE


def test_what_is_no_longer_measured_ends_in_a_gap_and_says_so() -> None:
    (still, over) = ended([line("a", series(1, 2, 3), MINUTE), line("b", series(1), MINUTE)], NOON + 3 * MINUTE, MINUTE)
    panel = Panel("Requests", Unit.RATE, [still, over])

    assert still.newest == 3
    assert over.newest is None
    assert panel.spoken() == "Requests: a 3/s, b nothing now"


def test_nothing_at_all_is_said_to_be_nothing() -> None:
    graph = Graph("backend in staging", NOON, NOON, [Panel("Errors", Unit.RATIO, [Line("errors", [(NOON, None)])])])

    assert graph.empty
    assert "Errors: nothing was measured" in graph.spoken()


def test_the_words_say_the_newest_figures_the_threshold_and_the_time_zone() -> None:
    panel = Panel("errors", Unit.RATIO, [line("backend", series(0.001, 0.02), MINUTE)], 0.01, left_out=3)
    graph = Graph("HighErrorRate", NOON - 60 * MINUTE, NOON, [panel], "Africa/Windhoek", NOON - 5 * MINUTE, "It began")

    assert graph.spoken() == (
        "HighErrorRate, 26 Nov 13:00 – 14:00, Africa/Windhoek (UTC+02:00). "
        "errors: backend 2 % and 3 more (threshold 1 %). It began at 13:55."
    )


def test_a_graph_comes_back_as_it_was_written() -> None:
    graph = Graph("a", NOON, NOON + MINUTE, [Panel("b", Unit.RATE, [line("c", series(1, math.nan), MINUTE)], 0.5)])

    assert read(written(graph)).spoken() == graph.spoken()
    assert [value for _, value in read(written(graph)).panels[0].lines[0].points] == [1, None]


@pytest.mark.parametrize(("hours", "seconds"), [(0.01, 5), (1, 20), (24, 480), (24 * 30, 14400)])
def test_there_are_never_more_points_than_a_phone_is_wide(hours: float, seconds: int) -> None:
    assert steps(NOON, NOON + timedelta(hours=hours)) == timedelta(seconds=seconds)
