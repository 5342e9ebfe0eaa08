"""Who people are and which groups they belong to: `bot.ports.Directory` on Slack, remembered for a while.

Members of groups decide who may deploy and approve, so what is remembered is short-lived, is renewed by the calendar
(bot/schedules/groups.py) before it is old, and is thrown away at once when Slack says that a group has changed. What
Slack cannot say is `GaveUp`: a group that cannot be read gives nobody a right.
"""

from datetime import datetime, timedelta

from bot.domain.errors import GaveUp
from bot.ports import Clock, Gone, Person
from bot.slack.client import SlackClient

PERSON_FOR, GROUP_FOR = timedelta(minutes=30), timedelta(minutes=5)
MOST_PEOPLE = 5000


class SlackDirectory:
    """People and user groups."""

    def __init__(self, client: SlackClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._people: dict[str, tuple[datetime, Person]] = {}
        self._groups: dict[str, str] = {}
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def person(self, user_id: str) -> Person:
        """See `bot.ports.Directory`."""
        known = self._people.get(user_id)
        if known is not None and self._clock.now() - known[0] < PERSON_FOR:
            return known[1]
        try:
            answer = await self._client.call("users.info", {"user": user_id}, how="params")
        except Gone as error:
            raise GaveUp(f"Slack does not know the person: {error.reason}") from error
        found = _person(answer["user"])
        if len(self._people) >= MOST_PEOPLE:
            self._people.clear()
        self._people[user_id] = (self._clock.now(), found)
        return found

    async def members(self, usergroup: str) -> frozenset[str]:
        """See `bot.ports.Directory`."""
        known = self._members.get(usergroup)
        if known is not None and self._clock.now() - known[0] < GROUP_FOR:
            return known[1]
        return await self.renew(usergroup)

    async def renew(self, usergroup: str) -> frozenset[str]:
        """See `bot.ports.Directory`. Deleted people and guests have no say, and are left out."""
        group = await self._group(usergroup)
        answer = await self._client.call("usergroups.users.list", {"usergroup": group}, how="params")
        people = [await self.person(str(one)) for one in answer["users"]]
        members = frozenset(one.id for one in people if not (one.deleted or one.guest or one.bot))
        self._members[usergroup] = (self._clock.now(), members)
        return members

    async def mention(self, usergroup: str) -> str:
        """See `bot.ports.Directory`."""
        try:
            return f"<!subteam^{await self._group(usergroup)}>"
        except GaveUp:
            return usergroup

    async def _group(self, handle: str) -> str:
        if handle not in self._groups:
            answer = await self._client.call("usergroups.list", {}, how="params")
            self._groups = {str(one["handle"]): str(one["id"]) for one in answer["usergroups"]}
        if handle not in self._groups:
            raise GaveUp(f"Slack has no user group @{handle}; make one, or list `people` in the catalog")
        return self._groups[handle]

    def forget(self) -> None:
        """Throw away what is remembered of groups: Slack says that one has changed."""
        self._groups.clear()
        self._members.clear()


def _person(user: dict[str, object]) -> Person:
    profile = user.get("profile")
    names = profile if isinstance(profile, dict) else {}
    name = names.get("real_name") or user.get("real_name") or names.get("display_name") or user.get("name")
    return Person(
        id=str(user["id"]),
        name=str(name or user["id"]),
        zone=str(user.get("tz") or "UTC"),
        deleted=bool(user.get("deleted")),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")),
        bot=bool(user.get("is_bot")),
    )
