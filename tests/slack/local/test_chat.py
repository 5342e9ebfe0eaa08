"""chat.*: what an app may post, change and delete, as Slack's own client sends it."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import cast
from tests.fakes.stage import Clock, LocalSlack, ReceivingApp, refused

BUTTONS = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "approve", "value": "7", "text": {"type": "plain_text", "text": "Approve"}}
        ],
    }
]
CARD = {"event_type": "slipway_card", "event_payload": {"subject": "change:42", "revision": 3}}


async def test_a_message_comes_back_as_it_was_posted(local_slack: LocalSlack) -> None:
    posted = await local_slack.web.chat_postMessage(channel="#deployments", text="hi", blocks=BUTTONS, metadata=CARD)

    seen = await local_slack.driver.person("tomas").messages("deployments")
    assert [(m["text"], m["user"], m["metadata"]) for m in seen] == [("hi", cast.BOT_USER, CARD)]
    assert posted["ts"] == seen[0]["ts"]
    assert posted["message"]["bot_id"] == cast.BOT
    assert seen[0]["blocks"][0]["block_id"]


async def test_history_shows_metadata_only_when_asked(local_slack: LocalSlack) -> None:
    channel = (await local_slack.web.chat_postMessage(channel="deployments", text="hi", metadata=CARD))["channel"]

    plain = await local_slack.web.conversations_history(channel=channel)
    full = await local_slack.web.conversations_history(channel=channel, include_all_metadata=True)

    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == CARD


async def test_an_update_keeps_what_is_not_sent_and_drops_what_is_emptied(local_slack: LocalSlack) -> None:
    web = local_slack.web
    posted = await web.chat_postMessage(channel="deployments", text="a", blocks=BUTTONS, metadata=CARD)
    where = {"channel": posted["channel"], "ts": posted["ts"]}

    await web.chat_update(**where, text="b")
    kept = (await local_slack.driver.person("tomas").messages("deployments"))[0]
    await web.chat_update(**where, text="c", blocks=[], metadata={})
    emptied = (await local_slack.driver.person("tomas").messages("deployments"))[0]

    assert (kept["text"], bool(kept["blocks"]), kept["metadata"]) == ("b", True, CARD)
    assert (emptied["text"], emptied["blocks"], emptied["metadata"]) == ("c", None, None)
    assert emptied["edited"]["user"] == cast.BOT_USER


async def test_only_own_messages_can_be_changed_or_deleted(local_slack: LocalSlack) -> None:
    ts = await local_slack.driver.person("tomas").post("deployments", "mine")
    where = {"channel": "C0DEPLOYM2", "ts": ts}

    assert await refused(local_slack.web.chat_update(**where, text="ours")) == "cant_update_message"
    assert await refused(local_slack.web.chat_delete(**where)) == "cant_delete_message"


async def test_an_update_needs_the_channels_id_and_a_message_that_is_there(local_slack: LocalSlack) -> None:
    ts = (await local_slack.web.chat_postMessage(channel="deployments", text="x"))["ts"]

    assert await refused(local_slack.web.chat_update(channel="deployments", ts=ts, text="y")) == "channel_not_found"
    gone = local_slack.web.chat_update(channel="C0DEPLOYM2", ts="1.000001", text="y")
    assert await refused(gone) == "message_not_found"


async def test_an_update_is_refused_beyond_4000_characters_a_post_is_cut_at_40000(local_slack: LocalSlack) -> None:
    posted = await local_slack.web.chat_postMessage(channel="deployments", text="x" * 40_001)
    where = {"channel": posted["channel"], "ts": posted["ts"]}

    assert len(posted["message"]["text"]) == 40_000
    assert await refused(local_slack.web.chat_update(**where, text="x" * 4_001)) == "msg_too_long"


async def test_an_ephemeral_message_is_seen_by_one_and_cannot_be_touched(local_slack: LocalSlack) -> None:
    sent = await local_slack.web.chat_postEphemeral(channel="C0DEPLOYM2", user=cast.TOMAS, text="only you")

    where = {"channel": "C0DEPLOYM2", "ts": sent["message_ts"]}
    assert [m["is_ephemeral"] for m in await local_slack.driver.person("tomas").messages("deployments")] == [True]
    assert await local_slack.driver.person("selma").messages("deployments") == []
    assert await refused(local_slack.web.chat_update(**where, text="all")) == "message_not_found"
    assert (await local_slack.web.conversations_history(channel="C0DEPLOYM2"))["messages"] == []


async def test_an_ephemeral_message_needs_a_member(local_slack: LocalSlack) -> None:
    await local_slack.driver.person("tomas").do("leave", channel="deployments")

    call = local_slack.web.chat_postEphemeral(channel="C0DEPLOYM2", user=cast.TOMAS, text="x")
    assert await refused(call) == "user_not_in_channel"


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ({"channel": "deployments"}, "no_text"),
        ({"channel": "C0NOWHERE99", "text": "x"}, "channel_not_found"),
        ({"channel": "deployments", "text": "x", "thread_ts": "1700000000.000001"}, "thread_not_found"),
        ({"channel": "deployments", "text": "x", "thread_ts": "soon"}, "invalid_thread_ts"),
        ({"channel": "deployments", "text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"channel": "deployments", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": "deployments", "text": "x", "metadata": "no"}, "invalid_metadata_format"),
        ({"channel": "deployments", "text": "x", "markdown_text": "**y**"}, "markdown_text_conflict"),
        ({"channel": "deployments", "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
async def test_what_is_wrong_has_slacks_name(local_slack: LocalSlack, what: dict[str, object], code: str) -> None:
    assert await refused(local_slack.web.api_call("chat.postMessage", json=what)) == code


async def test_invalid_blocks_are_named_by_pointer(local_slack: LocalSlack) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]

    with pytest.raises(SlackApiError) as caught:
        await local_slack.web.chat_postMessage(channel="deployments", text="x", blocks=blocks)

    assert "/blocks/0/text" in caught.value.response["response_metadata"]["messages"][0]


async def test_posting_needs_membership_and_a_living_channel(local_slack: LocalSlack) -> None:
    tomas = local_slack.driver.person("tomas")
    await tomas.do("leave", channel="alerts", user=cast.BOT_USER)
    await tomas.do("archive", channel="incidents")

    assert await refused(local_slack.web.chat_postMessage(channel="alerts", text="x")) == "not_in_channel"
    assert await refused(local_slack.web.chat_postMessage(channel="incidents", text="x")) == "is_archived"


async def test_a_private_channel_without_the_bot_does_not_exist(local_slack: LocalSlack) -> None:
    created = await local_slack.driver.person("tomas").do("create", name="secret", is_private=True)

    assert await refused(local_slack.web.chat_postMessage(channel=created["channel"], text="x")) == "channel_not_found"


async def test_a_persons_id_means_the_direct_conversation(local_slack: LocalSlack) -> None:
    posted = await local_slack.web.chat_postMessage(channel=cast.LAYLA, text="just us")

    direct = await local_slack.driver.person("layla").channel(posted["channel"])
    assert posted["channel"].startswith("D")
    assert (direct["is_im"], direct["user"], direct["unread"], direct["mentions"]) == (True, cast.BOT_USER, 1, 1)


async def test_a_reply_to_a_reply_joins_the_thread(local_slack: LocalSlack) -> None:
    web = local_slack.web
    parent = await web.chat_postMessage(channel="deployments", text="parent")
    reply = await web.chat_postMessage(channel="deployments", text="one", thread_ts=parent["ts"])
    await web.chat_postMessage(channel="deployments", text="two", thread_ts=reply["ts"], reply_broadcast=True)

    thread = await web.conversations_replies(channel=parent["channel"], ts=reply["ts"])
    top = await local_slack.driver.person("tomas").messages("deployments")
    assert [m["text"] for m in thread["messages"]] == ["parent", "one", "two"]
    assert thread["messages"][0]["reply_count"] == 2
    assert [(m["text"], m["subtype"]) for m in top] == [("parent", None), ("two", "thread_broadcast")]


async def test_a_deleted_parent_leaves_a_stone_and_a_deleted_message_nothing(local_slack: LocalSlack) -> None:
    web = local_slack.web
    parent = await web.chat_postMessage(channel="deployments", text="parent")
    reply = await web.chat_postMessage(channel="deployments", text="reply", thread_ts=parent["ts"])

    await web.chat_delete(channel=parent["channel"], ts=parent["ts"])
    stone = (await local_slack.driver.person("tomas").messages("deployments"))[0]
    await web.chat_delete(channel=parent["channel"], ts=reply["ts"])

    assert (stone["subtype"], stone["text"], stone["reply_count"]) == ("tombstone", "This message was deleted.", 1)
    missing = web.conversations_replies(channel=parent["channel"], ts=reply["ts"])
    assert await refused(missing) == "thread_not_found"


async def test_a_permalink_names_channel_message_and_thread(local_slack: LocalSlack) -> None:
    parent = await local_slack.web.chat_postMessage(channel="deployments", text="parent")
    reply = await local_slack.web.chat_postMessage(channel="deployments", text="r", thread_ts=parent["ts"])

    link = await local_slack.web.chat_getPermalink(channel=parent["channel"], message_ts=reply["ts"])
    assert link["permalink"].endswith(f"p{reply['ts'].replace('.', '')}?thread_ts={parent['ts']}&cid=C0DEPLOYM2")


async def test_timestamps_grow_while_the_clock_stands_still(local_slack: LocalSlack, clock: Clock) -> None:
    stamps = [(await local_slack.web.chat_postMessage(channel="deployments", text=str(n)))["ts"] for n in range(3)]
    clock.advance(-60)
    stamps.append((await local_slack.web.chat_postMessage(channel="general", text="back"))["ts"])

    assert stamps == sorted(set(stamps))


async def test_the_bots_own_messages_come_back_as_events(local_slack: LocalSlack, app: ReceivingApp) -> None:
    posted = await local_slack.web.chat_postMessage(channel="deployments", text="hi")
    await local_slack.web.chat_update(channel=posted["channel"], ts=posted["ts"], text="ho")
    await local_slack.web.chat_delete(channel=posted["channel"], ts=posted["ts"])
    await app.heard("message", 3)

    plain, changed, deleted = sorted((e["event"] for e in app.of("message")), key=lambda e: e["event_ts"])
    assert (plain["bot_id"], plain["channel_type"], plain["text"]) == (cast.BOT, "channel", "hi")
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "ho")
    assert changed["previous_message"]["text"] == "hi"
    assert "user" not in changed
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", posted["ts"])


async def test_a_client_of_another_team_is_not_let_in(local_slack: LocalSlack) -> None:
    stranger = AsyncWebClient(token="xoxb-1-wrong", base_url=local_slack.info["web_api_url"])

    assert await refused(stranger.chat_postMessage(channel="deployments", text="x")) == "invalid_auth"
