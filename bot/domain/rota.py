"""Who is on call at a moment: layers of turns, holidays, imported spans, and overrides on top of them.

For every moment there is exactly one answer: somebody, or a hole. An override counts more than the layers, and the one
that was made last more than those before; of the layers the first that has somebody counts. What is said in local time
holds in local time: a hand-off at 09:00 is at 09:00 whatever the clocks do that night. A time that the clocks leave
out is as much later as they leap; of one that they show twice, the first is meant (as in RFC 5545).
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

DAY = timedelta(days=1)
HORIZON = timedelta(days=400)  # further ahead than this nobody asks
EVERY_DAY = frozenset(range(7))
MONTHS = 12


class Why(StrEnum):
    """Why somebody is on call."""

    ROTATION = "rotation"
    HOLIDAY = "holiday"  # in the place of somebody who is away
    IMPORTED = "imported"
    OVERRIDE = "override"
    FALLBACK = "fallback"  # because otherwise nobody would be; never said by this module


@dataclass(frozen=True, slots=True)
class Every:
    """How often the turn goes to the next: after so much time on the wall's clock, or after so many months."""

    span: timedelta = timedelta(days=7)
    months: int = 0


@dataclass(frozen=True, slots=True)
class Hours:
    """When a layer is on duty, by the clock on its wall; over midnight where `until` is not after `from`.

    `days` (Monday is 0) are those on which such hours begin.
    """

    begin: time
    end: time
    days: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class Layer:
    """People who take turns: the first of them from `starts` at `at`, in `zone`; before that the layer has nobody."""

    name: str
    people: Sequence[str]
    starts: date
    at: time
    zone: tzinfo
    every: Every = Every()
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Holiday:
    """Whole days (`last` is one of them) on which people are not on call; in each layer by the clock on its wall.

    `who` and `layers` are all where they are empty. `instead` takes over; without it, the next in turn who is there.
    """

    first: date
    last: date
    who: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time that somebody has, as it was told elsewhere."""

    start: datetime
    end: datetime
    person: str


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody is on call instead of whoever would be; a later number was made later."""

    number: int
    start: datetime
    end: datetime
    person: str


@dataclass(frozen=True, slots=True)
class Rota:
    """Everything that says who is on call."""

    layers: Sequence[Layer] = ()
    holidays: Sequence[Holiday] = ()
    imported: Sequence[Span] = ()
    overrides: Sequence[Override] = ()

    def over(self, overrides: Iterable[Override]) -> "Rota":
        """Return it with these overrides on top."""
        return replace(self, overrides=tuple(overrides))


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody and why; nobody (`person` is None) is a hole. `override` is its number where there is one."""

    person: str | None = None
    why: Why = Why.ROTATION
    override: int | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the answer is the same."""

    start: datetime
    end: datetime
    answer: Answer


HOLE = Answer()


def answer(rota: Rota, at: datetime) -> Answer:
    """Say who is on call at a moment."""
    laid = [one for one in rota.overrides if one.start <= at < one.end]
    if laid:
        newest = max(laid, key=lambda one: one.number)
        return Answer(newest.person, Why.OVERRIDE, newest.number)
    told = [one for one in rota.imported if one.start <= at < one.end]
    if told:  # the one that begins last is the most particular
        return Answer(max(told, key=lambda one: (one.start, one.person)).person, Why.IMPORTED)
    found = (_of_layer(layer, rota.holidays, at) for layer in rota.layers)
    return next((one for one in found if one is not None), HOLE)


def stretches(rota: Rota, start: datetime, end: datetime) -> list[Stretch]:
    """Return who is on call from a moment to another, without a gap: each change of the answer begins a new one."""
    found: list[Stretch] = []
    edges = sorted({start, *(edge for edge in _edges(rota, start, end) if start < edge < end)})
    for begin, stop in zip(edges, [*edges[1:], end], strict=True):
        said = answer(rota, begin)
        if found and found[-1].answer == said:
            found[-1] = replace(found[-1], end=stop)
        else:
            found.append(Stretch(begin, stop, said))
    return found


def stretch(rota: Rota, at: datetime) -> Stretch:
    """Return who is on call at a moment and until when that is so; nobody looks further than the horizon."""
    ahead = 2 * DAY
    while ahead < HORIZON:
        first, *later = stretches(rota, at, at + ahead)
        if later:
            return first
        ahead *= 4
    return stretches(rota, at, at + HORIZON)[0]


def holes(rota: Rota, start: datetime, end: datetime) -> list[Stretch]:
    """Return the times in which nobody is on call."""
    return [one for one in stretches(rota, start, end) if one.answer.person is None]


def instant(day: date, at: time, zone: tzinfo) -> datetime:
    """Return when the clock on the wall shows a time on a day."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def _of_layer(layer: Layer, holidays: Sequence[Holiday], at: datetime) -> Answer | None:
    number = _turn(layer, at)
    if number < 0 or not layer.people or not _on_duty(layer, at):
        return None
    days = [one for one in holidays if not one.layers or layer.name in one.layers]
    now = [one for one in days if _first(one, layer) <= at < _after(one, layer)]
    size = len(layer.people)
    turns = [layer.people[(number + step) % size] for step in range(size)]
    away = {one: next((day for day in now if not day.who or one in day.who), None) for one in turns}
    first = away[turns[0]]
    if first is None:
        return Answer(turns[0])
    if first.instead is not None and _is_there(first.instead, now):
        return Answer(first.instead, Why.HOLIDAY)
    there = next((one for one in turns if away[one] is None), None)
    return Answer(there, Why.HOLIDAY) if there is not None else None


def _is_there(person: str, now: Sequence[Holiday]) -> bool:
    """Whether somebody who takes over is not away, too, by name."""
    return not any(person in day.who for day in now)


def _turn(layer: Layer, at: datetime) -> int:
    """Return how many times a layer has changed hands before a moment; less than 0 before its start."""
    wall = at.astimezone(layer.zone).replace(tzinfo=None)
    began = datetime.combine(layer.starts, layer.at)
    if layer.every.months:
        number = ((wall.year - began.year) * MONTHS + wall.month - began.month) // layer.every.months
    else:
        number = (wall - began) // layer.every.span
    while _hand_off(layer, number) > at:
        number -= 1
    while _hand_off(layer, number + 1) <= at:
        number += 1
    return number


def _hand_off(layer: Layer, number: int) -> datetime:
    """Return when a layer changes hands for the so-manieth time; 0 is its start."""
    began = datetime.combine(layer.starts, layer.at)
    if layer.every.months:
        return instant(_months_after(layer.starts, number * layer.every.months), layer.at, layer.zone)
    wall = began + number * layer.every.span
    return instant(wall.date(), wall.time(), layer.zone)


def _months_after(day: date, months: int) -> date:
    """Return the same day of another month, or its last where it has no such day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _on_duty(layer: Layer, at: datetime) -> bool:
    if layer.hours is None:
        return True
    today = at.astimezone(layer.zone).date()
    return any(begin <= at < end for begin, end in _duties(layer, layer.hours, today - 2 * DAY, today + DAY))


def _duties(layer: Layer, hours: Hours, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the hours of a layer that begin on the days from one to another."""
    for number in range((last - first).days + 1):
        day = first + number * DAY
        if day.weekday() in hours.days:
            ends = day + DAY if hours.end <= hours.begin else day
            yield instant(day, hours.begin, layer.zone), instant(ends, hours.end, layer.zone)


def _first(holiday: Holiday, layer: Layer) -> datetime:
    return instant(holiday.first, time(), layer.zone)


def _after(holiday: Holiday, layer: Layer) -> datetime:
    return instant(holiday.last + DAY, time(), layer.zone)


def _edges(rota: Rota, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield every moment at which the answer may change, and some at which it does not."""
    for laid in rota.overrides:
        yield from (laid.start, laid.end)
    for told in rota.imported:
        yield from (told.start, told.end)
    for layer in rota.layers:
        for holiday in rota.holidays:
            yield from (_first(holiday, layer), _after(holiday, layer))
        if layer.hours is not None:
            first, last = (edge.astimezone(layer.zone).date() for edge in (start, end))
            for begin, stop in _duties(layer, layer.hours, first - 2 * DAY, last + DAY):
                yield from (begin, stop)
        number = max(_turn(layer, start), -1) + 1
        while (edge := _hand_off(layer, number)) < end:
            yield edge
            number += 1
