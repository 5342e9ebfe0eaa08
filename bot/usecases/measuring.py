"""`metrics-of`: how a service does, as one picture: response times, errors and requests, asked of its Prometheus."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from bot.catalog import Duration
from bot.domain import duration
from bot.domain.duration import spoken
from bot.domain.errors import Refused
from bot.domain.graph import LineWish, PanelWish, Unit, Wish, steps
from bot.domain.target import Target
from bot.ledger import graphs, requests
from bot.ledger.requests import Asked
from bot.usecases.proposing import Planner
from bot.world import World

SHORTEST, FURTHEST = timedelta(minutes=5), timedelta(days=30)
WINDOW = timedelta(minutes=5)  # that a rate is taken over; with points further apart than that, as long as they are


class MetricsOf(BaseModel):
    """What was asked for: a target, and how far back from then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str
    since: Duration = timedelta(hours=1)


def check(world: World, wish: MetricsOf) -> None:
    """Refuse at once what can be refused without looking outside."""
    world.catalog.target(Target(wish.service, wish.environment))
    if not SHORTEST <= wish.since <= FURTHEST:
        raise Refused(f"“{spoken(wish.since)}” is not how far I look back: say for example --since 1h, from 5m to 30d.")
    if wish.environment not in world.metrics:
        raise Refused(
            f"The catalog names no Prometheus for {wish.environment}: give it, or the whole catalog, a "
            "`prometheus: { url: … }`."
        )


async def plan(world: World, asked: Asked) -> None:
    """Write down what is to be drawn; a job asks Prometheus and has it drawn."""
    wish = MetricsOf.model_validate(asked.args)
    check(world, wish)
    target = Target(wish.service, wish.environment)
    wanted = Wish(
        f"{wish.service} in {wish.environment}",
        wish.environment,
        asked.at - wish.since,
        asked.at,
        _panels(world, target, max(WINDOW, steps(asked.at - wish.since, asked.at))),
        world.catalog.graphs.zone,
    )
    async with world.ledger.transaction() as tx:
        about = f"target:{target}"
        await graphs.ask(tx, about, wanted, request_id=asked.id, channel=asked.channel, asked_by=asked.person)
        await requests.answer(tx, asked, None)


def _panels(world: World, target: Target, window: timedelta) -> list[PanelWish]:
    known = world.catalog.graphs.figures(target.service)
    asked = {name: _filled(world, target, query or "", window) for name, query in known}
    times = [LineWish(name, asked[name]) for name in ("p50", "p95", "p99")]
    return [
        PanelWish("Response time", Unit.SECONDS, times),
        PanelWish("Errors", Unit.RATIO, [LineWish("errors", asked["errors"])]),
        PanelWish("Requests", Unit.RATE, [LineWish("requests", asked["requests"])]),
    ]


def _filled(world: World, target: Target, query: str, window: timedelta) -> str:
    """Return a query with what it is asked for in place of its words that begin with a $."""
    shared = world.catalog.prometheus_of(target.environment)
    others = [name for name in world.catalog.environments if name != target.environment]
    alone = all(world.catalog.prometheus_of(name) != shared for name in others)
    usual = 'service="$service"' if alone else 'service="$service",environment="$environment"'
    words = {
        "$selector": world.catalog.graphs.selector or usual,
        "$service": target.service,
        "$environment": target.environment,
        "$window": duration.written(window),
    }
    for word, meant in words.items():
        query = query.replace(word, meant)
    return query


PLANNER = Planner("metrics-of", plan)
