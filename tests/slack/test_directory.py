"""Who people are, as the bot remembers it: from a real local Slack, for a while, and never longer than Slack says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from bot.domain.errors import GaveUp, Retry
from bot.sandbox.cast import LAYLA, SELMA
from bot.slack.client import SlackClient
from bot.slack.directory import GROUP_FOR, SlackDirectory
from tests.fakes.clock import FakeClock
from tests.fakes.stage import LocalSlack

TEAM = "production-team"


@pytest.fixture
async def slack(start_slack: Callable[..., Awaitable[LocalSlack]]) -> LocalSlack:
    return await start_slack()


@pytest.fixture
def now() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def directory(slack: LocalSlack, now: FakeClock) -> AsyncIterator[SlackDirectory]:
    async with SlackClient(str(slack.info["bot_token"]), str(slack.info["web_api_url"])) as client:
        yield SlackDirectory(client, now)


async def down(slack: LocalSlack) -> None:
    await slack.driver.faults(down={"for_seconds": 600, "mode": "503"})


async def test_what_is_remembered_needs_no_slack_until_it_is_old(
    slack: LocalSlack, now: FakeClock, directory: SlackDirectory
) -> None:
    asked = await directory.members(TEAM)
    await down(slack)
    now.move(GROUP_FOR - timedelta(seconds=1))
    remembered = await directory.members(TEAM)
    now.move(timedelta(seconds=2))

    assert SELMA in asked
    assert remembered == asked
    with pytest.raises(Retry):
        await directory.members(TEAM)


async def test_who_was_renewed_is_remembered_anew(slack: LocalSlack, now: FakeClock, directory: SlackDirectory) -> None:
    await directory.members(TEAM)
    now.move(GROUP_FOR - timedelta(seconds=1))
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


async def test_a_group_that_is_not_there_gives_nobody_a_right(directory: SlackDirectory) -> None:
    with pytest.raises(GaveUp, match="no user group @nobody"):
        await directory.members("nobody")
