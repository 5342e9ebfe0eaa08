"""How a graph looks: read on a phone, in Slack's light and dark theme, by who cannot tell red from green.

1080 pixels wide is a phone's width in Slack, so the letters are large, and ticks are few. The newest figure stands in
the heading of each panel, in its line's colour and with its line's dashes, so that no legend has to be looked up. The
ground is opaque: Slack puts pictures on white or on nearly black, and what has no ground is lost on one of them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bot.domain.graph import Graph, Line, Panel

WIDTH, DPI = 1080, 100  # pixels
HEAD, PANEL, ALONE = 150, 360, 560  # pixels: the title, each of several panels, one panel alone
GROUND, INK, DULL, GRID, LIMIT = "#ffffff", "#1d1c1d", "#616061", "#dddddd", "#c0143c"
COLOURS = (
    "#0b62a4",
    "#d9730d",
    "#7a3e9d",
    "#14857a",
    "#8c5a2b",
    "#444444",
)  # told apart in the common colour blindnesses
DASHES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)))
LARGE, USUAL, SMALL = 30, 25, 22  # points of 1/72 inch, at 100 dots an inch: 42, 35 and 31 pixels


def drawn(graph: Graph) -> bytes:
    """Return a graph as a PNG."""
    each = ALONE if len(graph.panels) == 1 else PANEL
    height = HEAD + each * max(len(graph.panels), 1)
    figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=GROUND)
    FigureCanvasAgg(figure)
    _heading(figure, graph, height)
    for at, panel in enumerate(graph.panels):
        bottom = height - HEAD - each * (at + 1)
        place = (0.13, (bottom + 62) / height, 0.815, (each - 122) / height)
        _panel(figure.add_axes(place), panel, graph)
    out = BytesIO()
    figure.savefig(out, format="png", facecolor=GROUND, metadata={"Software": None})
    return out.getvalue()


def _heading(figure: Figure, graph: Graph, height: int) -> None:
    figure.text(0.03, 1 - 48 / height, _cut(graph.title, 40), fontsize=LARGE, fontweight="bold", color=INK, va="center")
    figure.text(0.03, 1 - 102 / height, graph.when, fontsize=SMALL, color=DULL, va="center")


def _panel(axes: Axes, panel: Panel, graph: Graph) -> None:
    """Draw a panel: its figures in the heading, its lines, the threshold, and the mark."""
    zone = ZoneInfo(graph.zone)
    axes.set_facecolor(GROUND)
    axes.set_xlim(date2num(graph.since), date2num(graph.until))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(DULL)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=1.5)
    axes.set_axisbelow(True)
    for at, line in enumerate(panel.lines):
        _line(axes, line, at)
    _limits(axes, panel)
    _mark(axes, graph)
    locator = AutoDateLocator(tz=zone, minticks=2, maxticks=4)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(_times(graph.since, graph.until, zone, locator))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: panel.unit.spoken(value)))
    axes.tick_params(labelsize=SMALL, colors=DULL, length=6, width=1.5)
    axes.xaxis.get_offset_text().set_visible(False)
    _words(axes, panel, titled=len(graph.panels) > 1)


def _times(since: datetime, until: datetime, zone: ZoneInfo, locator: AutoDateLocator) -> ConciseDateFormatter:
    days = until - since > timedelta(days=1)
    formats = ["%Y", "%b", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    at_zero = ["", "%Y", "%b", "%d %b" if days else "%H:%M", "%H:%M", "%H:%M"]
    return ConciseDateFormatter(locator, tz=zone, formats=formats, zero_formats=at_zero, show_offset=False)


def _line(axes: Axes, line: Line, at: int) -> None:
    """Draw a line with its gaps; a point between two gaps would be no line, so it is drawn as a dot."""
    if line.empty:
        return
    values = [float("nan") if value is None else value for _, value in line.points]
    moments = [date2num(moment) for moment, _ in line.points]
    colour = COLOURS[at % len(COLOURS)]
    axes.plot(moments, values, linestyle=DASHES[at % len(DASHES)], linewidth=4, color=colour, solid_capstyle="round")
    alone = [
        here
        for here, (_, value) in enumerate(line.points)
        if value is not None
        and all(line.points[near][1] is None for near in (here - 1, here + 1) if 0 <= near < len(line.points))
    ]
    axes.plot([moments[one] for one in alone], [values[one] for one in alone], "o", markersize=9, color=colour)


def _limits(axes: Axes, panel: Panel) -> None:
    """Let the axis hold the figures and the threshold; what cannot be negative begins at zero."""
    shown = [value for line in panel.lines for _, value in line.points if value is not None]
    if panel.threshold is not None:
        axes.axhline(panel.threshold, color=LIMIT, linewidth=3, linestyle=(0, (6, 3)))
        shown.append(panel.threshold)
    if not shown:
        return
    low, high = min(0.0, *shown), max(0.0, *shown)
    room = (high - low) * 0.12 or 1.0
    axes.set_ylim(low - room if low < 0 else low - room * 0.15, high + room)


def _mark(axes: Axes, graph: Graph) -> None:
    if graph.marked is None or not graph.since <= graph.marked <= graph.until:
        return
    at = date2num(graph.marked)
    axes.axvline(at, color=INK, linewidth=2.5, linestyle=":")
    late = graph.marked - graph.since > (graph.until - graph.since) * 0.6
    axes.annotate(
        graph.mark,
        (at, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-10 if late else 10, -6),
        textcoords="offset points",
        ha="right" if late else "left",
        va="top",
        fontsize=SMALL,
        color=INK,
        bbox={"facecolor": GROUND, "edgecolor": "none", "alpha": 0.8, "pad": 3},
    )


def _words(axes: Axes, panel: Panel, *, titled: bool) -> None:
    """Write the heading: what it is, and each line's newest figure in the line's colour."""
    parts: list[tuple[str, str, bool]] = [(_cut(panel.title, 22), INK, True)] if titled else []
    for at, line in enumerate(panel.lines[:4]):
        if not line.empty:
            newest = "nothing now" if line.newest is None else panel.unit.spoken(line.newest)
            name = ("" if titled else "now") if len(panel.lines) == 1 else _cut(line.name, 14)
            parts.append((f"{name} {newest}".strip(), COLOURS[at % len(COLOURS)], False))
    if panel.threshold is not None:
        parts.append((f"limit {panel.unit.spoken(panel.threshold)}", LIMIT, False))
    _row(axes, parts)
    if not panel.drawn:
        axes.text(
            0.5,
            0.5,
            "nothing was measured",
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=USUAL,
            color=DULL,
        )
        axes.set_yticks([])


def _row(axes: Axes, parts: Sequence[tuple[str, str, bool]]) -> None:
    """Write words beside each other above a panel, as many as its width holds."""
    figure = axes.get_figure()
    assert isinstance(figure, Figure)  # noqa: S101 - each is drawn on one
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)  # noqa: S101 - see `drawn`
    left, width = 0.0, float(axes.get_window_extent().width)
    for words, colour, bold in parts:
        written = axes.annotate(
            words,
            (0, 1),
            xycoords="axes fraction",
            xytext=(left * 72 / DPI - 60, 14),
            textcoords="offset points",
            fontsize=USUAL,
            color=colour,
            fontweight="bold" if bold else "normal",
            annotation_clip=False,
        )
        left += float(written.get_window_extent(canvas.get_renderer()).width) + 26
        if left - 26 > width + 110:
            written.remove()
            return


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
