"""A directory that lives in memory: the people and groups of the local Slack's new workspace, unless told otherwise."""

from collections.abc import Iterable

from bot.domain.errors import GaveUp, Retry
from bot.ports import Person
from bot.sandbox import cast


class FakeDirectory:
    """Implements `bot.ports.Directory`."""

    def __init__(self) -> None:
        self.down = ""  # when not empty, every verb raises `Retry` with these words
        self.people = {one.id: Person(one.id, one.name, one.tz, bot=one.is_bot) for one in cast.people("Slipway")}
        self.groups = {group.handle: frozenset(group.users) for group in cast.groups()}

    async def person(self, user_id: str) -> Person:
        """See `bot.ports.Directory`."""
        self._reachable()
        if user_id not in self.people:
            raise GaveUp(f"there is no user {user_id}")
        return self.people[user_id]

    async def members(self, usergroup: str) -> frozenset[str]:
        """See `bot.ports.Directory`."""
        self._reachable()
        if usergroup not in self.groups:
            raise GaveUp(f"there is no user group @{usergroup}")
        return self.groups[usergroup]

    async def renew(self, usergroup: str) -> frozenset[str]:
        """See `bot.ports.Directory`."""
        return await self.members(usergroup)

    async def with_say(self, people: Iterable[str], *, anew: bool = False) -> frozenset[str]:  # noqa: ARG002 - nothing is remembered
        """See `bot.ports.Directory`."""
        self._reachable()
        return frozenset(one for one in people if one in self.people and self.people[one].has_say)

    async def mention(self, usergroup: str) -> str:
        """See `bot.ports.Directory`."""
        self._reachable()
        return f"<!subteam^S-{usergroup}>" if usergroup in self.groups else f"@{usergroup}"

    def link(self, channel: str, ts: str) -> str | None:
        """See `bot.ports.Directory`."""
        return f"https://healthbridge.example/archives/{channel}/p{ts.replace('.', '')}"

    def _reachable(self) -> None:
        if self.down:
            raise Retry(self.down)
