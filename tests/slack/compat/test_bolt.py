"""Slack's own Bolt, for Python and for Node, over HTTP and Socket Mode, against the local Slack.

Each app is a real process that knows nothing of where it runs but the API's address; the tests are people who use it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.slack.compat.conftest import BOLTS, Setting
from tests.slack.compat.driver import Person
from tests.slack.compat.processes import eventually

Json = dict[str, Any]

pytestmark = pytest.mark.slow


def buttons(message: Json) -> list[str]:
    return [
        element["action_id"]
        for block in message.get("blocks") or []
        for element in block.get("elements", [])
        if element.get("type") == "button"
    ]


def form_values(words: str, environment: str = "staging") -> Json:
    option = {"text": {"type": "plain_text", "text": environment}, "value": environment}
    return {
        "reason": {"words": {"type": "plain_text_input", "value": words}},
        "environment": {"choice": {"type": "static_select", "selected_option": option}},
    }


def test_a_message_event_is_answered(tomas: Person) -> None:
    tomas.says("hello bot")

    tomas.sees(f"Hello, <@{tomas.id}>")


def test_a_mention_is_answered_in_its_thread(setting: Setting, tomas: Person) -> None:
    bot = setting.driver.get("info")["bot"]["user_id"]

    mention = tomas.says(f"<@{bot}> are you there?")

    answer = tomas.sees("You called?", thread_ts=mention["ts"])
    assert answer["thread_ts"] == mention["ts"]


def test_a_reaction_is_noticed(tomas: Person) -> None:
    message = tomas.says("react to me")

    tomas.reacts(message, "tada")

    tomas.sees("Thanks for the tada")


def test_a_command_is_acknowledged_and_posts_everywhere(tomas: Person, selma: Person) -> None:
    tomas.types("/compat orange")

    tomas.sees("Working on orange")
    tomas.sees("Only you see orange")
    card = tomas.sees("Card for orange")
    selma.sees("Everybody sees orange")
    assert buttons(card) == ["approve", "dismiss"]
    assert card["metadata"] == {"event_type": "compat_card", "event_payload": {"subject": "orange"}}
    seen_by_selma = [(message.get("text") or "") for message in selma.messages()]
    assert "Only you see orange" not in seen_by_selma
    assert "Working on orange" not in seen_by_selma


def test_a_button_updates_its_message_and_answers_its_presser(tomas: Person, selma: Person) -> None:
    tomas.types("/compat apple")
    card = selma.sees("Card for apple")

    selma.presses(card, "approve")

    approved = tomas.sees(f"Approved apple by <@{selma.id}>")
    assert approved["ts"] == card["ts"]
    assert buttons(approved) == []
    selma.sees("Noted apple")
    assert not any("Noted apple" in (message.get("text") or "") for message in tomas.messages())


def test_a_response_url_replaces_the_message_it_came_from(tomas: Person) -> None:
    tomas.types("/compat pear")
    card = tomas.sees("Card for pear")

    tomas.presses(card, "dismiss")

    dismissed = tomas.sees("Dismissed pear")
    assert dismissed["ts"] == card["ts"]
    assert buttons(dismissed) == []


def test_a_modal_refuses_then_takes_what_is_entered(tomas: Person) -> None:
    tomas.types("/compat-form")
    view = tomas.sees_view("A form")

    refused = tomas.submits(view, **form_values("no"))
    assert "Say a little more" in json.dumps(refused)
    assert [each["id"] for each in tomas.views()] == [view["id"]]

    tomas.submits(view, **form_values("because we must", "production"))
    tomas.sees(f"<@{tomas.id}> wants production: because we must")
    eventually(lambda: not tomas.views(), "the modal is closed")


def test_a_modal_is_updated_by_its_button_and_by_its_answer(tomas: Person) -> None:
    tomas.types("/compat-form")
    view = tomas.sees_view("A form")

    tomas.driver.post("press", as_=tomas.id, view_id=view["id"], action_id="more")
    assert tomas.sees_view("There is more")["id"] == view["id"]
    tomas.submits(view, **form_values("show me more"))
    assert tomas.sees_view("Here it is")["id"] == view["id"]
    tomas.closes(view)

    tomas.sees(f"<@{tomas.id}> changed their mind")


def test_the_clients_read_what_is_there(tomas: Person) -> None:
    tomas.says("something to read")

    tomas.types("/compat-read")

    facts = json.loads(tomas.sees('"bot"')["text"])
    assert facts["zone"] == "Europe/Berlin"
    assert facts["member"] is True
    assert facts["messages"] == 1
    assert facts["approvers"] == 3
    assert facts["link"] is True
    assert facts["channels"] == ["alerts", "approvals", "deployments", "general", "incidents"]


def test_a_client_is_told_which_block_is_wrong(tomas: Person) -> None:
    tomas.types("/compat-bad")

    tomas.sees("invalid_blocks: [ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]")


@pytest.fixture
def slacks_own_pace(setting: Setting) -> Iterator[None]:
    usual = setting.driver.get("faults")["pace"]
    setting.driver.post("faults", pace=1)
    yield
    setting.driver.post("faults", pace=usual)


@pytest.mark.usefixtures("slacks_own_pace")
def test_a_client_that_is_too_quick_waits_and_loses_nothing(tomas: Person) -> None:
    tomas.types("/compat-burst kiwi")

    tomas.sees("Burst kiwi 7")
    posted = [message["text"] for message in tomas.messages() if (message.get("text") or "").startswith("Burst kiwi")]
    assert sorted(posted) == [f"Burst kiwi {number}" for number in range(1, 8)]


def test_a_command_nobody_acknowledges_fails_for_the_person(tomas: Person) -> None:
    answer = tomas.types("/compat-silent")

    assert "operation_timeout" in json.dumps(answer) or "dispatch_failed" in json.dumps(answer)


def test_a_channel_is_made_used_and_archived(setting: Setting, tomas: Person) -> None:
    name = f"inc-{setting.driver.port}"

    tomas.types(f"/compat-room {name}")

    facts = json.loads(tomas.sees('"room"')["text"])
    assert facts == {
        "room": name,
        "topic": "What broke",
        "purpose": "To mend it",
        "archived": True,
        "replies": [2, 1],
    }


def test_what_only_one_person_sees_can_be_taken_away(tomas: Person) -> None:
    tomas.types("/compat-secret")
    secret = tomas.sees("A secret")

    tomas.presses(secret, "forget")

    eventually(lambda: not any(message["ts"] == secret["ts"] for message in tomas.messages()), "the secret is gone")


def test_a_menu_asks_the_app_for_its_options(tomas: Person) -> None:
    tomas.types("/compat-pick")
    message = tomas.sees("Pick a fruit")
    place = {"as": tomas.id, "channel": tomas.channel, "ts": message["ts"], "action_id": "fruit"}

    suggested = tomas.driver.post("suggest", **place, value="ap")
    assert [option["value"] for option in suggested["options"]] == ["apple", "apricot"]
    tomas.driver.post("press", **place, selected_option="apricot")

    tomas.sees("Picked apricot")


def test_a_modal_lies_on_a_modal(tomas: Person) -> None:
    tomas.types("/compat-form")
    below = tomas.sees_view("A form")

    tomas.driver.post("press", as_=tomas.id, view_id=below["id"], action_id="deeper")
    above = tomas.sees_view("At the bottom")
    assert (above["previous_view_id"], above["root_view_id"]) == (below["id"], below["id"])

    tomas.closes(above)
    eventually(lambda: [view["id"] for view in tomas.views()] == [below["id"]], "the first modal is in front again")
    tomas.closes(below)


def test_a_shortcut_opens_a_modal_and_one_on_a_message_answers(tomas: Person) -> None:
    tomas.driver.post("shortcut", as_=tomas.id, callback_id="open_form")
    tomas.closes(tomas.sees_view("A form"))

    said = tomas.says("quote me")
    tomas.driver.post("shortcut", as_=tomas.id, callback_id="quote", channel=tomas.channel, ts=said["ts"])
    tomas.sees("You said: quote me")


def test_the_home_tab_is_published_and_its_button_works(selma: Person) -> None:
    def home_shows(words: str) -> Json | None:
        home: Json | None = selma.driver.get("home", **{"as": selma.id})
        return home if words in json.dumps(home) else None

    selma.driver.post("home", as_=selma.id)
    home = eventually(lambda: home_shows("Seen 1 times"), "the home tab")
    selma.driver.post("press", as_=selma.id, view_id=home["id"], action_id="again")

    eventually(lambda: home_shows("Seen 2 times"), "the home tab, updated")


def test_the_validating_method_answers_as_slacks_does(tomas: Person) -> None:
    tomas.types("/compat-check")

    assert json.loads(tomas.sees('"pointer"')["text"]) == [
        {
            "code": "failed_constraint",
            "message": "unsupported type: invalid",
            "pointer": "/0/text/type",
            "constraint": {"type": "enum", "expected": ["plain_text", "mrkdwn"]},
        }
    ]


@pytest.mark.parametrize("setting", [bolt for bolt in BOLTS if "socket" in bolt], indirect=True)
@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_client_that_is_told_to_reconnect_does_and_goes_on(setting: Setting, tomas: Person, reason: str) -> None:
    setting.driver.post("sockets", reason=reason)
    eventually(lambda: setting.driver.get("info")["socket_connections"] > 0, "the app is connected again", patience=40)

    def works() -> bool:
        return bool(tomas.types(f"/compat after-{reason}").get("ok"))

    eventually(works, "a command is delivered again", patience=40)
    tomas.sees(f"Everybody sees after-{reason}")
