"""What people do among themselves and what their pages hear: unread marks, mentions, threads, the stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from bot.sandbox import cast
from bot.sandbox.driving import Misdriven, eventually
from tests.fakes.stage import Json, LocalSlack


@contextlib.asynccontextmanager
async def hearing(slack: LocalSlack, who: str) -> AsyncIterator[list[Json]]:
    """What one open page of the person hears while the block runs."""
    heard: list[Json] = []

    async def listen() -> None:
        async for event in slack.driver.stream(who):
            heard.append(event)  # noqa: PERF401 - the test looks while it fills

    task = asyncio.create_task(listen())
    await until(lambda: heard)
    yield heard
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(look: Callable[[], object]) -> None:
    async def found() -> object:
        return look()

    await eventually(found)


async def test_there_are_people_of_four_groups_and_the_bot(local_slack: LocalSlack) -> None:
    people = await local_slack.driver.get("people")

    assert isinstance(people, list)
    groups = {p["name"]: p["groups"] for p in people}
    assert groups == {
        "Ndapewa Shilongo": ["developers"],
        "Tomas Müller": ["developers", "production-team"],
        "Selma Nakale": ["production-team"],
        "Johannes ǃGaeb": ["on-call"],
        "Maria dos Santos": ["qa"],
        "ليلى حداد": ["on-call", "production-team"],
        "Slipway": [],
    }
    assert [p["name"] for p in people if p["is_bot"]] == ["Slipway"]
    assert {p["tz"] for p in people} >= {"Africa/Windhoek", "Europe/Berlin", "Asia/Dubai"}


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("nobody", 0),
        (f"<@{cast.SELMA}> you", 1),
        ("<!channel> all", 1),
        ("<!here> all", 1),
        ("<!subteam^S0PRODUCT3> you", 1),
        ("<!subteam^S0QUALITY2> not you", 0),
        ("&lt;!channel&gt; as text", 0),
    ],
)
async def test_unread_marks_count_mentions(local_slack: LocalSlack, text: str, mentions: int) -> None:
    await local_slack.web.chat_postMessage(channel="deployments", text=text)

    seen = await local_slack.driver.person("selma").channel("deployments")
    assert (seen["unread"], seen["mentions"]) == (1, mentions)


async def test_a_mention_in_blocks_counts_in_mrkdwn_and_not_in_plain_text(local_slack: LocalSlack) -> None:
    def section(kind: str) -> list[Json]:
        return [{"type": "section", "text": {"type": kind, "text": "<!channel>"}}]

    await local_slack.web.chat_postMessage(channel="alerts", text="x", blocks=section("plain_text"))
    await local_slack.web.chat_postMessage(channel="alerts", text="x", blocks=section("mrkdwn"))

    seen = await local_slack.driver.person("selma").channel("alerts")
    assert (seen["unread"], seen["mentions"]) == (2, 1)


async def test_typed_entities_are_escaped_and_typed_mentions_are_not(local_slack: LocalSlack) -> None:
    tomas = local_slack.driver.person("tomas")
    await tomas.post("general", f"a < b && <script> <@{cast.SELMA}> <https://x.example|x>")

    assert (await tomas.messages("general"))[0]["text"] == (
        f"a &lt; b &amp;&amp; &lt;script&gt; <@{cast.SELMA}> <https://x.example|x>"
    )


async def test_reading_clears_the_mark_and_never_goes_back(local_slack: LocalSlack) -> None:
    tomas, selma = local_slack.driver.person("tomas"), local_slack.driver.person("selma")
    first = await tomas.post("general", "one")
    second = await tomas.post("general", "two")

    await selma.do("read", channel="general", ts=second)
    await selma.do("read", channel="general", ts=first)
    assert (await selma.channel("general"))["unread"] == 0
    assert (await tomas.channel("general"))["unread"] == 0


async def test_replies_do_not_make_the_channel_unread(local_slack: LocalSlack) -> None:
    tomas, selma = local_slack.driver.person("tomas"), local_slack.driver.person("selma")
    ts = await tomas.post("general", "one")
    await selma.do("read", channel="general", ts=ts)
    await tomas.post("general", "reply", thread_ts=ts)

    assert (await selma.channel("general"))["unread"] == 0
    parent = (await selma.messages("general"))[0]
    assert (parent["reply_count"], parent["reply_users"]) == (1, [cast.TOMAS])


async def test_a_page_hears_what_concerns_its_person(local_slack: LocalSlack) -> None:
    async with hearing(local_slack, "selma") as heard:
        posted = await local_slack.web.chat_postMessage(channel="general", text="one")
        await local_slack.web.chat_postEphemeral(channel="C0GENERAL1", user=cast.TOMAS, text="not for selma")
        await local_slack.web.chat_postEphemeral(channel="C0GENERAL1", user=cast.SELMA, text="for selma")
        await local_slack.web.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
        await local_slack.driver.person("tomas").do("react", channel="general", ts=posted["ts"], name="eyes")
        await local_slack.driver.person("selma").do("read", channel="general", ts=posted["ts"])
        await local_slack.driver.person("tomas").do("create", name="new")
        await local_slack.web.chat_delete(channel=posted["channel"], ts=posted["ts"])
        await until(lambda: heard[-1]["kind"] == "deleted")

    kinds = [event["kind"] for event in heard]
    assert kinds == ["hello", "message", "ephemeral", "changed", "reaction", "read", "channels", "deleted"]
    assert [heard[n]["message"]["text"] for n in (1, 2, 3)] == ["one", "for selma", "two"]
    assert heard[4]["reactions"] == [{"name": "eyes", "users": [cast.TOMAS]}]
    assert heard[5]["unread"] == 0


async def test_many_pages_of_one_person_hear_the_same(local_slack: LocalSlack) -> None:
    async with hearing(local_slack, "selma") as one, hearing(local_slack, cast.SELMA) as two:
        await local_slack.driver.person("tomas").post("general", "both")
        await until(lambda: len(one) > 1 and len(two) > 1)

    assert one == two


async def test_a_failed_command_is_a_toast(local_slack: LocalSlack) -> None:
    await local_slack.driver.post("app", request_url=None)
    async with hearing(local_slack, "tomas") as heard:
        await local_slack.driver.person("tomas").command("general", "/deploy")
        await until(lambda: heard[-1]["kind"] == "toast")

    assert heard[-1]["error"] == "dispatch_failed"
    assert heard[-1]["tone"] == "error"


async def test_a_private_channel_is_seen_by_its_members(local_slack: LocalSlack) -> None:
    tomas, selma = local_slack.driver.person("tomas"), local_slack.driver.person("selma")
    channel = (await tomas.do("create", name="secret", is_private=True))["channel"]
    async with hearing(local_slack, "selma") as heard:
        await tomas.post(channel, "hush")
        await tomas.post("general", "loud")
        await until(lambda: heard[-1]["kind"] == "message")

    assert [e["message"]["text"] for e in heard if e["kind"] == "message"] == ["loud"]
    with pytest.raises(Misdriven, match="there is no such channel"):
        await selma.messages(channel)


async def test_people_edit_and_delete_their_own_an_administrator_any(local_slack: LocalSlack) -> None:
    tomas, selma = local_slack.driver.person("tomas"), local_slack.driver.person("selma")
    ts = await tomas.post("general", "mine")
    card = (await local_slack.web.chat_postMessage(channel="general", text="card"))["ts"]

    await tomas.do("edit", channel="general", ts=ts, text="better")
    with pytest.raises(Misdriven, match="may delete only own messages"):
        await tomas.do("delete", channel="general", ts=card)
    await selma.do("delete", channel="general", ts=card)

    assert [m["text"] for m in await selma.messages("general")] == ["better"]


async def test_nobody_writes_in_an_archived_channel(local_slack: LocalSlack) -> None:
    tomas = local_slack.driver.person("tomas")
    await local_slack.driver.post("archive", channel="incidents")
    with pytest.raises(Misdriven, match="archived"):
        await tomas.post("incidents", "x")
    await local_slack.driver.post("unarchive", channel="incidents")

    assert await tomas.post("incidents", "x")


@pytest.mark.parametrize(
    ("what", "fields", "status", "words"),
    [
        ("post", {"as": "nobody", "channel": "general", "text": "x"}, 404, "as is 'nobody', but there is nobody"),
        ("post", {"channel": "general", "text": "x"}, 400, "The field 'as' is missing"),
        ("post", {"as": "tomas", "channel": "nowhere", "text": "x"}, 404, "there are C0"),
        ("post", {"as": "slipway", "channel": "general", "text": "x"}, 400, "acts by the Web API"),
        ("react", {"as": "tomas", "channel": "general", "ts": "1.1", "name": "eyes"}, 404, "ts is '1.1'"),
        ("join", {"as": "tomas", "channel": "general", "user": "ghost"}, 404, "user is 'ghost'"),
        ("post", {"as": "tomas", "chanel": "general"}, 400, "There is no field 'chanel' here; there are as, channel"),
        ("group", {"group": "chefs"}, 404, "group is 'chefs', but there are developers"),
    ],
)
async def test_a_senseless_call_is_refused_with_a_sentence(
    local_slack: LocalSlack, what: str, fields: Json, status: int, words: str
) -> None:
    with pytest.raises(Misdriven, match=words) as caught:
        await local_slack.driver.post(what, **fields)

    assert caught.value.status == status
