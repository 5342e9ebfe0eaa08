"""Pagers that live in memory: one that knows keys and keeps incidents, as PagerDuty does; one that posts letters."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from pydantic import BaseModel

from bot.domain.errors import GaveUp, Retry
from bot.plugins import OpenPager, PagerKind, Surroundings
from bot.ports import Page, Pager, Unclear


@dataclass
class Trouble:
    """What is wrong with a pager: refuses for good, is away, or does what it is asked and never answers."""

    refuses: str = ""
    away: str = ""
    silent: bool = False

    def before(self) -> None:
        """Raise what is wrong before anything has happened."""
        if self.refuses:
            raise GaveUp(self.refuses)
        if self.away:
            raise Retry(self.away)

    def after(self) -> None:
        """Raise that no answer came."""
        if self.silent:
            raise Unclear("no answer came")


@dataclass
class ScriptedIncidents:
    """Implements `bot.ports.Pager` and `bot.ports.Follows`; `incidents` says by key how each stands."""

    trouble: Trouble = field(default_factory=Trouble)
    incidents: dict[str, str] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)  # every verb with its key, as it came

    async def tell(self, page: Page) -> str:
        """See `bot.ports.Pager`."""
        return self._do("tell", "triggered", page)

    async def acknowledge(self, page: Page) -> str:
        """See `bot.ports.Follows`."""
        return self._do("acknowledge", "acknowledged", page)

    async def resolve(self, page: Page) -> str:
        """See `bot.ports.Follows`."""
        return self._do("resolve", "resolved", page)

    def _do(self, verb: str, state: str, page: Page) -> str:
        self.trouble.before()
        self.asked.append((verb, page.key))
        if verb == "tell":
            self.pages.append(page)
            self.incidents.setdefault(page.key, state)
        elif page.key in self.incidents:
            self.incidents[page.key] = state
        self.trouble.after()
        return "Event processed"


@dataclass
class ScriptedLetters:
    """Implements `bot.ports.Pager`: what is sent twice arrives twice."""

    trouble: Trouble = field(default_factory=Trouble)
    letters: list[Page] = field(default_factory=list)

    async def tell(self, page: Page) -> str:
        """See `bot.ports.Pager`."""
        self.trouble.before()
        self.letters.append(page)
        self.trouble.after()
        return "accepted"


def _not_opened(_: Surroundings, __: BaseModel) -> AbstractAsyncContextManager[Pager]:
    raise NotImplementedError


def pagers(incidents: ScriptedIncidents, letters: ScriptedLetters) -> dict[str, OpenPager]:
    """Return them as the world has them."""
    by_key = PagerKind("pagerduty", BaseModel, _not_opened, keyed=True)
    by_letter = PagerKind("email", BaseModel, _not_opened, needs="email")
    return {"pagerduty": OpenPager(by_key, incidents), "email": OpenPager(by_letter, letters)}
