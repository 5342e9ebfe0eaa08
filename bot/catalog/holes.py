"""Times in which nobody would be on call, and people who would be and should not, found in the catalog alone.

They are no mistakes, so the catalog is taken all the same; whoever wrote it is to know. What is imported is not known
here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.domain import rota
from bot.domain.rota import Stretch

from .models import Catalog
from .oncall import Fallback, Rotation
from .positions import Document, read
from .problems import Place, Problem

AHEAD = timedelta(days=28)


def holes(text: str, catalog: Catalog, now: datetime) -> Iterator[Problem]:
    """Yield what is to be known of rotations, each where it is written in the catalog's text."""
    document = read(text, {})
    for name, rotation in (catalog.on_call.rotations if catalog.on_call else {}).items():
        place: Place = ("on_call", "rotations", name)
        yield from _unreachable(catalog, rotation, document, place)
        found = [] if rotation.import_ else rota.holes(rotation.rota(), now, now + AHEAD)
        if found:
            yield Problem(document.mark(place, key=True), place, _said(found, rotation, now))


def _said(found: list[Stretch], rotation: Rotation, now: datetime) -> str:
    first = found[0]
    begin, end = (at.astimezone(rotation.here) for at in (first.start, first.end))
    if len(found) == 1 and first.start == now and first.end == now + AHEAD:
        times = f"nobody is on call in the next {AHEAD.days} days"
    else:
        often = "once" if len(found) == 1 else f"{len(found)} times"
        when = f"first from {begin:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M} ({rotation.zone})"
        times = f"nobody is on call {often} in the next {AHEAD.days} days, {when}"
    return f"{times}; {_instead(rotation.fallback)} is called instead"


def _instead(fallback: Fallback) -> str:
    return fallback.person or fallback.team or ""


def _unreachable(catalog: Catalog, rotation: Rotation, document: Document, place: Place) -> Iterator[Problem]:
    """Yield where somebody takes turns of whom the contacts say nothing, or that they are not on call."""
    contacts = catalog.on_call.contacts if catalog.on_call else {}
    for layer, one in enumerate(rotation.layers):
        for number, person in enumerate(one.people):
            where = (*place, "layers", layer, "people", number)
            known = contacts.get(person)
            if contacts and known is None:
                yield Problem(document.mark(where), where, f"{person} takes turns and is not in on_call.contacts")
            elif known is not None and not known.on_call:
                yield Problem(document.mark(where), where, f"{known.name} takes turns; the contacts say: not on call")
