"""`logs`: what the programs of a target printed last, written down masked, and pictured in a thread.

Who read it, and how far back, is an event of the target: what programs print may be about people.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from bot.catalog import Duration
from bot.domain.duration import spoken
from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.excerpt import Excerpt
from bot.domain.masking import LONGEST_KEY, headless
from bot.domain.pages import MOST_PAGES, PAGE, newest
from bot.domain.target import Target
from bot.ledger import cards, excerpts, requests, targets
from bot.ledger.requests import Asked
from bot.ports import Output
from bot.usecases import drifting
from bot.usecases.proposing import Planner
from bot.world import World

FURTHEST = timedelta(days=7)
MOST = MOST_PAGES * PAGE + LONGEST_KEY  # bytes: a key whose beginning is cut off ends before what is shown begins
NEARLY = MOST - LONGEST_KEY // 2  # who was given this much was not given all


class Logs(BaseModel):
    """What was asked for: a target, and how far back from then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    service: str
    since: Duration = timedelta(minutes=10)


async def check(world: World, person: str, wish: Logs) -> None:
    """Refuse at once what can be refused without looking outside."""
    world.catalog.target(Target(wish.service, wish.environment))
    if not timedelta() < wish.since <= FURTHEST:
        raise Refused(f"“{spoken(wish.since)}” is not how far I look back: say for example --since 10m, at most 7d.")
    readers = world.catalog.readers(wish.environment)
    await world.require(person, readers, f"read what programs print in {wish.environment}")


async def plan(world: World, asked: Asked) -> None:
    """Read the output, and write it down for the painter."""
    wish = Logs.model_validate(asked.args)
    await check(world, asked.person, wish)
    target, until = Target(wish.service, wish.environment), asked.at
    printed = await _printed(world, target, until - wish.since)
    text = world.mask(printed[headless(printed) :])
    shown = "".join(newest(text))
    more = shown != text or len(printed.encode()) > NEARLY
    if not shown:
        await _see(world, target)
    await _write(world, asked, Excerpt(0, target, asked.person, until - wish.since, until, shown, more))


async def _see(world: World, target: Target) -> None:
    """Note what runs on a target that printed nothing: the answer says so. One that cannot be seen stays as it was."""
    with suppress(Retry, GaveUp):
        looked = await drifting.look(world, target)
        if looked is not None:
            seen = replace(looked.seen, detail=world.mask(looked.seen.detail))
            async with world.ledger.transaction() as tx:
                await targets.observed(tx, target, seen)


async def _printed(world: World, target: Target, since: datetime) -> str:
    backend, config = world.backend(target), world.catalog.section(target)
    if not isinstance(backend, Output):
        raise Refused(f"{target} runs on {config['kind']}, which cannot show what its programs print.")
    try:
        return await backend.output(target, config=config, since=since, most=MOST)
    except (Retry, GaveUp) as error:
        raise Refused(f"What {target} prints cannot be read now: {world.mask(error.reason)}.") from error


async def _write(world: World, asked: Asked, excerpt: Excerpt) -> None:
    """Write an excerpt down, with its cards: one in the channel, and a page each in its thread."""
    channel = world.catalog.channels.deployments
    async with world.ledger.transaction() as tx:
        number = await excerpts.add(tx, excerpt, request_id=asked.id)
        if number is None:
            return
        subject = excerpts.subject(number)
        about = {"excerpt": number, "since": excerpt.since, "characters": len(excerpt.text)}
        tx.record("target.read", actor=asked.person, subject=f"target:{excerpt.target}", **about)
        await cards.add(tx, subject, "live", channel)
        head = await cards.of(tx, subject, "live")
        assert head is not None  # noqa: S101 - it was just written
        for page in range(1, len(excerpt.pages) + 1):
            await cards.add(tx, subject, f"page/{page}", channel, thread_of=head.id)
        await requests.answer(tx, asked, None, leads_to={"excerpt": number})


PLANNER = Planner("logs", plan)
