"""views.*: triggers, the stack of three, submissions with their four answers, App Home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox import cast
from bot.sandbox.driving import Misdriven
from tests.fakes.stage import Clock, Json, LocalSlack, ReceivingApp, refused

Start = Callable[..., Awaitable[LocalSlack]]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def asking(block_id: str, element: Json, **more: object) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("?"),
        "element": {"action_id": "a", **element},
        **more,
    }


REASON = asking("reason", {"type": "plain_text_input", "max_length": 10})


def modal(*blocks: Json, **more: object) -> Json:
    title = {"type": "modal", "title": plain("Deploy"), "submit": plain("Go")}
    return title | {"blocks": list(blocks) or [REASON], **more}


async def trigger(slack: LocalSlack, app: ReceivingApp, who: str = "tomas") -> str:
    await slack.driver.person(who).command("general", "/deploy")
    return str(app.of("command")[-1]["trigger_id"])


async def opened(slack: LocalSlack, app: ReceivingApp, view: Json) -> str:
    answer = await slack.web.views_open(trigger_id=await trigger(slack, app), view=view)
    return str(answer["view"]["id"])


async def test_a_trigger_opens_one_window_within_three_seconds(
    local_slack: LocalSlack, app: ReceivingApp, clock: Clock
) -> None:
    web = local_slack.web
    used, late = await trigger(local_slack, app), await trigger(local_slack, app)
    view = (await web.views_open(trigger_id=used, view=modal(callback_id="deploy")))["view"]

    assert (view["callback_id"], view["root_view_id"], view["previous_view_id"]) == ("deploy", view["id"], None)
    assert view["state"] == {"values": {"reason": {"a": {"type": "plain_text_input", "value": None}}}}
    assert await refused(web.views_open(trigger_id=used, view=modal())) == "exchanged_trigger_id"
    clock.advance(3.5)
    assert await refused(web.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"
    assert await refused(web.views_open(trigger_id="1.2.x", view=modal())) == "invalid_trigger_id"


async def test_a_refused_view_does_not_cost_the_trigger(local_slack: LocalSlack, app: ReceivingApp) -> None:
    trigger_id = await trigger(local_slack, app)
    wrong = modal(title=plain("x" * 25))

    assert await refused(local_slack.web.views_open(trigger_id=trigger_id, view=wrong)) == "invalid_arguments"
    assert (await local_slack.web.views_open(trigger_id=trigger_id, view=modal()))["ok"]


async def test_the_stack_holds_three(local_slack: LocalSlack, app: ReceivingApp) -> None:
    root = await opened(local_slack, app, modal())
    for number in (2, 3):
        pushed = await local_slack.web.views_push(trigger_id=await trigger(local_slack, app), view=modal())
        assert pushed["view"]["root_view_id"] == root, number
    fourth = local_slack.web.views_push(trigger_id=await trigger(local_slack, app), view=modal())

    assert await refused(fourth) == "push_limit_reached"
    stack = await local_slack.driver.person("tomas").views()
    assert [v["previous_view_id"] for v in stack] == [None, stack[0]["id"], stack[1]["id"]]


async def test_an_update_with_an_old_hash_is_refused(local_slack: LocalSlack, app: ReceivingApp) -> None:
    answer = await local_slack.web.views_open(
        trigger_id=await trigger(local_slack, app), view=modal(external_id="mine")
    )
    old = answer["view"]["hash"]
    await local_slack.web.views_update(view_id=answer["view"]["id"], hash=old, view=modal(title=plain("Two")))

    late = local_slack.web.views_update(external_id="mine", hash=old, view=modal())
    assert await refused(late) == "not_found"  # the update did not repeat the external_id
    late = local_slack.web.views_update(view_id=answer["view"]["id"], hash=old, view=modal())
    assert await refused(late) == "hash_conflict"
    assert await refused(local_slack.web.views_update(view_id="V0NONE", view=modal())) == "not_found"


async def test_an_external_id_is_unique(local_slack: LocalSlack, app: ReceivingApp) -> None:
    await opened(local_slack, app, modal(external_id="one"))

    trigger_id = await trigger(local_slack, app, "selma")
    again = local_slack.web.views_open(trigger_id=trigger_id, view=modal(external_id="one"))
    assert await refused(again) == "duplicate_external_id"


async def test_what_was_typed_survives_an_update_under_the_same_ids(local_slack: LocalSlack, app: ReceivingApp) -> None:
    other = asking("other", {"type": "plain_text_input"})
    view_id = await opened(local_slack, app, modal(REASON, other))
    tomas = local_slack.driver.person("tomas")
    for block in ("reason", "other"):
        await tomas.do("press", view_id=view_id, action_id="a", block_id=block, value="typed")

    await local_slack.web.views_update(view_id=view_id, view=modal(REASON, other | {"block_id": "renamed"}))

    values = (await tomas.views())[0]["state"]["values"]
    assert (values["reason"]["a"]["value"], values["renamed"]["a"]["value"]) == ("typed", None)
    assert app.of("block_actions") == []


async def test_slack_checks_inputs_before_the_app_is_asked(local_slack: LocalSlack, app: ReceivingApp) -> None:
    number = asking("copies", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}, optional=True)
    address = asking("mail", {"type": "email_text_input"}, optional=True)
    view_id = await opened(local_slack, app, modal(REASON, number, address))
    tomas = local_slack.driver.person("tomas")

    empty = await tomas.submit(view_id)
    wrong = await tomas.submit(view_id, reason="far too long a reason", copies="0", mail="nobody")
    half = await tomas.submit(view_id, reason="ok", copies="1.5", mail="a@b.example")

    assert empty == {"ok": False, "errors": {"reason": "Please complete this required field."}}
    assert set(wrong["errors"]) == {"reason", "copies", "mail"}
    assert half["errors"] == {"copies": "Please enter a whole number."}
    assert (await tomas.views())[0]["errors"] == half["errors"]
    assert app.of("view_submission") == []


async def test_a_submission_carries_the_state_and_closes_the_window(local_slack: LocalSlack, app: ReceivingApp) -> None:
    choices = [{"text": plain(word), "value": word} for word in ("bug", "leak")]
    cause = asking("cause", {"type": "static_select", "options": choices})
    marks = asking("marks", {"type": "checkboxes", "options": choices}, optional=True)
    view_id = await opened(local_slack, app, modal(REASON, cause, marks, private_metadata="42"))
    tomas = local_slack.driver.person("tomas")

    shown = await tomas.do(
        "submit", view_id=view_id, values={"reason": {"a": "why"}, "cause": "leak", "marks": {"a": ["bug"]}}
    )

    sent = app.of("view_submission")[0]["view"]
    assert shown == {"ok": True, "closed": [view_id], "view_opened": None}
    assert sent["private_metadata"] == "42"
    assert sent["state"]["values"] == {
        "reason": {"a": {"type": "plain_text_input", "value": "why"}},
        "cause": {"a": {"type": "static_select", "selected_option": choices[1]}},
        "marks": {"a": {"type": "checkboxes", "selected_options": choices[:1]}},
    }
    assert await tomas.views() == []


@pytest.mark.parametrize("action", ["errors", "update", "push", "clear"])
async def test_the_four_answers_to_a_submission(local_slack: LocalSlack, app: ReceivingApp, action: str) -> None:
    async def answer(body: Json) -> object:
        if body["type"] != "view_submission":
            return None
        more = {"errors": {"errors": {"reason": "not today"}}, "clear": {}}
        return {"response_action": action} | more.get(action, {"view": modal(title=plain("Next"))})

    app.answer = answer
    view_id = await opened(local_slack, app, modal())
    tomas = local_slack.driver.person("tomas")

    shown = await tomas.submit(view_id, reason="why")

    stack = await tomas.views()
    titles = [view["title"]["text"] for view in stack]
    assert titles == {"errors": ["Deploy"], "update": ["Next"], "push": ["Deploy", "Next"], "clear": []}[action]
    assert shown["ok"] is (action != "errors")
    if action == "errors":
        assert (shown["errors"], stack[0]["errors"]) == ({"reason": "not today"}, {"reason": "not today"})


async def test_errors_for_blocks_that_are_not_there_are_trouble(local_slack: LocalSlack, app: ReceivingApp) -> None:
    async def answer(body: Json) -> object:
        return {"response_action": "errors", "errors": {"nowhere": "x"}} if body["type"] == "view_submission" else None

    app.answer = answer
    view_id = await opened(local_slack, app, modal())
    tomas = local_slack.driver.person("tomas")

    shown = await tomas.submit(view_id, reason="why")
    assert (shown["error"], shown["shown"]) == (
        "invalid_response_action",
        "We had some trouble connecting. Try again?",
    )
    assert len(await tomas.views()) == 1


async def test_closing_is_told_where_it_was_asked_for(local_slack: LocalSlack, app: ReceivingApp) -> None:
    quiet = await opened(local_slack, app, modal())
    tomas = local_slack.driver.person("tomas")
    await tomas.do("close", view_id=quiet)
    told = await opened(local_slack, app, modal(notify_on_close=True))
    await tomas.do("close", view_id=told)

    closed = await app.heard("view_closed")
    assert [(c["view"]["id"], c["is_cleared"], "trigger_id" in c) for c in closed] == [(told, False, False)]


async def test_a_button_in_a_window_is_told_with_the_view(local_slack: LocalSlack, app: ReceivingApp) -> None:
    press = {"type": "button", "action_id": "more", "value": "x", "text": plain("More")}
    view_id = await opened(local_slack, app, modal(REASON, {"type": "actions", "elements": [press]}))

    await local_slack.driver.person("tomas").do("press", view_id=view_id, action_id="more")

    sent = app.of("block_actions")[0]
    assert sent["container"] == {"type": "view", "view_id": view_id}
    assert sent["view"]["id"] == view_id
    assert not {"channel", "message", "response_url"} & set(sent)


async def test_an_input_with_dispatch_action_is_told_when_used(local_slack: LocalSlack, app: ReceivingApp) -> None:
    view_id = await opened(local_slack, app, modal(REASON | {"dispatch_action": True}))

    await local_slack.driver.person("tomas").do("press", view_id=view_id, action_id="a", value="x")
    assert app.of("block_actions")[0]["view"]["state"]["values"]["reason"]["a"]["value"] == "x"


async def test_only_the_window_in_front_can_be_submitted_and_only_by_its_owner(
    local_slack: LocalSlack, app: ReceivingApp
) -> None:
    root = await opened(local_slack, app, modal())
    await local_slack.web.views_push(trigger_id=await trigger(local_slack, app), view=modal())

    with pytest.raises(Misdriven, match="the modal in front is"):
        await local_slack.driver.person("tomas").submit(root, reason="x")
    with pytest.raises(Misdriven, match="selma has not open"):
        await local_slack.driver.person("selma").submit(root, reason="x")


async def test_a_value_for_an_input_that_is_not_there_is_refused(local_slack: LocalSlack, app: ReceivingApp) -> None:
    view_id = await opened(local_slack, app, modal())

    with pytest.raises(Misdriven, match="values has 'resaon', which is not in the view; the view has reason/a"):
        await local_slack.driver.person("tomas").submit(view_id, resaon="x")


async def test_a_conversation_select_can_ask_for_a_response_url(local_slack: LocalSlack, app: ReceivingApp) -> None:
    where = asking("where", {"type": "conversations_select", "response_url_enabled": True})
    view_id = await opened(local_slack, app, modal(where))

    await local_slack.driver.person("tomas").submit(view_id, where="alerts")
    urls = app.of("view_submission")[0]["response_urls"]
    assert [(u["block_id"], u["channel_id"]) for u in urls] == [("where", "C0ALERTSX4")]


async def test_the_home_is_published_opened_and_pressed(local_slack: LocalSlack, app: ReceivingApp) -> None:
    layla = local_slack.driver.person("layla")
    press = {"type": "button", "action_id": "mine", "value": "x", "text": plain("Mine")}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [press]}]}
    await layla.do("home")
    first = (await app.heard("app_home_opened"))[0]["event"]
    published = (await local_slack.web.views_publish(user_id=cast.LAYLA, view=home))["view"]
    await layla.do("press", view_id=published["id"], action_id="mine")
    await local_slack.web.views_publish(user_id=cast.LAYLA, hash=published["hash"], view=home)

    assert (first["user"], first["tab"], first["channel"][0], "view" in first) == (cast.LAYLA, "home", "D", False)
    assert app.of("block_actions")[0]["view"]["type"] == "home"
    late = local_slack.web.views_publish(user_id=cast.LAYLA, hash=published["hash"], view=home)
    assert await refused(late) == "hash_conflict"
    assert (await local_slack.driver.get("home", as_="layla"))["id"] == published["id"]  # type: ignore[index]
    assert await local_slack.driver.get("home", as_="tomas") is None
