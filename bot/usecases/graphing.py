"""Graphs: what is wanted is written down; a job asks Prometheus, has it drawn, gives Slack the picture, and notes that.

The card of an alert never waits for its graph, and a graph that fails changes nothing but a line. The picture is given
to Slack before anybody sees it: killed in between, or without an answer, it is given again, and the first one is a file
that nobody sees. The message that shows it is a card like any other: only the painter posts it, and looks before it
posts again.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from bot.domain.alert import Alert
from bot.domain.alertgroup import Group
from bot.domain.errors import GaveUp, Retry
from bot.domain.expression import belongs, compared, of_source
from bot.domain.graph import Graph, Line, LineWish, Panel, PanelWish, State, Unit, Wanted, Wish, ended, line, steps
from bot.domain.observation import Series
from bot.ledger import alertgroups, cards, graphs
from bot.ledger.ledger import Tx
from bot.world import World

BEFORE = timedelta(hours=1)  # an alert's first firing
FURTHEST = timedelta(days=1)  # before now, for one that had fired for long before it was told
MOST_LINES = 6
MOST_WAITING = 20  # graphs of alerts: in a flood those of the newest are drawn
TRIES = {"alertgroup": timedelta(minutes=10), "target": timedelta(seconds=20)}  # by whom they are about
AGAIN = timedelta(seconds=5)
CROWDED = "too many alerts came at once"

log = structlog.get_logger(__name__)


def want(world: World, tx: Tx, group: Group, fired: Sequence[Alert]) -> None:
    """Have the expression of a group's worst alert drawn into its thread, where it can be known."""
    wish = _wish(world, min(fired, key=lambda one: (-one.severity, one.starts_at)), tx)
    if wish is not None:
        graphs.want(tx, alertgroups.subject(group.id), wish)


def _wish(world: World, alert: Alert, tx: Tx) -> Wish | None:
    known = world.catalog.graphs
    expression = known.expressions.get(alert.name) or of_source(alert.source)
    environment = _environment(world, alert)
    if not (known.alerts and expression and environment):
        return None
    found = compared(expression)
    panel = PanelWish(expression, unit_of(found.drawn), [LineWish("", found.drawn)], found.threshold)
    start = min(alert.starts_at, tx.now)
    since = max(start - BEFORE, tx.now - FURTHEST)
    marked = start if start >= since else None
    return Wish(alert.name, environment, since, None, [panel], known.zone, marked, "It began", alert.labels)


def _environment(world: World, alert: Alert) -> str | None:
    """Return the environment whose Prometheus knows an alert; an address that an alert names is never asked itself."""
    named = alert.labels.get("environment", "")
    if named in world.metrics:
        return named
    places = {name: world.catalog.prometheus_of(name) for name in world.metrics}
    by_address = [name for name, one in places.items() if one and alert.source.startswith(f"{one.url.rstrip('/')}/")]
    alone = list(places)[:1] if len(set(places.values())) == 1 else []
    return next(iter([*by_address, *alone]), None)


def unit_of(expression: str) -> Unit:
    """Guess from the names in an expression what it counts."""
    if "ratio" in expression:
        return Unit.RATIO
    if "seconds" in expression and "seconds_count" not in expression and "seconds_total" not in expression:
        return Unit.SECONDS
    return Unit.PLAIN


async def draw(world: World, graph_id: int) -> None:
    """Draw a graph, once; `Retry` puts it off, and what cannot be drawn is noted with its reason."""
    async with world.ledger.transaction() as tx:
        graph = await graphs.get(tx, graph_id)
        crowded = graph is not None and not graph.asked_by and await graphs.wanted_after(tx, graph.id) >= MOST_WAITING
    if graph is None or graph.state is not State.WANTED:
        return
    if crowded:
        await _fail(world, graph, CROWDED)
        return
    try:
        file, said = await _kept(world, graph.wish)
    except Retry as later:
        if world.clock.now() - graph.made_at < TRIES[graph.subject.partition(":")[0]]:
            raise Retry(later.reason, after=max(later.after or AGAIN, AGAIN)) from later
        await _fail(world, graph, later.reason)
    except GaveUp as no:
        await _fail(world, graph, no.reason)
    else:
        async with world.ledger.transaction() as tx:
            graphs.drawn(tx, graph, file=file, said=said)
            tx.record("graph.drawn", actor="engine", subject=graph.subject, graph=graph.id, file=file)
            await _show(tx, graph)


async def _kept(world: World, wish: Wish) -> tuple[str, str]:
    """Return Slack's number of the picture that a wish became, and what it shows in words."""
    picture = await measured(world, wish)
    if picture.empty:
        raise GaveUp("Prometheus has no figures of that time")
    said = picture.spoken()
    png = await world.plots.draw(picture)
    return await world.pictures.keep(png, name=f"{picture.title}.png", says=said), said


async def _show(tx: Tx, graph: Wanted) -> None:
    """Have a graph shown: in the thread of what it is about, or where somebody asked for it."""
    if graph.asked_by:
        await cards.add(tx, graphs.subject(graph.id), "live", graph.channel)
        return
    live = await cards.of(tx, graph.subject, "live")
    if live is not None:
        await cards.add(tx, graphs.subject(graph.id), "live", live.channel, thread_of=live.id)


async def _fail(world: World, graph: Wanted, why: str) -> None:
    """Note that there is no picture; who asked is told where it would be, an alert's card says it in a line."""
    why = world.mask(why)[:300]
    log.warning("a graph cannot be drawn", graph=graph.id, subject=graph.subject, reason=why)
    async with world.ledger.transaction() as tx:
        graphs.failed(tx, graph, why)
        tx.record("graph.failed", actor="engine", subject=graph.subject, graph=graph.id, reason=why)
        if graph.asked_by:
            await _show(tx, graph)
        elif why != CROWDED:
            cards.touch(tx, graph.subject, role="live")


async def measured(world: World, wish: Wish) -> Graph:
    """Ask Prometheus for everything that a wish wants; `GaveUp` where the environment has none."""
    metrics = world.metrics.get(wish.environment)
    if metrics is None:
        raise GaveUp(f"the catalog names no Prometheus for {wish.environment}")
    until = wish.until or world.clock.now()
    step = steps(wish.since, until)
    panels = []
    for panel in wish.panels:
        found: list[Line] = []
        for one in panel.lines:
            series = await metrics.range(one.query, start=wish.since, end=until, step=step)
            found += _lines(world, one, series, wish, step)
        lines = ended(found[:MOST_LINES], until, step)
        left_out = max(len(found) - MOST_LINES, 0)
        panels.append(Panel(world.mask(panel.title), panel.unit, lines, panel.threshold, left_out))
    return Graph(world.mask(wish.title), wish.since, until, panels, wish.zone, wish.marked, wish.mark)


def _lines(world: World, wanted: LineWish, series: Sequence[Series], wish: Wish, step: timedelta) -> list[Line]:
    """Return the lines of a query: the one that has a name, or those that an alert is about, or all."""
    if wanted.name:
        return [line(wanted.name, one, step) for one in series[:1]] or [Line(wanted.name)]
    about = [one for one in series if belongs(one.labels, wish.labels)] or series
    return [line(world.mask(_called(one, about)), one, step) for one in about]


def _called(series: Series, all_of_them: Sequence[Series]) -> str:
    """Call a series by the labels that tell it from the others; alone it needs no name."""
    labels = {name: value for name, value in series.labels.items() if name != "__name__"}
    apart = [value for name, value in sorted(labels.items()) if len({one.labels.get(name) for one in all_of_them}) > 1]
    return " ".join(apart)[:40]
