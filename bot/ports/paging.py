"""How people are told outside of Slack: PagerDuty, e-mail, and whatever others bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Page:
    """What somebody is told. `key` names it: told twice under one key is told once, where the other side can do that.

    `severity` is critical, high, medium or low. `to` are the addresses (of the kind's `needs`), empty where the other
    side knows whom to call. `link` leads to the card in Slack, `facts` are labels in their order.
    """

    key: str
    title: str
    severity: str
    at: datetime
    text: str = ""
    to: Sequence[str] = ()
    source: str = "slipway"
    link: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class Pager(Protocol):
    """Tells somebody something. `Unclear` says that it was sent off and no answer came; see also `Retry`, `GaveUp`."""

    async def tell(self, page: Page) -> str:
        """Tell it; return what the other side said of it, in a few words for people."""


@runtime_checkable
class Follows(Protocol):
    """A pager that keeps what it was told open until it is told that somebody is at it, or that it is over."""

    async def acknowledge(self, page: Page) -> str:
        """Say that somebody is at what was told under the page's key."""

    async def resolve(self, page: Page) -> str:
        """Say that what was told under the page's key is over."""
