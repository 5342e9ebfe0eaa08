"""`deploy`: from what somebody typed to a change, or to a sentence that says why not."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict

from bot.catalog import nearest
from bot.domain.errors import Refused
from bot.domain.operation import Kind
from bot.domain.standing import Glance, Sight
from bot.domain.target import Target
from bot.ledger.requests import Asked
from bot.usecases import gates, previews, underway
from bot.usecases.picking import Pick, Unknown, held_off, named, newest
from bot.usecases.planning import draw
from bot.usecases.proposing import Planner, Proposal, propose
from bot.world import World


class Deploy(BaseModel):
    """What was asked for: `words` are services and at most one version, branch or commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: str
    words: tuple[str, ...] = ()
    reason: str = ""
    dry_run: bool = False


async def check(world: World, person: str, wish: Deploy) -> None:
    """Refuse at once what can be refused without looking outside: unknown words, a person without the right."""
    world.catalog.environment(wish.environment)
    services, word = split(world, wish)
    for service in services:
        world.catalog.target(Target(service, wish.environment))
    if word is not None and world.mask(word) != word:
        raise Refused(f"“{world.mask(word)}” looks like a secret, so I look nothing up by it; name a commit instead.")
    if word is not None and word.startswith("-"):
        raise Refused(f"“{word}” is not an option of deploy; there are --dry-run and --reason.")
    await world.require(person, world.catalog.deployers(wish.environment), f"deploy to {wish.environment}")


def split(world: World, wish: Deploy) -> tuple[list[str], str | None]:
    """Tell the services among the words from the version, branch or commit; more than one of those is refused."""
    services = [word for word in wish.words if word in world.catalog.services]
    others = [word for word in wish.words if word not in world.catalog.services]
    if len(others) > 1:
        near = [f"“{word}” → “{close}”" for word in others if (close := nearest(word, world.catalog.services))]
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise Refused(
            f"I can deploy one version at a time, and read {' and '.join(f'“{word}”' for word in others)}.{hint}"
        )
    return list(dict.fromkeys(services)), others[0] if others else None


async def plan(world: World, asked: Asked) -> None:
    """Pick the releases, draw the plan, and propose it; `Refused` says why there is nothing to propose."""
    wish = Deploy.model_validate(asked.args)
    await check(world, asked.person, wish)
    while True:
        with suppress(underway.Overtaken):  # then there is something under way that was not there when we looked
            return await _plan(world, asked, wish)


async def _plan(world: World, asked: Asked, wish: Deploy) -> None:
    services, word = split(world, wish)
    named_or_newest = _named(world, wish, word, asked.seen) if word else _newest(world, wish, services)
    picks, left_out = await named_or_newest
    drawn = await draw(world, Kind.DEPLOY, wish.environment, picks)
    results = await gates.evaluate(world, drawn)
    if wish.dry_run:
        await previews.answer(world, asked, drawn, results, left_out)
        return
    proposal = Proposal(drawn, results, asked.person, asked.channel, wish.reason, left_out=left_out)
    news = [] if word else picks  # who names a release gets in line for it, whatever is under way
    await propose(world, asked, proposal, first=lambda tx: underway.alone(tx, wish.environment, news))


async def _newest(world: World, wish: Deploy, services: Sequence[str]) -> tuple[list[Pick], list[str]]:
    """Return what is newest where something is, and why the other services are left out."""
    picks, reasons = [], []
    for target in world.catalog.targets(wish.environment):
        if not services or target.service in services:
            pick = await newest(world, target)
            coming = await underway.instead(world, target, pick)
            if isinstance(pick, Pick) and coming is None:
                picks.append(pick)
            else:
                reasons.append(coming or str(pick))
    if not picks:
        raise Refused(f"Nothing to deploy to {wish.environment}. " + " ".join(reasons))
    return picks, reasons


async def _named(world: World, wish: Deploy, word: str, seen: Mapping[str, Sight]) -> tuple[list[Pick], list[str]]:
    """Return the release that was named, of every service that has it, and why the others are left out."""
    services, _ = split(world, wish)
    targets = [one for one in world.catalog.targets(wish.environment) if not services or one.service in services]
    picks, refusals, unknown = [], [], []
    for target in targets:
        try:
            picks.append(_known_to_be_held(await named(world, target, word), services, seen))
        except Unknown:
            unknown.append(target.service)
        except Refused as no:
            refusals.append(str(no))
    if unknown:
        refusals.append(_unknown(world, unknown, word))
    if refusals and (services or not picks):
        raise Refused(" ".join(refusals))
    return picks, refusals


def _known_to_be_held(pick: Pick, services: Sequence[str], seen: Mapping[str, Sight]) -> Pick:
    """Refuse what is held off, unless the person said its service's name too, and the hold stood when they did."""
    if pick.held is not None and not services:
        raise Refused(held_off(pick.target, pick.release, pick.held))
    stood = seen.get(pick.target.service, Sight(Glance())).hold or 0
    if pick.held is not None and pick.held.id > stood:
        raise Refused(held_off(pick.target, pick.release, pick.held, " after you asked for it,"))
    return pick


def _unknown(world: World, services: Sequence[str], word: str) -> str:
    if word in world.catalog.environments:
        return f"“{word}” is an environment, and a deploy goes to one at a time: `/deploy {word}`."
    near = nearest(word, [*world.catalog.services, *world.catalog.environments])
    hint = f" Did you mean “{near}”?" if near else ""
    has = "has" if len(services) == 1 else "have"
    return f"{' and '.join(services)} {has} no version, branch or commit “{word}”.{hint}"


PLANNER = Planner("deploy", plan)
