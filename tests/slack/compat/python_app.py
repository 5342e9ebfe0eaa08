"""A small Slack app in Bolt for Python, unmodified but for the API address.

It does what node/app.js does, so that one set of tests holds both. Transport and credentials come from the environment;
`TRANSPORT` is `http`, `socket` (the SDK's own WebSocket client) or `socket-aiohttp`.
"""

import asyncio
import json
import os
import threading
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, Respond, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.aiohttp import SocketModeHandler as AiohttpSocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str, label: str, **more: str) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(label)} | more


def card(value: str) -> list[Json]:
    approve = button("approve", "Approve", style="primary", value=value)
    return [
        section(f"Card for {value}"),
        {"type": "actions", "elements": [approve, button("dismiss", "Dismiss", value=value)]},
    ]


def form(channel: str, *more: Json) -> Json:
    options = [{"text": plain(name), "value": name} for name in ("staging", "production")]
    words = {"type": "plain_text_input", "action_id": "words"}
    choice = {"type": "static_select", "action_id": "choice", "options": options}
    return {
        "type": "modal",
        "callback_id": "form",
        "private_metadata": channel,
        "notify_on_close": True,
        "title": plain("A form"),
        "submit": plain("Send"),
        "blocks": [
            {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": words},
            {"type": "input", "block_id": "environment", "label": plain("Environment"), "element": choice},
            {"type": "actions", "elements": [button("more", "More"), button("deeper", "Deeper")]},
            *more,
        ],
    }


def greet(message: Json, say: Say) -> None:
    say(f"Hello, <@{message['user']}>")


def answer(event: Json, say: Say) -> None:
    say(text="You called?", thread_ts=event["ts"])


def thank(event: Json, client: WebClient) -> None:
    client.chat_postMessage(channel=event["item"]["channel"], text=f"Thanks for the {event['reaction']}")


def work(command: Json, ack: Ack, client: WebClient, respond: Respond) -> None:
    channel, user, text = command["channel_id"], command["user_id"], command["text"]
    ack(f"Working on {text}")
    metadata = {"event_type": "compat_card", "event_payload": {"subject": text}}
    client.chat_postMessage(channel=channel, text=f"Card for {text}", blocks=card(text), metadata=metadata)
    client.chat_postEphemeral(channel=channel, user=user, text=f"Only you see {text}")
    respond(response_type="in_channel", text=f"Everybody sees {text}")


def approve(body: Json, action: Json, ack: Ack, client: WebClient, respond: Respond) -> None:
    ack()
    text = f"Approved {action['value']} by <@{body['user']['id']}>"
    client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text=text, blocks=[section(text)])
    respond(replace_original=False, text=f"Noted {action['value']}")


def dismiss(action: Json, ack: Ack, respond: Respond) -> None:
    ack()
    respond(replace_original=True, text=f"Dismissed {action['value']}")


def open_form(command: Json, ack: Ack, client: WebClient) -> None:
    ack()
    client.views_open(trigger_id=command["trigger_id"], view=form(command["channel_id"]))


def show_more(body: Json, ack: Ack, client: WebClient) -> None:
    ack()
    view = body["view"]
    longer = form(view["private_metadata"], section("There is more"))
    client.views_update(view_id=view["id"], hash=view["hash"], view=longer)


def submit(ack: Ack, body: Json, view: Json, client: WebClient) -> None:
    values = view["state"]["values"]
    words = values["reason"]["words"]["value"]
    environment = values["environment"]["choice"]["selected_option"]["value"]
    if len(words) < 5:
        ack(response_action="errors", errors={"reason": "Say a little more"})
        return
    if words == "show me more":
        ack(response_action="update", view=form(view["private_metadata"], section("Here it is")))
        return
    ack()
    text = f"<@{body['user']['id']}> wants {environment}: {words}"
    client.chat_postMessage(channel=view["private_metadata"], text=text)


def close(ack: Ack, body: Json, view: Json, client: WebClient) -> None:
    ack()
    client.chat_postMessage(channel=view["private_metadata"], text=f"<@{body['user']['id']}> changed their mind")


def read(command: Json, ack: Ack, client: WebClient, respond: Respond) -> None:
    ack()
    channel, user = command["channel_id"], command["user_id"]
    groups = client.usergroups_list()["usergroups"]
    group = next(each for each in groups if each["handle"] == "production-team")
    history = client.conversations_history(channel=channel, limit=1)
    posted = client.chat_postMessage(channel=channel, text="To be marked")
    client.reactions_add(channel=channel, timestamp=posted["ts"], name="eyes")
    client.pins_add(channel=channel, timestamp=posted["ts"])
    link = client.chat_getPermalink(channel=channel, message_ts=posted["ts"])
    facts = {
        "bot": client.auth_test()["user_id"],
        "zone": client.users_info(user=user)["user"]["tz"],
        "member": user in client.conversations_members(channel=channel)["members"],
        "messages": len(history["messages"]),
        "approvers": len(client.usergroups_users_list(usergroup=group["id"])["users"]),
        "link": channel in link["permalink"],
        "channels": sorted(each["name"] for page in client.conversations_list(limit=2) for each in page["channels"]),
    }
    respond(json.dumps(facts))


def spoil(command: Json, ack: Ack, client: WebClient, respond: Respond) -> None:
    ack()
    try:
        client.chat_postMessage(channel=command["channel_id"], text="x", blocks=[section("")])
    except SlackApiError as error:
        respond(f"{error.response['error']}: {error.response['response_metadata']['messages'][0]}")


def burst(command: Json, ack: Ack, client: WebClient) -> None:
    ack()
    for number in range(1, 8):
        client.chat_postMessage(channel=command["channel_id"], text=f"Burst {command['text']} {number}")


def make_room(command: Json, ack: Ack, client: WebClient, respond: Respond) -> None:
    ack()
    channel = client.conversations_create(name=command["text"])["channel"]["id"]
    client.conversations_invite(channel=channel, users=[command["user_id"]])
    client.conversations_setTopic(channel=channel, topic="What broke")
    client.conversations_setPurpose(channel=channel, purpose="To mend it")
    ts = client.chat_postMessage(channel=channel, text="Welcome")["ts"]
    client.chat_postMessage(channel=channel, text="Soon gone", thread_ts=ts)
    replies = client.conversations_replies(channel=channel, ts=ts)["messages"]
    client.chat_delete(channel=channel, ts=replies[1]["ts"])
    left = client.conversations_replies(channel=channel, ts=ts)["messages"]
    client.conversations_archive(channel=channel)
    info = client.conversations_info(channel=channel, include_num_members=True)["channel"]
    facts = {
        "room": info["name"],
        "topic": info["topic"]["value"],
        "purpose": info["purpose"]["value"],
        "archived": info["is_archived"],
        "replies": [len(replies), len(left)],
    }
    respond(json.dumps(facts))


def tell_secret(ack: Ack, respond: Respond) -> None:
    ack()
    forget_it = {"type": "actions", "elements": [button("forget", "Forget")]}
    respond(text="A secret", blocks=[section("A secret"), forget_it])


def forget(ack: Ack, respond: Respond) -> None:
    ack()
    respond(delete_original=True)


def offer(command: Json, ack: Ack, client: WebClient) -> None:
    ack()
    select = {"type": "external_select", "action_id": "fruit", "placeholder": plain("Fruit"), "min_query_length": 0}
    blocks = [section("Pick a fruit"), {"type": "actions", "elements": [select]}]
    client.chat_postMessage(channel=command["channel_id"], text="Pick a fruit", blocks=blocks)


def suggest(payload: Json, ack: Ack) -> None:
    fruits = [name for name in ("apple", "apricot", "banana") if name.startswith(payload["value"])]
    ack(options=[{"text": plain(name), "value": name} for name in fruits])


def pick(action: Json, ack: Ack, say: Say) -> None:
    ack()
    say(f"Picked {action['selected_option']['value']}")


def go_deeper(body: Json, ack: Ack, client: WebClient) -> None:
    ack()
    view = {"type": "modal", "callback_id": "depth", "title": plain("Deeper"), "blocks": [section("At the bottom")]}
    client.views_push(trigger_id=body["trigger_id"], view=view)


def open_by_shortcut(shortcut: Json, ack: Ack, client: WebClient) -> None:
    ack()
    client.views_open(trigger_id=shortcut["trigger_id"], view=form(shortcut["user"]["id"]))


def quote(shortcut: Json, ack: Ack, respond: Respond) -> None:
    ack()
    respond(f"You said: {shortcut['message']['text']}")


def home(count: int) -> Json:
    again = {"type": "actions", "elements": [button("again", "Again", value=str(count))]}
    return {"type": "home", "blocks": [section(f"Seen {count} times"), again]}


def show_home(event: Json, client: WebClient) -> None:
    client.views_publish(user_id=event["user"], view=home(1))


def show_home_again(body: Json, action: Json, ack: Ack, client: WebClient) -> None:
    ack()
    view = home(int(action["value"]) + 1)
    client.views_publish(user_id=body["user"]["id"], view=view, hash=body["view"]["hash"])


def check(ack: Ack, client: WebClient, respond: Respond) -> None:
    ack()
    try:
        client.blocks_validate(blocks=[{"type": "section", "text": {"type": "invalid"}}])
    except SlackApiError as error:
        respond(json.dumps(error.response["errors"]))


def stay_silent() -> None:
    """No acknowledgement."""


def register(app: App) -> None:
    app.message("hello")(greet)
    app.event("app_mention")(answer)
    app.event("reaction_added")(thank)
    app.command("/compat")(work)
    app.action("approve")(approve)
    app.action("dismiss")(dismiss)
    app.command("/compat-form")(open_form)
    app.action("more")(show_more)
    app.view("form")(submit)
    app.view_closed("form")(close)
    app.command("/compat-read")(read)
    app.command("/compat-bad")(spoil)
    app.command("/compat-burst")(burst)
    app.command("/compat-silent")(stay_silent)
    app.command("/compat-room")(make_room)
    app.command("/compat-secret")(tell_secret)
    app.action("forget")(forget)
    app.command("/compat-pick")(offer)
    app.options("fruit")(suggest)
    app.action("fruit")(pick)
    app.action("deeper")(go_deeper)
    app.shortcut("open_form")(open_by_shortcut)
    app.shortcut("quote")(quote)
    app.event("app_home_opened")(show_home)
    app.action("again")(show_home_again)
    app.command("/compat-check")(check)


def make() -> App:
    environment = os.environ
    client = WebClient(
        token=environment["BOT_TOKEN"],
        base_url=environment["API_URL"],
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=5)],
    )
    app = App(client=client, signing_secret=environment["SIGNING_SECRET"])
    register(app)
    return app


def serve_http(app: App) -> None:
    announce()
    app.start(port=int(os.environ["PORT"]), http_server_logger_enabled=False)


def serve_socket(app: App) -> None:
    SocketModeHandler(app, os.environ["APP_TOKEN"]).connect()
    announce()
    threading.Event().wait()


def serve_socket_aiohttp(app: App) -> None:
    asyncio.run(_serve_socket_aiohttp(app))


async def _serve_socket_aiohttp(app: App) -> None:
    client = AsyncWebClient(token=os.environ["APP_TOKEN"], base_url=os.environ["API_URL"])
    handler = AiohttpSocketModeHandler(app, os.environ["APP_TOKEN"], web_client=client)
    await handler.connect_async()
    announce()
    await asyncio.Event().wait()


def announce() -> None:
    print("ready", flush=True)  # noqa: T201 - the tests wait for this line


TRANSPORTS: dict[str, Callable[[App], None]] = {
    "http": serve_http,
    "socket": serve_socket,
    "socket-aiohttp": serve_socket_aiohttp,
}

if __name__ == "__main__":
    TRANSPORTS[os.environ["TRANSPORT"]](make())
