"""Who is on call: every moment has exactly one answer, and hand-offs keep to the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rota import (
    DAY,
    Answer,
    Every,
    Holiday,
    Hours,
    Layer,
    Override,
    Rota,
    Span,
    Stretch,
    Why,
    answer,
    holes,
    stretch,
    stretches,
)

BERLIN, WINDHOEK, NEW_YORK, SYDNEY = (
    ZoneInfo(name) for name in ("Europe/Berlin", "Africa/Windhoek", "America/New_York", "Australia/Sydney")
)
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks move by half an hour
HOUR = timedelta(hours=1)
NAMES = ("ǃGaeb", "Müller", "ليلى", "Ndapewa")
MONDAY = date(2026, 1, 5)
WORKDAYS = frozenset(range(5))


def moment(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def weekly(*people: str, **more: object) -> Layer:
    given_: dict[str, object] = {"starts": MONDAY, "at": time(9), "zone": BERLIN} | more
    return Layer(str(given_.pop("name", "weekly")), people or NAMES[:3], **given_)  # type: ignore[arg-type]  # the tests' own words


def people(rota: Rota, start: str, end: str) -> list[tuple[str, str | None]]:
    """Say by the clock in Berlin from when on who has it."""
    found = stretches(rota, moment(start), moment(end))
    return [(f"{one.start.astimezone(BERLIN):%m-%d %H:%M}", one.answer.person) for one in found]


zones = st.sampled_from([BERLIN, WINDHOEK, NEW_YORK, SYDNEY, LORD_HOWE])
moments = st.timedeltas(timedelta(0), timedelta(days=455)).map(lambda after: datetime(2025, 12, 1, tzinfo=UTC) + after)
names = st.sampled_from(NAMES)
days = st.dates(date(2025, 12, 1), date(2027, 3, 1))
clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
every = st.builds(lambda hours: Every(timedelta(hours=hours)), st.sampled_from([4, 12, 24, 36, 168, 336]))
hours = st.builds(Hours, clocks, clocks, st.frozensets(st.integers(0, 6), min_size=1))
turns = st.lists(names, min_size=1, max_size=4, unique=True)


@st.composite
def layers(draw: st.DrawFn) -> list[Layer]:
    number = draw(st.integers(0, 3))
    often = every | st.builds(lambda months: Every(months=months), st.integers(1, 3))
    return [
        Layer(f"l{one}", draw(turns), draw(days), draw(clocks), draw(zones), draw(often), draw(st.none() | hours))
        for one in range(number)
    ]


@st.composite
def holidays(draw: st.DrawFn) -> list[Holiday]:
    first = draw(st.lists(days, max_size=3))
    return [
        Holiday(
            one,
            one + timedelta(days=draw(st.integers(0, 5))),
            draw(st.frozensets(names, max_size=2)),
            draw(st.frozensets(st.sampled_from(["l0", "l1"]), max_size=1)),
            draw(st.none() | names),
        )
        for one in first
    ]


@st.composite
def rotas(draw: st.DrawFn) -> Rota:
    spans = [
        (start, start + draw(st.timedeltas(timedelta(minutes=1), timedelta(days=9))), draw(names))
        for start in draw(st.lists(moments, max_size=4))
    ]
    half = len(spans) // 2
    laid = [Override(number, *span) for number, span in enumerate(spans[:half], 1)]
    return Rota(draw(layers()), draw(holidays()), [Span(*span) for span in spans[half:]], laid)


@given(rotas(), moments, st.timedeltas(timedelta(minutes=1), timedelta(days=40)), st.data())
def test_every_moment_has_exactly_one_answer_somebody_or_a_hole(
    rota: Rota, start: datetime, length: timedelta, data: st.DataObject
) -> None:
    found = stretches(rota, start, start + length)
    at = start + data.draw(st.timedeltas(timedelta(0), length - timedelta(microseconds=1)))

    assert (found[0].start, found[-1].end) == (start, start + length)
    assert all(one.end == after.start and one.answer != after.answer for one, after in pairwise(found))
    assert [one.answer for one in found if one.start <= at < one.end] == [answer(rota, at)]


@given(rotas(), moments)
def test_a_stretch_ends_where_the_answer_changes(rota: Rota, at: datetime) -> None:
    found = stretch(rota, at)

    assert found.answer == answer(rota, at) == answer(rota, found.end - timedelta(microseconds=1))
    assert found.end > at
    if found.end < at + timedelta(days=390):
        assert answer(rota, found.end) != found.answer


@given(zones, clocks, every, days, moments)
def test_hand_offs_are_at_their_time_on_the_wall_clock_whatever_the_clocks_do(
    zone: ZoneInfo, at: time, often: Every, starts: date, when: datetime
) -> None:
    rota = Rota([Layer("l", NAMES, starts, at, zone, often)])

    step = int(often.span / HOUR)
    walls = {(at.hour + step * turn) % 24 for turn in range(24)}
    for one in stretches(rota, when, when + timedelta(days=20))[1:]:
        shown = one.start.astimezone(zone)
        left_out = shown.replace(tzinfo=None) - timedelta(hours=2)  # before a leap of the clocks, if there was one
        leapt = shown.utcoffset() != left_out.replace(tzinfo=zone).utcoffset()
        assert leapt or (shown.hour in walls and shown.minute == at.minute)


@given(rotas(), moments, names, st.timedeltas(timedelta(minutes=1), timedelta(days=3)), st.data())
def test_the_newest_override_counts_whatever_else_there_is(
    rota: Rota, start: datetime, person: str, length: timedelta, data: st.DataObject
) -> None:
    newest = Override(99, start, start + length, person)
    at = start + data.draw(st.timedeltas(timedelta(0), length - timedelta(microseconds=1)))

    assert answer(rota.over([newest, *rota.overrides]), at) == Answer(person, Why.OVERRIDE, 99)
    assert answer(rota.over([newest, *rota.overrides]), newest.end) == answer(rota, newest.end)


def test_weeks_go_on_over_the_new_year_and_its_53_weeks() -> None:
    assert people(Rota([weekly()]), "2026-12-20T09:00", "2027-01-12T09:00") == [
        ("12-20 09:00", "Müller"),
        ("12-21 09:00", "ليلى"),
        ("12-28 09:00", "ǃGaeb"),
        ("01-04 09:00", "Müller"),
        ("01-11 09:00", "ليلى"),
    ]
    assert date(2026, 12, 28).isocalendar().week == 53


@pytest.mark.parametrize(("day", "hours_on"), [("2026-03-28", 23), ("2026-10-24", 25)])
def test_the_night_in_which_the_clocks_move_is_shorter_or_longer(day: str, hours_on: int) -> None:
    daily = Rota([weekly(every=Every(DAY))])

    found = stretch(daily, moment(f"{day}T09:00"))

    assert found.end - found.start == hours_on * HOUR
    assert f"{found.end.astimezone(BERLIN):%H:%M}" == "09:00"


def test_a_hand_off_that_the_clocks_leave_out_or_show_twice_happens_once() -> None:
    nightly = Rota([weekly("A", "B", at=time(2, 30), every=Every(DAY))])

    spring = [one.start for one in stretches(nightly, moment("2026-03-28T12:00"), moment("2026-03-30T12:00"))][1:]
    autumn = [one.start for one in stretches(nightly, moment("2026-10-24T12:00"), moment("2026-10-26T12:00"))][1:]

    assert [f"{one.astimezone(BERLIN):%d %H:%M}" for one in spring] == ["29 03:30", "30 02:30"]
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_months_that_have_no_such_day_hand_off_on_their_last() -> None:
    monthly = Rota([weekly("A", "B", starts=date(2027, 12, 31), every=Every(months=1))])

    assert [when for when, _ in people(monthly, "2028-01-01T00:00", "2028-06-01T00:00")][1:] == [
        "01-31 09:00",
        "02-29 09:00",
        "03-31 09:00",
        "04-30 09:00",
        "05-31 09:00",
    ]


def test_layers_follow_the_sun_each_by_its_own_clock() -> None:
    day = Hours(time(8), time(20), WORKDAYS)
    rota = Rota(
        [
            weekly("Berlin", name="europe", hours=day),
            weekly("York", name="america", zone=NEW_YORK, hours=day),
            weekly("Sydney", name="pacific", zone=SYDNEY, hours=day),
        ]
    )

    # On 9 March America's clocks have moved and Europe's have not: there it is an hour earlier by Berlin's.
    assert people(rota, "2026-03-09T12:00", "2026-03-10T12:00") == [
        ("03-09 12:00", "Berlin"),
        ("03-09 20:00", "York"),
        ("03-10 01:00", "Sydney"),
        ("03-10 08:00", "Berlin"),
    ]
    saturday = holes(rota, moment("2026-03-14T12:00"), moment("2026-03-15T12:00"))
    assert [(one.start, one.end) for one in saturday] == [(moment("2026-03-14T12:00"), moment("2026-03-15T12:00"))]


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
    nights = weekly("A", hours=Hours(time(22), time(6), frozenset({4})))

    assert people(Rota([nights]), "2026-03-06T12:00", "2026-03-07T12:00") == [
        ("03-06 12:00", None),
        ("03-06 22:00", "A"),
        ("03-07 06:00", None),
    ]


def test_the_first_layer_that_has_somebody_counts_and_before_its_start_it_has_nobody() -> None:
    later = weekly("Later", name="later", starts=date(2026, 2, 2))
    first = weekly("First", name="first")

    assert people(Rota([later, first]), "2026-02-01T00:00", "2026-02-03T00:00") == [
        ("02-01 00:00", "First"),
        ("02-02 09:00", "Later"),
    ]
    assert people(Rota([later]), "2026-02-01T00:00", "2026-02-03T00:00")[0] == ("02-01 00:00", None)


def test_on_a_holiday_another_takes_over_or_the_next_in_turn_or_nobody() -> None:
    day = date(2026, 1, 7)
    at = moment("2026-01-07T12:00")

    def on(*gone: Holiday) -> Answer:
        return answer(Rota([weekly("A", "B", "C")], gone), at)

    assert on(Holiday(day, day, frozenset("A"), instead="X")) == Answer("X", Why.HOLIDAY)
    assert on(Holiday(day, day, frozenset("A"))) == Answer("B", Why.HOLIDAY)
    assert on(Holiday(day, day, frozenset("A")), Holiday(day, day, frozenset("B"))) == Answer("C", Why.HOLIDAY)
    away = Holiday(day, day, frozenset("X"))
    assert on(Holiday(day, day, frozenset("A"), instead="X"), away) == Answer("B", Why.HOLIDAY)
    assert on(Holiday(day, day)).person is None
    assert on(Holiday(day, day, frozenset("B"))) == Answer("A")


def test_a_holiday_is_the_day_of_the_layer_and_not_of_another() -> None:
    rota = Rota([weekly("A", zone=SYDNEY)], [Holiday(date(2026, 1, 26), date(2026, 1, 26))])

    (gone,) = holes(rota, moment("2026-01-25T00:00", SYDNEY), moment("2026-01-28T00:00", SYDNEY))

    assert (gone.start, gone.end) == (moment("2026-01-26T00:00", SYDNEY), moment("2026-01-27T00:00", SYDNEY))


def test_what_is_imported_counts_more_than_layers_and_of_two_the_one_that_begins_last() -> None:
    long = Span(moment("2026-01-05T00:00"), moment("2026-01-12T00:00"), "Long")
    short = Span(moment("2026-01-06T12:00"), moment("2026-01-06T14:00"), "Short")
    rota = Rota([weekly("A")], imported=[short, long])

    assert people(rota, "2026-01-06T00:00", "2026-01-13T00:00") == [
        ("01-06 00:00", "Long"),
        ("01-06 12:00", "Short"),
        ("01-06 14:00", "Long"),
        ("01-12 00:00", "A"),
    ]


def test_of_two_overrides_the_newer_counts_where_both_hold() -> None:
    older = Override(1, moment("2026-01-06T00:00"), moment("2026-01-07T00:00"), "Older")
    newer = Override(2, moment("2026-01-06T12:00"), moment("2026-01-06T14:00"), "Newer")
    rota = Rota([weekly("A")]).over([newer, older])

    assert people(rota, "2026-01-06T00:00", "2026-01-07T12:00") == [
        ("01-06 00:00", "Older"),
        ("01-06 12:00", "Newer"),
        ("01-06 14:00", "Older"),
        ("01-07 00:00", "A"),
    ]


def test_one_who_is_alone_has_it_until_the_horizon_and_nobody_hangs() -> None:
    found = stretch(Rota([weekly("A")]), moment("2026-01-06T00:00"))

    assert isinstance(found, Stretch)
    assert found.end - found.start == timedelta(days=400)
