"""What Prometheus knows is drawn into an alert's thread, or for who asks; without a picture people still know."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.graph import Unit
from bot.ledger import cards
from bot.ledger.cards import Card
from bot.ledger.ledger import Stale
from bot.painter.pictures.graph import PICTURE
from bot.sandbox.validation import check_blocks
from bot.usecases import graphing
from bot.views.kit import Message
from bot.web import alertmanager
from tests.fakes.graphs import KeptPictures, ScriptedPlots
from tests.fakes.healthbridge import NDAPEWA, HealthBridge
from tests.fakes.monitor import ALERTS, TOKEN, Json, Monitor
from tests.fakes.shown import bare, typed
from tests.flow.conftest import Edited

PROMETHEUS = ALERTS.replace("channels:", "prometheus: { url: http://prometheus.example }\n\nchannels:")
SOURCE = "http://prometheus.example/graph?g0.expr=service%3Ahttp_errors%3Aratio5m+%3E+0.01&g0.tab=1"
DRAWN = "service:http_errors:ratio5m"
MINUTE = timedelta(minutes=1)


@dataclass
class Room:
    """HealthBridge with a Prometheus, and those who draw and keep."""

    house: HealthBridge
    monitor: Monitor
    plots: ScriptedPlots
    pictures: KeptPictures

    async def fires(self, name: str = "HighErrorRate", **labels: str) -> int:
        """Have an alert fire that Prometheus can draw; return its group."""
        alert = self.monitor.alert(name, began=-3, **labels) | {"generatorURL": SOURCE}
        payload = self.monitor.payload(alert) | {"groupKey": f"{{}}:{name}"}
        _, said = await self.monitor.tell(payload)
        assert isinstance(said["group"], int)
        return said["group"]

    async def asks(self, line: str) -> None:
        await typed(self.house, NDAPEWA, line)
        await self.house.drain()

    async def card(self, number: int = 1) -> Card | None:
        async with self.house.world.ledger.transaction() as tx:
            return await cards.of(tx, f"graph:{number}", "live")

    async def message(self, number: int = 1) -> Message:
        """What a graph's card shows."""
        card = await self.card(number)
        assert card is not None
        async with self.house.world.ledger.transaction() as tx:
            draw = await PICTURE.read(self.house.world, tx, card)
        message = await draw()
        assert check_blocks(list(message.blocks), surface="message") == []
        return message


@pytest.fixture
def room(house: HealthBridge, edited: Edited) -> Room:
    house.with_catalog(edited(("channels:", PROMETHEUS)))
    plots, pictures = ScriptedPlots(), KeptPictures()
    house.world = replace(house.world, plots=plots, pictures=pictures)
    house.secrets["ALERTS_TOKEN"] = TOKEN
    return Room(house, Monitor(house, alertmanager.route(house.world)), plots, pictures)


def image(message: Message) -> Json:
    (found,) = [block for block in message.blocks if block["type"] == "image"]
    return found


async def test_an_alerts_expression_is_drawn_into_its_thread_with_the_threshold_and_the_start(room: Room) -> None:
    room.house.metrics.answer(DRAWN, 0.034)
    group = await room.fires()
    await room.house.drain()

    (graph,) = room.plots.drawn
    (panel,) = graph.panels
    now = room.house.clock.now()
    assert (graph.title, panel.unit, panel.threshold) == ("HighErrorRate", Unit.RATIO, 0.01)
    assert (graph.since, graph.marked, graph.until) == (now - 63 * MINUTE, now - 3 * MINUTE, now)
    card = await room.card()
    async with room.house.world.ledger.transaction() as tx:
        live = await cards.of(tx, f"alertgroup:{group}", "live")
    assert card is not None
    assert live is not None
    assert card.thread_of == live.id
    shown = image(await room.message())
    assert shown["slack_file"] == {"id": "F0000000001"}
    assert "nothing now (threshold 1 %). It began at" in str(shown["alt_text"])
    assert "No graph" not in bare(await room.monitor.card(group))


async def test_the_card_does_not_wait_for_the_graph(room: Room) -> None:
    room.house.metrics.fails = Retry("Prometheus at http://prometheus.example cannot be reached")
    await room.fires()

    await room.house.drain()

    assert [job.task for job in room.house.put_back] == ["graph"]
    assert len(room.house.painted) == 1
    assert await room.card() is None


async def test_a_graph_that_cannot_be_drawn_is_a_line_on_the_card_and_nothing_else(room: Room) -> None:
    room.house.metrics.fails = GaveUp("Prometheus: parse error")
    group = await room.fires()
    await room.house.drain()

    assert "No graph: Prometheus: parse error" in bare(await room.monitor.card(group))
    assert await room.card() is None
    assert await room.house.happened(f"alertgroup:{group}") == ["alertgroup.opened", "graph.failed"]


async def test_who_cannot_be_asked_for_ten_minutes_is_not_asked_again(room: Room) -> None:
    room.house.metrics.fails = Retry("Prometheus cannot be reached")
    group = await room.fires()
    with pytest.raises(Retry):
        await graphing.draw(room.house.world, 1)
    room.house.clock.move(10 * MINUTE)
    await graphing.draw(room.house.world, 1)

    assert "No graph: Prometheus cannot be reached" in bare(await room.monitor.card(group))


async def test_what_nobody_measured_is_not_drawn_as_zero(room: Room) -> None:
    room.house.metrics.answer(DRAWN, float("nan"))
    group = await room.fires()
    await room.house.drain()

    assert room.plots.drawn == []
    assert "No graph: Prometheus has no figures of that time" in bare(await room.monitor.card(group))


async def test_killed_after_slack_has_the_picture_it_is_shown_once(room: Room) -> None:
    room.house.metrics.answer(DRAWN, 0.034)
    await room.fires()
    outcomes = await asyncio.gather(
        *(graphing.draw(room.house.world, 1) for _ in range(3)), return_exceptions=True
    )  # as if each had been killed before it could say that it was done
    await room.house.drain()

    assert {type(one) for one in outcomes} <= {type(None), Stale}
    query = "SELECT count(*) AS n FROM cards WHERE subject = %(subject)s"
    (row,) = await room.house.world.ledger.single.say(query, {"subject": "graph:1"})
    assert row["n"] == 1
    assert await room.house.happened("alertgroup:1") == ["alertgroup.opened", "graph.drawn"]


async def test_a_group_that_comes_back_keeps_its_graph(room: Room) -> None:
    room.house.metrics.answer(DRAWN, 0.034)
    await room.fires()
    await room.fires(instance="b")
    await room.house.drain()

    assert len(room.plots.drawn) == 1


async def test_in_a_flood_the_newest_are_drawn_and_the_others_are_let_go(room: Room) -> None:
    room.house.metrics.answer(DRAWN, 0.034)
    for number in range(graphing.MOST_WAITING + 3):
        await room.fires(f"Alert{number}")
    await room.house.drain()

    assert [graph.title for graph in room.plots.drawn] == [f"Alert{n}" for n in range(3, graphing.MOST_WAITING + 3)]
    assert "too many alerts" in bare(await room.monitor.card(1))


async def test_an_address_that_an_alert_names_is_never_asked(room: Room, edited: Edited) -> None:
    other = PROMETHEUS.replace("alerts:", "graphs: { expressions: { Named: up } }\nalerts:", 1)
    room.house.with_catalog(edited(("channels:", other)))
    room.monitor.way = alertmanager.route(room.house.world)
    room.house.metrics.answer("up", 1)
    await room.fires("Named", environment="production")
    room.house.world = replace(room.house.world, metrics={})
    room.monitor.way = alertmanager.route(room.house.world)
    await room.fires("Elsewhere")
    await room.house.drain()

    query = "SELECT wish::json->>'title' AS title FROM graphs"
    assert [row["title"] for row in await room.house.world.ledger.single.say(query, {})] == ["Named"]


async def test_metrics_of_a_service_are_one_picture_where_somebody_asked(room: Room) -> None:
    answers = room.house.world.catalog.graphs.figures("backend")
    for query, value in ((answers.p95, 0.42), (answers.errors, 0.008), (answers.requests, 12.3)):
        assert query is not None
        filled = query.replace("$selector", 'service="backend",environment="production"').replace("$window", "5m")
        room.house.metrics.answer(filled, value)
    await room.asks("/metrics-of production backend --since 30m")

    (graph,) = room.plots.drawn
    assert graph.title == "backend in production"
    assert graph.until - graph.since == 30 * MINUTE
    assert [panel.title for panel in graph.panels] == ["Response time", "Errors", "Requests"]
    assert [line.empty for line in graph.panels[0].lines] == [True, False, True]
    card = await room.card()
    assert card is not None
    assert (card.channel, card.thread_of) == ("C0DEPLOYM2", None)
    message = await room.message()
    assert "backend in production" in bare(message)
    assert "Ndapewa" in str(message.blocks[-1])
    assert room.house.told == []


async def test_a_prometheus_that_is_away_is_said_in_words_to_who_asked(room: Room) -> None:
    room.house.metrics.fails = GaveUp("Prometheus at http://prometheus.example does not let us in")
    await room.asks("/metrics-of production backend")

    message = await room.message()
    assert bare(message) == (
        "There is no picture of backend in production: Prometheus at http://prometheus.example does not let us in."
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/metrics-of production bakend", "did you mean"),
        ("/metrics-of production backend --since 1m", "from 5m to 30d"),
        ("/metrics-of production backend --since 90d", "from 5m to 30d"),
    ],
)
async def test_what_cannot_be_is_refused_at_once(room: Room, line: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        await typed(room.house, NDAPEWA, line)


async def test_where_the_catalog_names_no_prometheus_it_says_what_to_write(room: Room) -> None:
    room.house.world = replace(room.house.world, metrics={})

    with pytest.raises(Refused, match=r"prometheus: \{ url"):
        await typed(room.house, NDAPEWA, "/metrics-of production backend")


async def test_an_organisation_says_its_own_queries_and_labels(room: Room, edited: Edited) -> None:
    own = "graphs:\n  zone: Africa/Windhoek\n  selector: app=\"$service\"\n  queries: { p50: 'mine{$selector}' }\n"
    own += "  services: { backend: { p95: 'yours{env=\"$environment\"}' } }\n"
    room.house.with_catalog(edited(("channels:", own + PROMETHEUS)))
    room.house.metrics.answer('mine{app="backend"}', 0.1)
    room.house.metrics.answer('yours{env="staging"}', 0.2)
    await room.asks("/metrics-of staging backend")

    (graph,) = room.plots.drawn
    assert [line.empty for line in graph.panels[0].lines] == [False, False, True]
    assert graph.zone == "Africa/Windhoek"
