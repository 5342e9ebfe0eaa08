"""A graph: figures over time as they are drawn, and what they say in words, for who cannot see the picture.

A point without a value is a gap: nobody measured then, or there was nothing to divide by. It is never a zero.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from bot.domain.observation import Series

Point = tuple[datetime, float | None]
_GAP = 1.5  # steps between two points from which on nobody measured in between
_KILO, _MILLI = 1000, 0.001


class Unit(StrEnum):
    """What figures count."""

    SECONDS = "seconds"
    RATIO = "ratio"  # 0.01 is 1 %
    RATE = "rate"  # a second
    PLAIN = "plain"

    def spoken(self, value: float) -> str:
        """Say a figure in as few characters as tell it."""
        if math.isnan(value) or math.isinf(value):
            return "no figure"
        match self:
            case Unit.SECONDS:
                return f"{_short(value * _KILO)} ms" if abs(value) < 1 else f"{_short(value)} s"
            case Unit.RATIO:
                return f"{_short(value * 100)} %"
            case Unit.RATE:
                return f"{_short(value)}/s"
            case Unit.PLAIN:
                return _short(value)


def _short(value: float) -> str:
    """Write a number with three digits that count, and a letter for thousands."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return _short(value / (_KILO if letter == "k" else size)) + letter
    if value and abs(value) < _MILLI:
        return f"{value:.1e}"
    return f"{value:.3g}" if abs(value) < _KILO else f"{value:.0f}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is called, and its points in the order of time."""

    name: str
    points: Sequence[Point] = ()

    @property
    def newest(self) -> float | None:
        """The newest figure, None where the line has none at its end."""
        return self.points[-1][1] if self.points else None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for _, value in self.points)


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines in one unit. `threshold` is what an alert compares them with; `left_out` lines are more than fit."""

    title: str
    unit: Unit = Unit.PLAIN
    lines: Sequence[Line] = ()
    threshold: float | None = None
    left_out: int = 0

    @property
    def drawn(self) -> Sequence[Line]:
        """The lines that there is something to draw of."""
        return [line for line in self.lines if not line.empty]

    def spoken(self) -> str:
        """Say the newest figures."""
        figures = [f"{line.name} {self._figure(line)}".strip() for line in self.drawn]
        more = f" and {self.left_out} more" if self.left_out else ""
        limit = f" (threshold {self.unit.spoken(self.threshold)})" if self.threshold is not None else ""
        return f"{self.title}: {', '.join(figures) or 'nothing was measured'}{more}{limit}"

    def _figure(self, line: Line) -> str:
        return "nothing now" if line.newest is None else self.unit.spoken(line.newest)


@dataclass(frozen=True, slots=True)
class Graph:
    """What one picture shows. `marked` is a moment that a line marks, and `mark` says what was then."""

    title: str
    since: datetime
    until: datetime
    panels: Sequence[Panel] = field(default_factory=tuple)
    zone: str = "UTC"
    marked: datetime | None = None
    mark: str = ""

    @property
    def when(self) -> str:
        """Say the time that is shown, and in which time zone it is written."""
        zone = ZoneInfo(self.zone)
        since, until = self.since.astimezone(zone), self.until.astimezone(zone)
        day = "" if since.date() == until.date() else f"{until:%d %b} "
        return f"{since:%d %b %H:%M} – {day}{until:%H:%M}, {self.zone}{_offset(until)}"

    @property
    def empty(self) -> bool:
        """Whether nothing was measured of all that is shown."""
        return not any(panel.drawn for panel in self.panels)

    def spoken(self) -> str:
        """Say everything that the picture shows."""
        said = f" {self.mark} at {self.marked.astimezone(ZoneInfo(self.zone)):%H:%M}." if self.marked else ""
        return f"{self.title}, {self.when}. {'; '.join(panel.spoken() for panel in self.panels)}.{said}"


def _offset(at: datetime) -> str:
    hours = f"{at:%z}"
    return f" (UTC{hours[:3]}:{hours[3:]})" if hours != "+0000" else ""


def line(name: str, series: Series, step: timedelta) -> Line:
    """Return a series as a line with a gap wherever nobody measured, or the value is no number."""
    points: list[Point] = []
    for at, value in series.points:
        if points and at - points[-1][0] > _GAP * step:
            points.append((points[-1][0] + step, None))
        points.append((at, value if math.isfinite(value) else None))
    return Line(name, points)


def ended(lines: Iterable[Line], until: datetime, step: timedelta) -> list[Line]:
    """Return lines that say by a gap at their end that nobody measures any more."""
    return [
        Line(one.name, [*one.points, (until, None)]) if one.points and until - one.points[-1][0] > 2 * step else one
        for one in lines
    ]


def steps(since: datetime, until: datetime, *, most: int = 180) -> timedelta:
    """Return how far apart points are, so that there are not more than so many; whole, and at least 5 seconds."""
    seconds = (until - since).total_seconds() / most
    return timedelta(seconds=max(5, math.ceil(seconds / 5) * 5))


@dataclass(frozen=True, slots=True)
class LineWish:
    """A query, and what its line is called; without a name each of its series is a line, called by its labels."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class PanelWish:
    """A panel that is wanted."""

    title: str
    unit: Unit = Unit.PLAIN
    lines: Sequence[LineWish] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A graph that is wanted of an environment's figures; without `until` it reaches to when it is drawn.

    `labels` are those of an alert: of many series those are drawn that bear them.
    """

    title: str
    environment: str
    since: datetime
    until: datetime | None = None
    panels: Sequence[PanelWish] = field(default_factory=tuple)
    zone: str = "UTC"
    marked: datetime | None = None
    mark: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


class State(StrEnum):
    """How a graph that was wanted stands."""

    WANTED = "wanted"
    DRAWN = "drawn"  # and Slack has it
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The row of a graph. `file` is Slack's number of the picture, `said` what it shows, or why there is none."""

    id: int
    subject: str
    wish: Wish
    state: State
    made_at: datetime
    channel: str = ""
    asked_by: str = ""
    file: str | None = None
    said: str = ""


_ADAPTER = TypeAdapter(Graph)
_WISH = TypeAdapter(Wish)


def written(graph: Graph) -> str:
    """Write a graph down as JSON."""
    return _ADAPTER.dump_json(graph).decode()


def read(text: str | bytes) -> Graph:
    """Read what `written` wrote."""
    return _ADAPTER.validate_json(text)


def wish_written(wish: Wish) -> str:
    """Write a wish down as JSON."""
    return _WISH.dump_json(wish).decode()


def wish_read(text: str) -> Wish:
    """Read what `wish_written` wrote."""
    return _WISH.validate_json(text)
