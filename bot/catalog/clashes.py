"""What two targets cannot both have, such as a port of one machine.

A backend's section says what it has for itself by a property `claims`: by field, what it is.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol, runtime_checkable

from bot.domain.target import Target

from .models import Catalog
from .positions import Document
from .problems import Problem


@runtime_checkable
class Claiming(Protocol):
    """A section that has something for itself."""

    @property
    def claims(self) -> Mapping[str, str]:
        """Return it by field, in words that are the same for all who claim the same: `port 8211 of this machine`."""


def clashes(catalog: Catalog, document: Document) -> Iterator[Problem]:
    """Yield where a target claims what an earlier one in the file has."""
    taken: dict[str, Target] = {}
    for environment, here in catalog.environments.items():
        for service, plan in here.targets.items():
            target, section = Target(service, environment), plan.backend.config
            for field, claimed in section.claims.items() if isinstance(section, Claiming) else ():
                first = taken.setdefault(claimed, target)
                if first != target:
                    place = ("environments", environment, "targets", target.service, "backend", field)
                    yield Problem(document.mark(place), place, f"{claimed} is {first}'s already; expected another")
