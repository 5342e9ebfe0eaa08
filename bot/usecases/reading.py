"""Reading: what `/status`, `/releases` and `/release` show. One transaction each, and nothing is changed."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.domain.errors import Refused
from bot.domain.gate import GateResult, Verdict
from bot.domain.history import Biography, Entry
from bot.domain.release import Release, several
from bot.domain.target import Target
from bot.ledger import cards, chain, operations, releases, requests, targets
from bot.ledger.ledger import Tx
from bot.world import World


async def gates_of(tx: Tx, change_id: int) -> list[GateResult]:
    """Return what each gate of a change said last."""
    latest: dict[tuple[str, str], GateResult] = {}
    for row in await chain.of_subject(tx, f"change:{change_id}", kind="change.gate"):
        told = json.loads(row["payload"])
        result = GateResult(told["gate"], told["target"], Verdict(told["verdict"]), told["words"])
        latest[result.target, result.gate] = result
    return list(latest.values())


async def left_out_of(tx: Tx, change_id: int) -> list[str]:
    """Return why services are not in a change's plan, a sentence each, as it was when the change was asked for."""
    rows = await chain.of_subject(tx, f"change:{change_id}", kind="change.proposed")
    return [str(why) for row in rows for why in json.loads(row["payload"]).get("left_out", ())]


async def typed_for(tx: Tx, change_id: int) -> str:
    """Return the command that a person typed, or might have, for a change; nothing where the engine asked for it."""
    asked = await requests.that_led_to(tx, change_id)
    if asked is None or asked.word not in {"deploy", "rollback", "restart"}:
        return ""
    words = [asked.args.get("environment"), *_listed(asked.args.get("words")), asked.args.get("service")]
    to = asked.args.get("to")
    return " ".join([f"/{asked.word}", *(str(word) for word in words if word), *([f"to {to}"] if to else [])])


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


async def links(world: World, tx: Tx, numbers: Iterable[int]) -> dict[int, str]:
    """Return where the cards of changes are read, of those that hang somewhere."""
    subjects = {f"change:{number}": number for number in numbers}
    places = await cards.places(tx, subjects)
    found = {subjects[subject]: world.directory.link(place.channel, place.ts) for subject, place in places.items()}
    return {number: url for number, url in found.items() if url}


async def history(
    world: World, environment: str | None, service: str | None, *, until: datetime | None = None
) -> Sequence[Entry]:
    """Return the newest operations, newest first."""
    async with world.ledger.transaction() as tx:
        rows = await operations.recent(tx, environment, service, until=until)
        found = await releases.some(tx, [op.to_release for op, _ in rows])
    return [Entry(op, found[op.to_release], asked_by) for op, asked_by in rows]


async def live_at(
    world: World, environment: str | None, service: str | None, at: datetime
) -> list[tuple[Target, Release | None]]:
    """Return what was live at a time, in an environment or in all of them, by the ledger's events."""
    environments = [environment] if environment else list(world.catalog.environments)
    every = [target for name in environments for target in world.catalog.targets(name)]
    found = []
    async with world.ledger.transaction() as tx:
        for target in [one for one in every if service in {None, one.service}]:
            number = await chain.live_at(tx, target, at)
            found.append((target, await releases.get(tx, number) if number else None))
    return found


async def biography(world: World, word: str, service: str | None = None) -> Biography:
    """Return what the ledger knows of a release, by its number, version or commit, and its service where it is said."""
    async with world.ledger.transaction() as tx:
        release = _the_one(await releases.by_word(tx, word, service), word, service)
        rows = await operations.of_release(tx, release.id)
        holds = await targets.holds_of(tx, release.id)
    return Biography(release, [Entry(op, release, asked_by) for op, asked_by in rows], holds)


def _the_one(found: Sequence[Release], word: str, service: str | None) -> Release:
    """Return the only release that was found; `Refused` says which words would mean one."""
    if not found:
        of = f" of {service}" if service else ""
        raise Refused(f"The ledger knows no release “{word}”{of}. `/releases` lists the newest.")
    if len(found) > 1:
        first, mixed = found[0], len({one.service for one in found}) > 1
        way = f"`/release {first.service} {word}` or `/release #{first.id}`" if mixed else f"`/release #{first.id}`"
        raise Refused(f"“{word}” could be {several(found)}: say for example {way}.")
    return found[0]
