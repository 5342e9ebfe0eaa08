"""`/ack 7`, the buttons under an alert group, a word in its card's thread, a reaction on it: somebody is at it."""

from pydantic import BaseModel, ConfigDict, Field

from bot.command import LARGEST_NUMBER, Answer, Button, Command, Context, Heard, Hearing
from bot.domain.alertgroup import State
from bot.domain.errors import Refused
from bot.usecases import alerting, hearing, listing
from bot.usecases.hearing import Word
from bot.views import alertlists as view
from bot.views.kit import Message


class Args(BaseModel):
    """The alert group; without it, the only one that is meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: int | None = Field(None, ge=1, le=LARGEST_NUMBER)


async def run(args: Args, ctx: Context) -> Answer:
    """Say that you are at it; where several may be meant, choose."""
    number = args.group
    if number is None:
        waiting = await listing.with_state(ctx.world, State.FIRING)
        if not waiting.groups:
            raise Refused("No alert waits for somebody. `/alerts` lists all that are open.")
        if len(waiting.groups) > 1:
            return view.choice(waiting, "Which one?", "ack", "Acknowledge")
        number = waiting.groups[0].group.id
    group = await alerting.acknowledge(ctx.world, number, by=ctx.person)
    return view.at_it(group)


async def ack(group: int, ctx: Context) -> Answer:
    """Say that you are at it; the card says so."""
    await alerting.acknowledge(ctx.world, group, by=ctx.person)
    return None


async def unack(group: int, ctx: Context) -> Answer:
    """Say that you no longer are; the card says so."""
    await alerting.take_back(ctx.world, group, by=ctx.person)
    return None


async def word(heard: Heard, ctx: Context) -> Answer:
    """Take a word in the thread of a card for what it says; most words are not for us."""
    alerts = ctx.world.catalog.alerts
    if alerts is None:
        return None
    said = Word(ctx.person, heard.channel, heard.thread_ts, heard.at)
    if alerts.acknowledge.means_at_it(heard.said):
        group = await hearing.acknowledge(ctx.world, said)
        return view.at_it(group) if group else None
    if alerts.acknowledge.means_no_longer(heard.said):
        return await _taken_back(said, ctx)
    return None


async def _taken_back(said: Word, ctx: Context) -> Message | None:
    found = await hearing.take_back(ctx.world, said)
    if found is None:
        return None
    group, done = found
    if done:
        return Message(f"You are no longer at alert group {group.id}.")
    raise await alerting.not_yours(ctx.world, group)


async def hand(heard: Heard, ctx: Context) -> Answer:
    """Take a reaction on a card for a hand that goes up; the card says so."""
    if ctx.world.catalog.alerts is not None and ctx.world.catalog.alerts.acknowledge.means_hand(heard.said):
        await hearing.acknowledge(ctx.world, Word(ctx.person, heard.channel, heard.thread_ts, heard.at))
    return None


async def no_hand(heard: Heard, ctx: Context) -> Answer:
    """Take a reaction that is gone for a hand that goes down; somebody else's is theirs."""
    if ctx.world.catalog.alerts is not None and ctx.world.catalog.alerts.acknowledge.means_hand(heard.said):
        await hearing.take_back(ctx.world, Word(ctx.person, heard.channel, heard.thread_ts, heard.at))
    return None


COMMAND = Command("ack", "Say that you are at an alert group", Args, run, examples=("ack", "ack 7"))
BUTTONS = [Button("ack", ack), Button("unack", unack)]
HEARD = [Hearing("message", word), Hearing("reaction_added", hand), Hearing("reaction_removed", no_hand)]
