"""Pressing and choosing: what block_actions carries, what a person can and cannot press."""

from __future__ import annotations

import pytest

from bot.sandbox import cast
from bot.sandbox.driving import Misdriven
from tests.fakes.stage import Clock, Json, LocalSlack, ReceivingApp


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def button(action_id: str, value: str, **more: object) -> Json:
    return {"type": "button", "action_id": action_id, "value": value, "text": plain("Press"), **more}


def actions(*elements: Json, block_id: str = "row") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


CHOICES = [option("staging"), option("production")]
ELEMENTS = {
    "static": ({"type": "static_select", "options": CHOICES}, {"selected_option": "staging"}, CHOICES[0]),
    "object": ({"type": "static_select", "options": CHOICES}, {"selected_option": CHOICES[1]}, CHOICES[1]),
    "many": ({"type": "multi_static_select", "options": CHOICES}, {"selected_options": ["staging"]}, CHOICES[:1]),
    "boxes": ({"type": "checkboxes", "options": CHOICES}, {"selected_options": ["production"]}, CHOICES[1:]),
    "radio": ({"type": "radio_buttons", "options": CHOICES}, {"selected_option": "staging"}, CHOICES[0]),
    "overflow": ({"type": "overflow", "options": CHOICES}, {"selected_option": "staging"}, CHOICES[0]),
    "date": ({"type": "datepicker"}, {"selected_date": "2026-12-24"}, "2026-12-24"),
    "time": ({"type": "timepicker"}, {"selected_time": "02:00"}, "02:00"),
    "moment": ({"type": "datetimepicker"}, {"selected_date_time": 1790000000}, 1790000000),
    "user": ({"type": "users_select"}, {"selected_user": "layla"}, cast.LAYLA),
    "users": ({"type": "multi_users_select"}, {"selected_users": ["layla"]}, [cast.LAYLA]),
    "channel": ({"type": "channels_select"}, {"selected_channel": "alerts"}, "C0ALERTSX4"),
    "talk": ({"type": "conversations_select"}, {"selected_conversation": "alerts"}, "C0ALERTSX4"),
}


@pytest.mark.parametrize("name", sorted(ELEMENTS))
async def test_choosing_sends_the_choice_and_the_state(local_slack: LocalSlack, app: ReceivingApp, name: str) -> None:
    element, what, expected = ELEMENTS[name]
    part = {"action_id": "a", **element}
    section = {"type": "section", "block_id": "b", "text": plain("?"), "accessory": part}
    if element["type"] == "datetimepicker":  # Slack has it in actions and inputs only
        section = actions(part, block_id="b")
    ts = (await local_slack.web.chat_postMessage(channel="general", text="?", blocks=[section]))["ts"]

    await local_slack.driver.person("tomas").press("general", ts, "a", **what)

    sent, member = app.of("block_actions")[0], next(iter(what))
    action = sent["actions"][0]
    assert (action["type"], action["action_id"], action["block_id"]) == (element["type"], "a", "b")
    assert action[member] == expected
    stateless = name == "overflow"
    assert sent["state"]["values"] == ({} if stateless else {"b": {"a": {"type": element["type"], member: expected}}})


async def test_a_press_carries_the_whole_message_and_who_where_and_what(
    local_slack: LocalSlack, app: ReceivingApp, clock: Clock
) -> None:
    card = {"event_type": "slipway_card", "event_payload": {"subject": "change:42"}}
    blocks = [actions(button("approve", "42", style="primary"))]
    posted = await local_slack.web.chat_postMessage(channel="approvals", text="?", blocks=blocks, metadata=card)

    shown = await local_slack.driver.person("selma").press("approvals", posted["ts"], "approve", value="42")
    sent = app.of("block_actions")[0]

    assert shown == {"ok": True, "dispatched": True}
    assert sent["user"] == {"id": cast.SELMA, "username": "selma", "name": "selma", "team_id": cast.TEAM}
    assert sent["channel"] == {"id": "C0APPROVA3", "name": "approvals"}
    assert sent["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": "C0APPROVA3",
        "is_ephemeral": False,
        "is_app_unfurl": False,
    }
    assert (sent["message"]["blocks"], sent["message"]["metadata"]) == (blocks, card)
    assert (sent["actions"][0]["value"], sent["actions"][0]["style"]) == ("42", "primary")
    assert {"trigger_id", "response_url", "token", "api_app_id", "team"} <= set(sent)
    assert (sent["enterprise"], sent["is_enterprise_install"]) == (None, False)
    assert local_slack.is_signed(app.raw[-1], app.headers[-1], clock)


async def test_a_link_button_is_told_too(local_slack: LocalSlack, app: ReceivingApp) -> None:
    blocks = [actions(button("logs", "1", url="https://logs.example"))]
    ts = (await local_slack.web.chat_postMessage(channel="general", text="?", blocks=blocks))["ts"]

    shown = await local_slack.driver.person("tomas").press("general", ts, "logs")
    assert shown["url"] == "https://logs.example"
    assert len(app.of("block_actions")) == 1


async def test_what_is_not_there_cannot_be_pressed(local_slack: LocalSlack, app: ReceivingApp) -> None:
    blocks = [actions(button("approve", "1")), actions(button("approve", "2"), block_id="other")]
    ts = (await local_slack.web.chat_postMessage(channel="general", text="?", blocks=blocks))["ts"]
    tomas = local_slack.driver.person("tomas")

    with pytest.raises(Misdriven, match="does not have; it has approve"):
        await tomas.press("general", ts, "reject")
    with pytest.raises(Misdriven, match="in several blocks; say block_id: row, other"):
        await tomas.press("general", ts, "approve")
    with pytest.raises(Misdriven, match="now carries '1'"):
        await tomas.press("general", ts, "approve", block_id="row", value="9")
    with pytest.raises(Misdriven, match="sees no such message"):
        await tomas.press("general", "1.000001", "approve")
    await tomas.press("general", ts, "approve", value="2")

    assert [p["actions"][0]["block_id"] for p in app.of("block_actions")] == ["other"]


async def test_somebody_elses_ephemeral_message_cannot_be_pressed(local_slack: LocalSlack) -> None:
    sent = await local_slack.web.chat_postEphemeral(
        channel="C0GENERAL1", user=cast.TOMAS, text="?", blocks=[actions(button("approve", "1"))]
    )

    with pytest.raises(Misdriven, match="selma sees no such message"):
        await local_slack.driver.person("selma").press("general", sent["message_ts"], "approve")


async def test_an_option_that_is_not_offered_cannot_be_chosen(local_slack: LocalSlack) -> None:
    blocks = [actions({"type": "static_select", "action_id": "where", "options": CHOICES})]
    ts = (await local_slack.web.chat_postMessage(channel="general", text="?", blocks=blocks))["ts"]

    with pytest.raises(Misdriven, match="its options are 'staging', 'production'"):
        await local_slack.driver.person("tomas").press("general", ts, "where", selected_option="mars")


async def test_an_external_select_asks_the_app(local_slack: LocalSlack, app: ReceivingApp) -> None:
    async def suggest(body: Json) -> object:
        return {"options": [option(body["value"] + "-1")]} if body["type"] == "block_suggestion" else None

    app.answer = suggest
    blocks = [actions({"type": "external_select", "action_id": "release", "min_query_length": 0})]
    ts = (await local_slack.web.chat_postMessage(channel="general", text="?", blocks=blocks))["ts"]
    tomas = local_slack.driver.person("tomas")

    offered = await tomas.do("suggest", channel="general", ts=ts, action_id="release", value="v2")
    await tomas.press("general", ts, "release", selected_option="v2-1")

    assert [o["value"] for o in offered["options"]] == ["v2-1"]
    assert app.of("block_suggestion")[0]["block_id"] == "row"
    assert app.of("block_actions")[0]["actions"][0]["selected_option"]["value"] == "v2-1"


async def test_a_press_the_app_does_not_take_is_told_to_the_person(local_slack: LocalSlack, app: ReceivingApp) -> None:
    blocks = [actions(button("approve", "1"))]
    ts = (await local_slack.web.chat_postMessage(channel="general", text="?", blocks=blocks))["ts"]
    await local_slack.driver.post("app", request_url="http://127.0.0.1:9/")

    shown = await local_slack.driver.person("tomas").press("general", ts, "approve")
    assert (shown["ok"], shown["error"]) == (False, "dispatch_failed")
    assert app.of("block_actions") == []


async def test_a_gesture_can_be_delivered_twice_on_order(local_slack: LocalSlack, app: ReceivingApp) -> None:
    blocks = [actions(button("approve", "1"))]
    ts = (await local_slack.web.chat_postMessage(channel="general", text="?", blocks=blocks))["ts"]
    await local_slack.driver.faults(duplicate_interactions={"count": 1})

    await local_slack.driver.person("tomas").press("general", ts, "approve")
    first, second = await app.heard("block_actions", 2)
    assert first == second


async def test_shortcuts(local_slack: LocalSlack, app: ReceivingApp) -> None:
    tomas = local_slack.driver.person("tomas")
    ts = await tomas.post("general", "about this")

    await tomas.do("shortcut", callback_id="everywhere")
    await tomas.do("shortcut", callback_id="on_message", channel="general", ts=ts)

    everywhere, on_message = app.of("shortcut")[0], app.of("message_action")[0]
    assert "channel" not in everywhere
    assert "response_url" not in everywhere
    assert (on_message["message"]["text"], on_message["message_ts"]) == ("about this", ts)
    assert on_message["response_url"]
