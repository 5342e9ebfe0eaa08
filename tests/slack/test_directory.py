"""Who people are, as the bot remembers it: from a real local Slack, for a while, and never longer than Slack says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Literal

import pytest
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import GaveUp, Retry
from bot.sandbox.cast import LAYLA, NDAPEWA, SELMA
from bot.slack.client import SlackClient
from bot.slack.directory import SAY_FOR, SlackDirectory
from tests.fakes.clock import Deed, FakeClock
from tests.fakes.stage import LocalSlack

TEAM = "production-team"


@pytest.fixture
async def slack(start_slack: Callable[..., Awaitable[LocalSlack]]) -> LocalSlack:
    return await start_slack()


@pytest.fixture
def now() -> FakeClock:
    return FakeClock()


class Wire(SlackClient):
    """The real client; a test may let something happen once, between an answer and who reads it."""

    def __init__(self, token: str, api_url: str) -> None:
        super().__init__(token, api_url)
        self.then: dict[tuple[str, object], Deed] = {}  # by the method, and whom it is about

    async def call(
        self,
        method: str,
        arguments: dict[str, object],
        *,
        how: Literal["json", "params"] = "json",
        repeats: bool = True,
    ) -> AsyncSlackResponse:
        answer = await super().call(method, arguments, how=how, repeats=repeats)
        if deed := self.then.pop((method, arguments.get("user")), None):
            await deed()
        return answer


@pytest.fixture
async def wire(slack: LocalSlack) -> AsyncIterator[Wire]:
    async with Wire(str(slack.info["bot_token"]), str(slack.info["web_api_url"])) as client:
        yield client


@pytest.fixture
def directory(wire: Wire, now: FakeClock) -> SlackDirectory:
    return SlackDirectory(wire, now)


async def down(slack: LocalSlack) -> None:
    await slack.driver.faults(down={"for_seconds": 600, "mode": "503"})


async def test_what_is_remembered_needs_no_slack_until_it_is_old(
    slack: LocalSlack, now: FakeClock, directory: SlackDirectory
) -> None:
    asked = await directory.members(TEAM)
    await down(slack)
    now.move(SAY_FOR - timedelta(seconds=1))
    remembered = await directory.members(TEAM)
    now.move(timedelta(seconds=2))

    assert SELMA in asked
    assert remembered == asked
    with pytest.raises(Retry):
        await directory.members(TEAM)


async def test_who_was_renewed_is_remembered_anew(slack: LocalSlack, now: FakeClock, directory: SlackDirectory) -> None:
    await directory.members(TEAM)
    now.move(SAY_FOR - timedelta(seconds=1))
    await slack.driver.post("group", group=TEAM, remove=[LAYLA])
    renewed = await directory.renew(TEAM)
    await down(slack)
    now.move(timedelta(seconds=2))

    assert LAYLA not in renewed
    assert await directory.members(TEAM) == renewed


async def test_what_slack_says_has_changed_is_no_longer_believed(slack: LocalSlack, directory: SlackDirectory) -> None:
    await directory.members(TEAM)
    await down(slack)
    directory.forget()

    with pytest.raises(Retry):
        await directory.members(TEAM)


async def test_whoever_is_deleted_or_a_guest_has_no_say(slack: LocalSlack, directory: SlackDirectory) -> None:
    await slack.driver.post("person", user=SELMA, deleted=True)
    await slack.driver.post("person", user=LAYLA, is_restricted=True)

    assert not {SELMA, LAYLA} & await directory.members(TEAM)


async def test_who_became_a_guest_has_no_say_after_the_next_renewal(
    slack: LocalSlack, directory: SlackDirectory
) -> None:
    await directory.members(TEAM)
    await slack.driver.post("person", user=SELMA, deleted=True)
    await slack.driver.post("person", user=LAYLA, is_restricted=True)
    renewed = await directory.renew(TEAM)

    assert not {SELMA, LAYLA} & renewed
    assert await directory.members(TEAM) == renewed


async def test_a_right_is_never_believed_for_longer_than_its_time(
    slack: LocalSlack, now: FakeClock, directory: SlackDirectory
) -> None:
    await directory.members(TEAM)
    now.move(SAY_FOR - timedelta(seconds=1))
    directory.forget()
    await directory.members(TEAM)  # the group is read anew; of the people, it is still known
    await slack.driver.post("person", user=SELMA, deleted=True)
    now.move(timedelta(seconds=1))

    assert SELMA not in await directory.members(TEAM)


async def test_who_slack_says_is_deactivated_has_no_say_from_then_on(
    slack: LocalSlack, directory: SlackDirectory
) -> None:
    before = await directory.members(TEAM)
    await down(slack)
    directory.hear({"id": SELMA, "deleted": True})

    assert SELMA in before
    assert await directory.members(TEAM) == before - {SELMA}


async def test_late_news_gives_nobody_a_right_back(directory: SlackDirectory) -> None:
    await directory.members(TEAM)
    directory.hear({"id": SELMA, "deleted": True})
    directory.hear({"id": SELMA, "deleted": False})
    late = await directory.members(TEAM)
    asked = await directory.renew(TEAM)

    assert SELMA not in late
    assert SELMA in asked
    assert SELMA in await directory.members(TEAM)


async def test_a_group_that_changes_while_it_is_read_is_read_again(
    slack: LocalSlack, wire: Wire, directory: SlackDirectory
) -> None:
    async def changes() -> None:
        await slack.driver.post("group", group=TEAM, remove=[LAYLA])
        directory.forget()

    wire.then["usergroups.users.list", None] = changes
    renewed = await directory.renew(TEAM)

    assert LAYLA not in renewed
    assert LAYLA not in await directory.members(TEAM)


async def test_a_handle_that_is_given_to_another_group_while_it_is_read_is_read_again(
    slack: LocalSlack, wire: Wire, directory: SlackDirectory
) -> None:
    async def changes() -> None:
        developers = slack.slack.workspace.group_named("developers")
        team = slack.slack.workspace.group_named(TEAM)
        assert developers
        assert team
        developers.handle, team.handle = team.handle, developers.handle
        directory.forget()

    wire.then["usergroups.list", None] = changes
    await directory.renew(TEAM)
    developers = slack.slack.workspace.group_named(TEAM)

    assert developers is not None
    assert await directory.members(TEAM) == frozenset(developers.users)


async def test_who_is_deactivated_while_the_group_is_read_has_no_say(
    slack: LocalSlack, wire: Wire, directory: SlackDirectory
) -> None:
    async def deactivated() -> None:
        await slack.driver.post("person", user=SELMA, deleted=True)
        directory.hear({"id": SELMA, "deleted": True})

    wire.then["users.info", SELMA] = deactivated
    renewed = await directory.renew(TEAM)

    assert SELMA not in renewed
    assert SELMA not in await directory.members(TEAM)


async def test_where_slack_wants_peace_a_right_is_believed_for_its_time_and_no_longer(
    slack: LocalSlack, now: FakeClock, directory: SlackDirectory
) -> None:
    before = await directory.members(TEAM)
    await slack.driver.faults(rate_limit={"methods": ["users.info"], "retry_after": 30})
    now.move(SAY_FOR - timedelta(seconds=1))
    renewed = await directory.renew(TEAM)
    now.move(timedelta(seconds=1))

    assert renewed == before
    with pytest.raises(Retry, match="ratelimited"):
        await directory.members(TEAM)


async def test_a_group_that_is_not_there_gives_nobody_a_right(directory: SlackDirectory) -> None:
    with pytest.raises(GaveUp, match="no user group @nobody"):
        await directory.members("nobody")


async def test_who_slack_does_not_know_takes_nobodys_say(slack: LocalSlack, directory: SlackDirectory) -> None:
    before = await directory.members(TEAM)
    group = slack.slack.workspace.group_named(TEAM)
    assert group is not None
    group.users = ["U0GONE0000", *group.users]

    assert SELMA in before
    assert await directory.renew(TEAM) == before
    assert await directory.members(TEAM) == before


async def test_of_people_who_are_named_one_by_one_the_same_have_a_say(
    slack: LocalSlack, now: FakeClock, directory: SlackDirectory
) -> None:
    named = (SELMA, LAYLA, NDAPEWA, "U0GONE0000")
    before = await directory.with_say(named)
    await slack.driver.post("person", user=SELMA, deleted=True)
    await slack.driver.post("person", user=LAYLA, is_restricted=True)
    believed = await directory.with_say(named)
    anew = await directory.with_say(named, anew=True)
    await down(slack)
    now.move(SAY_FOR - timedelta(seconds=1))
    remembered = await directory.with_say(named[:3])
    directory.hear({"id": NDAPEWA, "deleted": True})

    assert before == believed == {SELMA, LAYLA, NDAPEWA}
    assert anew == remembered == {NDAPEWA}
    with pytest.raises(Retry):
        await directory.with_say([NDAPEWA])
