"""Who people are and which groups they belong to: `bot.ports.Directory` on Slack, remembered for a while.

Members of groups decide who may deploy and approve, so what is remembered is short-lived, is renewed by the calendar
(bot/schedules/groups.py) before it is old, and is thrown away at once when Slack says that a group has changed. Whether
a member still has a say (is no guest, not deactivated) is asked anew with every renewal, and ends at once when Slack
says so. What Slack cannot say is `GaveUp`: a group that cannot be read gives nobody a right. A member whom Slack does
not know (a stranger, somebody erased) has none, and takes none from the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.domain.errors import GaveUp, Retry
from bot.ports import Clock, Gone, Person
from bot.slack.client import SlackClient

NAME_FOR, SAY_FOR = timedelta(minutes=30), timedelta(minutes=5)  # how long a name is believed, and a right
MOST_PEOPLE = 5000
TRIES = 3  # of reading a group that is changed while it is read
_NEVER = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """A person as they were when Slack was asked."""

    asked_at: datetime
    person: Person


class _Stranger(GaveUp):
    """There is no such person."""


class SlackDirectory:
    """People and user groups."""

    def __init__(self, client: SlackClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self.home = ""  # the workspace's address, which Slack tells when we introduce ourselves
        self._people: dict[str, _Known] = {}
        self._groups: dict[str, str] = {}
        self._members: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._barred: dict[str, int] = {}  # who has no say, and how much had been heard when Slack said so
        self._heard = 0  # how often Slack has said that a group or a person has changed
        self._forgotten = 0  # how often groups were forgotten

    async def person(self, user_id: str) -> Person:
        """See `bot.ports.Directory`."""
        known = self._people.get(user_id)
        if known is not None and self._clock.now() - known.asked_at < NAME_FOR:
            return known.person
        return (await self._ask(user_id)).person

    async def _ask(self, user_id: str) -> _Known:
        """Ask Slack who somebody is; who was barred before that, and turns out to have a say, is barred no more."""
        asked_at, heard = self._clock.now(), self._heard
        try:
            answer = await self._client.call("users.info", {"user": user_id}, how="params")
        except Gone as error:
            raise _Stranger(f"Slack does not know the person: {error.reason}") from error
        known = _Known(asked_at, _person(answer["user"]))
        if known.person.has_say and self._barred.get(user_id, heard) <= heard:
            self._barred.pop(user_id, None)
        if len(self._people) >= MOST_PEOPLE:
            self._people.clear()
        self._people[user_id] = known
        return known

    async def members(self, usergroup: str) -> frozenset[str]:
        """See `bot.ports.Directory`."""
        known = self._members.get(usergroup)
        if known is not None and self._clock.now() - known[0] < SAY_FOR:
            return known[1] - self._barred.keys()
        return await self._read(usergroup, believed=SAY_FOR)

    async def renew(self, usergroup: str) -> frozenset[str]:
        """See `bot.ports.Directory`. Deleted people and guests have no say, and are left out."""
        return await self._read(usergroup, believed=timedelta(0))

    async def _read(self, usergroup: str, *, believed: timedelta) -> frozenset[str]:
        """Ask who is in a group, and remember it, unless it was to be forgotten meanwhile: then the answer is old."""
        for _ in range(TRIES):
            forgotten, asked_at = self._forgotten, self._clock.now()
            group = await self._group(usergroup)
            answer = await self._client.call("usergroups.users.list", {"usergroup": group}, how="params")
            people = await self._standings([str(one) for one in answer["users"]], believed)
            if forgotten == self._forgotten:
                members = _entitled(people)
                self._members[usergroup] = min([asked_at, *(one.asked_at for one in people)]), members
                return members - self._barred.keys()
        raise Retry(f"the user group @{usergroup} is being changed")

    async def with_say(self, people: Iterable[str], *, anew: bool = False) -> frozenset[str]:
        """See `bot.ports.Directory`."""
        standings = await self._standings(sorted(set(people)), timedelta(0) if anew else SAY_FOR)
        return _entitled(standings) - self._barred.keys()

    async def _standings(self, users: list[str], believed: timedelta) -> list[_Known]:
        """Return the people as they are, those whom Slack knows; for whom was asked longest ago, it is asked first.

        Where Slack wants to be left in peace, what was heard of the others is believed as long as a right is: so a
        large group is renewed over several turns.
        """
        found: list[_Known] = []
        for user in sorted(users, key=self._asked_at):
            try:
                found.append(await self._standing(user, believed))
            except _Stranger as error:
                log.warning("somebody in a team has no say", person=user, reason=error.reason)
            except Retry:
                believed = SAY_FOR
                found.append(await self._standing(user, believed))
        return found

    async def _standing(self, user: str, believed: timedelta) -> _Known:
        known = self._people.get(user)
        return known if known and self._clock.now() - known.asked_at < believed else await self._ask(user)

    def _asked_at(self, user: str) -> datetime:
        known = self._people.get(user)
        return known.asked_at if known else _NEVER

    async def mention(self, usergroup: str) -> str:
        """See `bot.ports.Directory`."""
        try:
            return f"<!subteam^{await self._group(usergroup)}>"
        except GaveUp:
            return usergroup

    def link(self, channel: str, ts: str) -> str | None:
        """See `bot.ports.Directory`."""
        return f"{self.home.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}" if self.home else None

    async def _group(self, handle: str) -> str:
        if handle in self._groups:
            return self._groups[handle]
        forgotten = self._forgotten
        answer = await self._client.call("usergroups.list", {}, how="params")
        found = {str(one["handle"]): str(one["id"]) for one in answer["usergroups"]}
        if forgotten == self._forgotten:
            self._groups = found
        if handle not in found:
            raise GaveUp(f"Slack has no user group @{handle}; make one, or list `people` in the catalog")
        return found[handle]

    def forget(self) -> None:
        """Throw away what is remembered of groups: Slack says that one has changed."""
        self._forgotten += 1
        self._groups.clear()
        self._members.clear()

    def hear(self, user: Mapping[str, object]) -> None:
        """Take in what Slack says of a person who has changed: who has no say any more has none from here on.

        It never gives a right: events come late and in any order, so who may have one again is asked for.
        """
        person = _person(user)
        self._heard += 1
        self._people.pop(person.id, None)
        if not person.has_say:
            self._barred[person.id] = self._heard


def _entitled(people: Iterable[_Known]) -> frozenset[str]:
    return frozenset(one.person.id for one in people if one.person.has_say)


def _person(user: Mapping[str, object]) -> Person:
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
