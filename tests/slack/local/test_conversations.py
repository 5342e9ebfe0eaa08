"""conversations.*, reactions, pins, bookmarks, people and groups, by Slack's own client."""

from __future__ import annotations

import pytest

from bot.sandbox import cast
from tests.fakes.stage import Clock, LocalSlack, ReceivingApp, refused


async def test_a_new_workspace_has_its_channels_with_everybody_in_them(local_slack: LocalSlack) -> None:
    listed = (await local_slack.web.conversations_list())["channels"]

    assert {c["name"] for c in listed} == {"general", "deployments", "approvals", "alerts", "incidents"}
    assert all(c["is_member"] and c["num_members"] == 7 for c in listed)


async def test_lists_come_in_pages_to_the_end(local_slack: LocalSlack) -> None:
    names, cursor = [], ""
    while True:
        answer = await local_slack.web.conversations_list(limit=2, cursor=cursor)
        names += [c["name"] for c in answer["channels"]]
        cursor = answer["response_metadata"]["next_cursor"]
        if not cursor:
            break

    assert len(names) == len(set(names)) == 5
    assert await refused(local_slack.web.conversations_list(cursor="nonsense")) == "invalid_cursor"
    assert await refused(local_slack.web.conversations_list(types="parking_lot")) == "invalid_types"


async def test_history_is_newest_first_in_pages_between_two_times(local_slack: LocalSlack, clock: Clock) -> None:
    stamps = []
    for number in range(5):
        clock.advance(10)
        stamps.append((await local_slack.web.chat_postMessage(channel="alerts", text=str(number)))["ts"])
    channel = "C0ALERTSX4"

    first = await local_slack.web.conversations_history(channel=channel, limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await local_slack.web.conversations_history(channel=channel, limit=2, cursor=cursor)
    between = await local_slack.web.conversations_history(channel=channel, oldest=stamps[1], latest=stamps[3])
    within = await local_slack.web.conversations_history(
        channel=channel, oldest=stamps[1], latest=stamps[3], inclusive=True
    )

    assert [m["text"] for m in first["messages"] + second["messages"]] == ["4", "3", "2", "1"]
    assert first["has_more"]
    assert [m["text"] for m in between["messages"]] == ["2"]
    assert [m["text"] for m in within["messages"]] == ["3", "2", "1"]
    bad = local_slack.web.conversations_history(channel=channel, oldest="yesterday")
    assert await refused(bad) == "invalid_ts_oldest"


async def test_history_needs_membership(local_slack: LocalSlack) -> None:
    await local_slack.driver.person("tomas").do("leave", channel="alerts", user=cast.BOT_USER)

    assert await refused(local_slack.web.conversations_history(channel="C0ALERTSX4")) == "not_in_channel"


async def test_a_channels_life(local_slack: LocalSlack, app: ReceivingApp) -> None:
    web = local_slack.web
    channel = (await web.conversations_create(name="inc-42"))["channel"]["id"]
    await web.conversations_invite(channel=channel, users=[cast.TOMAS, cast.LAYLA])
    await web.conversations_setTopic(channel=channel, topic="what")
    await web.conversations_setPurpose(channel=channel, purpose="why")
    await web.conversations_rename(channel=channel, name="inc-43")
    info = (await web.conversations_info(channel=channel, include_num_members=True))["channel"]
    members = (await web.conversations_members(channel=channel))["members"]
    await web.conversations_kick(channel=channel, user=cast.LAYLA)
    await web.conversations_archive(channel=channel)
    await app.heard("member_joined_channel", 2)
    await app.heard("member_left_channel", 1)

    assert (info["name"], info["num_members"], info["previous_names"]) == ("inc-43", 3, ["inc-42"])
    assert (info["topic"]["value"], info["purpose"]["value"]) == ("what", "why")
    assert members == sorted([cast.TOMAS, cast.LAYLA, cast.BOT_USER])
    assert await refused(web.conversations_archive(channel=channel)) == "already_archived"
    assert await refused(web.conversations_setTopic(channel=channel, topic="x")) == "is_archived"
    assert {e["event"]["inviter"] for e in app.of("member_joined_channel")} == {cast.BOT_USER}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("general", "name_taken"),
        ("Big", "invalid_name_specials"),
        ("with space", "invalid_name_specials"),
        ("x" * 81, "invalid_name_maxlength"),
        ("--", "invalid_name_punctuation"),
        (" ", "invalid_name_required"),
    ],
)
async def test_a_wrong_name_is_named(local_slack: LocalSlack, name: str, code: str) -> None:
    assert await refused(local_slack.web.conversations_create(name=name)) == code


async def test_an_invitation_tells_who_could_not_come(local_slack: LocalSlack) -> None:
    web = local_slack.web
    channel = (await web.conversations_create(name="new"))["channel"]["id"]

    assert await refused(web.conversations_invite(channel=channel, users=["U0NOBODY99"])) == "user_not_found"
    assert await refused(web.conversations_invite(channel=channel, users=[cast.BOT_USER])) == "cant_invite_self"
    forced = await web.conversations_invite(channel=channel, users=[cast.TOMAS, "U0NOBODY99"], force=True)
    assert [e["user"] for e in forced["errors"]] == ["U0NOBODY99"]
    assert await refused(web.conversations_invite(channel=channel, users=[cast.TOMAS])) == "already_in_channel"


async def test_general_cannot_be_archived_or_left(local_slack: LocalSlack) -> None:
    assert await refused(local_slack.web.conversations_archive(channel="C0GENERAL1")) == "cant_archive_general"
    assert await refused(local_slack.web.conversations_leave(channel="C0GENERAL1")) == "cant_leave_general"


async def test_joining_a_public_channel(local_slack: LocalSlack) -> None:
    created = await local_slack.driver.person("tomas").do("create", name="lobby")

    assert (await local_slack.web.conversations_join(channel=created["channel"]))["channel"]["is_member"]
    assert (await local_slack.web.conversations_join(channel=created["channel"]))["warning"] == "already_in_channel"


async def test_a_direct_conversation_is_made_once(local_slack: LocalSlack) -> None:
    first = await local_slack.web.conversations_open(users=cast.TOMAS, return_im=True)
    second = await local_slack.web.conversations_open(users=[cast.TOMAS])
    group = await local_slack.web.conversations_open(users=[cast.TOMAS, cast.LAYLA])

    assert first["channel"]["user"] == cast.TOMAS
    assert (second["channel"]["id"], second["already_open"]) == (first["channel"]["id"], True)
    assert group["channel"]["id"].startswith("C")
    assert await refused(local_slack.web.conversations_open(users="U0NOBODY99")) == "user_not_found"
    assert await refused(local_slack.web.api_call("conversations.open")) == "users_list_not_supplied"


async def test_people_have_time_zones_and_names_of_every_script(local_slack: LocalSlack) -> None:
    layla = (await local_slack.web.users_info(user=cast.LAYLA, include_locale=True))["user"]
    tomas = (await local_slack.web.users_lookupByEmail(email="tomas@healthbridge.example"))["user"]

    assert (layla["real_name"], layla["tz"], layla["tz_offset"]) == ("ليلى حداد", "Asia/Dubai", 4 * 3600)
    assert (tomas["id"], tomas["tz"], tomas["is_bot"]) == (cast.TOMAS, "Europe/Berlin", False)
    assert len((await local_slack.web.users_list())["members"]) == 8
    assert await refused(local_slack.web.users_info(user="U0NOBODY99")) == "user_not_found"
    assert await refused(local_slack.web.users_lookupByEmail(email="x@y.example")) == "users_not_found"


async def test_groups_change_and_the_app_hears_it(local_slack: LocalSlack, app: ReceivingApp) -> None:
    listed = (await local_slack.web.usergroups_list(include_users=True, include_count=True))["usergroups"]
    production = next(g for g in listed if g["handle"] == "production-team")
    await local_slack.driver.post("group", group="production-team", add=["maria"], remove=["tomas"])
    event = (await app.heard("subteam_members_changed"))[0]["event"]

    now = (await local_slack.web.usergroups_users_list(usergroup=production["id"]))["users"]
    assert sorted(production["users"]) == sorted([cast.TOMAS, cast.SELMA, cast.LAYLA])
    assert sorted(now) == sorted([cast.MARIA, cast.SELMA, cast.LAYLA])
    assert (event["added_users"], event["removed_users"]) == ([cast.MARIA], [cast.TOMAS])
    assert await refused(local_slack.web.usergroups_users_list(usergroup="S0NONE")) == "no_such_subteam"


async def test_somebody_who_left_or_is_a_guest_is_shown_so(local_slack: LocalSlack) -> None:
    await local_slack.driver.post("person", user="maria", deleted=True, is_restricted=True)

    maria = (await local_slack.web.users_info(user=cast.MARIA))["user"]
    assert (maria["deleted"], maria["is_restricted"]) == (True, True)


async def test_reactions_are_one_per_person_and_name(local_slack: LocalSlack, app: ReceivingApp) -> None:
    ts = await local_slack.driver.person("tomas").post("general", "look")
    item = {"channel": "C0GENERAL1", "timestamp": ts}
    await local_slack.web.reactions_add(**item, name="eyes")
    await local_slack.driver.person("layla").do("react", channel="general", ts=ts, name=":eyes:")

    seen = (await local_slack.web.reactions_get(**item))["message"]["reactions"]
    assert seen == [{"name": "eyes", "users": [cast.BOT_USER, cast.LAYLA], "count": 2}]
    assert await refused(local_slack.web.reactions_add(**item, name="eyes")) == "already_reacted"
    assert await refused(local_slack.web.reactions_add(**item, name="Not Emoji")) == "invalid_name"
    assert (await local_slack.web.reactions_remove(**item, name="eyes"))["ok"]
    assert await refused(local_slack.web.reactions_remove(**item, name="eyes")) == "no_reaction"
    heard = await app.heard("reaction_added", 2)
    assert {(e["event"]["user"], e["event"]["item_user"]) for e in heard} == {
        (cast.BOT_USER, cast.TOMAS),
        (cast.LAYLA, cast.TOMAS),
    }


async def test_pins_and_bookmarks(local_slack: LocalSlack) -> None:
    web = local_slack.web
    posted = await web.chat_postMessage(channel="incidents", text="pin me")
    item = {"channel": posted["channel"], "timestamp": posted["ts"]}
    await web.pins_add(**item)
    bookmark = (
        await web.bookmarks_add(channel_id=item["channel"], title="doc", type="link", link="https://x.example")
    )["bookmark"]
    await web.bookmarks_edit(channel_id=item["channel"], bookmark_id=bookmark["id"], title="docs")

    assert [p["message"]["text"] for p in (await web.pins_list(channel=item["channel"]))["items"]] == ["pin me"]
    assert await refused(web.pins_add(**item)) == "already_pinned"
    assert (await web.pins_remove(**item))["ok"]
    assert await refused(web.pins_remove(**item)) == "no_pin"
    listed = (await web.bookmarks_list(channel_id=item["channel"]))["bookmarks"]
    assert [(b["title"], b["link"]) for b in listed] == [("docs", "https://x.example")]
    wrong = web.bookmarks_add(channel_id=item["channel"], title="x", type="link", link="ftp://x")
    assert await refused(wrong) == "invalid_link"


async def test_the_app_knows_itself_and_its_team(local_slack: LocalSlack) -> None:
    me = await local_slack.web.auth_test()

    assert (me["user_id"], me["bot_id"], me["team_id"]) == (cast.BOT_USER, cast.BOT, cast.TEAM)
    assert (await local_slack.web.bots_info(bot=cast.BOT))["bot"]["user_id"] == cast.BOT_USER
    assert (await local_slack.web.team_info())["team"]["name"] == "HealthBridge"
