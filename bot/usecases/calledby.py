"""Who is meant by a word that somebody types for a person: a mention, a name, an email, or `me`."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from bot.domain.errors import GaveUp, Refused, Retry
from bot.world import World

_MENTION = re.compile(r"<@([UW][A-Z0-9]{2,})(?:\|[^>]*)?>")
_ID = re.compile(r"[UW][A-Z0-9]{5,}")
MOST_NAMED = 12


def plain(word: str) -> str:
    """Return a name as it is compared: however it was typed, and whatever the case of its letters."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


async def person_called(world: World, word: str, *, by: str) -> str:
    """Return the Slack user id that is meant; `Refused` names who there is, or who else may be meant."""
    said = word.strip()
    mention = _MENTION.fullmatch(said) or _ID.fullmatch(said)
    if mention is not None:
        return await known(world, mention[mention.lastindex or 0])
    if plain(said.removeprefix("@")) in {"me", "myself"}:
        return by
    names = await world.names(everybody(world) | await _teams(world) | {by})
    found = sorted(meant(said.removeprefix("@"), names, emails(world)))
    if len(found) == 1:
        return await known(world, found[0])
    shown = sorted(names[one] for one in found or names)[:MOST_NAMED]
    if found:
        raise Refused(f"“{said}” may be {' or '.join(shown)}; write the whole name, in quotation marks.")
    raise Refused(
        f"I know nobody called “{said}” here. There are {', '.join(shown)}; somebody else is named by their Slack "
        "user id (in Slack: their profile, ⋮, Copy member ID)."
    )


def meant(word: str, names: Mapping[str, str], addresses: Mapping[str, str]) -> set[str]:
    """Return the people whom a word names: wholly, else by a part of their name or address."""
    said = plain(word)
    whole = {one for one, name in names.items() if plain(name) == said}
    whole |= {one for one, email in addresses.items() if plain(email) == said}
    part = {one for one, name in names.items() if said in plain(name).split()}
    return whole or part | {one for one, email in addresses.items() if plain(email).partition("@")[0] == said}


async def known(world: World, person: str) -> str:
    """Return a person whom Slack knows and who is still there; `Refused` says otherwise, and what to do."""
    try:
        found = await world.directory.person(person)
    except GaveUp as error:
        raise Refused(
            f"Slack knows nobody with the id {person}, so they could not be called. Invite them to this workspace "
            "first, or name somebody who is here."
        ) from error
    except Retry:
        return person  # Slack is away; whether they are there is looked at again when they are called
    if found.deleted or found.bot:
        what = "is an app" if found.bot else "has left this workspace"
        raise Refused(f"{found.name} {what}, so they could not be called. Name somebody else.")
    return person


def everybody(world: World) -> set[str]:
    """Return everybody whom the catalog's `on_call` names."""
    duty = world.catalog.duty
    return {*duty.contacts, *(one for rotation in duty.rotations.values() for one in rotation.people)}


def emails(world: World) -> dict[str, str]:
    """Return the email of each contact that has one."""
    return {one: contact.email for one, contact in world.catalog.duty.contacts.items() if contact.email}


async def _teams(world: World) -> set[str]:
    try:
        return set().union(*(await world.members(world.catalog.keepers())).values())
    except (Retry, GaveUp):
        return set()


def taken_for(world: World, said: Iterable[str], names: Mapping[str, str]) -> str | None:
    """Return whom another system means by what it says of somebody (an email, a name, a title), or None.

    An id, an email or a whole name counts at once; else the one whose name or email stands in what is said.
    """
    words = [plain(one) for one in said if one.strip()]
    addresses = {one: plain(email) for one, email in emails(world).items()}
    known_as = {one: {plain(one), plain(name), addresses.get(one, "")} - {""} for one, name in names.items()}
    for word in words:
        exact = [one for one, as_ in known_as.items() if word.removeprefix("mailto:") in as_]
        if len(exact) == 1:
            return exact[0]
    within = {one for one, as_ in known_as.items() for word in words if any(_stands_in(name, word) for name in as_)}
    return within.pop() if len(within) == 1 else None


def _stands_in(name: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) is not None
