"""Looking: who and what there is, what was said, what is open. Nothing here changes anything."""

from __future__ import annotations

from bot.sandbox import cast, picture
from bot.sandbox.driver.asked import BAD, Ask, Asked
from bot.sandbox.errors import DriverError
from bot.sandbox.wire import Json


async def info(asked: Asked) -> Json:
    """Return where everything is and the secrets of this local Slack."""
    slack = asked.slack
    return {
        "web_api_url": f"{slack.config.base_url}/api/",
        "bot_url": slack.app.bot_url,
        "request_url": slack.app.request_url,
        "signing_secret": slack.credentials.signing_secret,
        "verification_token": slack.credentials.verification_token,
        "bot_token": slack.credentials.bot_token,
        "app_token": slack.credentials.app_token,
        "app_id": cast.APP,
        "team": {"id": cast.TEAM, "name": slack.workspace.team_name, "domain": cast.TEAM_DOMAIN},
        "bot": {"user_id": cast.BOT_USER, "bot_id": cast.BOT, "name": slack.workspace.bot.name},
        "usergroups": [
            {"id": group.id, "handle": group.handle, "name": group.name} for group in slack.workspace.groups.values()
        ],
        "socket_connections": slack.sockets.connected,
    }


async def people(asked: Asked) -> list[Json]:
    """Return everybody, the bot last but Slackbot not."""
    workspace = asked.slack.workspace
    shown = sorted(workspace.people.values(), key=lambda p: (p.is_bot, p.id))
    return [picture.person(workspace, person) for person in shown if person.id != cast.SLACKBOT]


async def channels(asked: Asked) -> list[Json]:
    """Return the channels; with `as`, those the person may see, with unread marks."""
    workspace = asked.slack.workspace
    viewer = asked.person() if asked.given("as") else None
    seen = [c for c in workspace.channels.values() if viewer is None or workspace.may_see(viewer.id, c)]
    shown = sorted(seen, key=lambda c: (c.kind != "channel", c.name, c.id))
    return [picture.channel(workspace, channel, viewer.id if viewer else None) for channel in shown]


async def messages(asked: Asked) -> list[Json]:
    """Return a channel's messages, or one thread's, oldest first; with `limit`, the newest so many of them."""
    workspace = asked.slack.workspace
    viewer = asked.person() if asked.given("as") else None
    channel = asked.channel(viewer)
    thread_ts = asked.given("thread_ts")
    if thread_ts is None:
        seen = picture.messages(workspace, workspace.messages.top(channel.id), viewer.id if viewer else None)
        return seen[-_limit(asked) :]
    parent = workspace.messages.find(channel.id, thread_ts)
    if parent is None:
        raise DriverError(404, f"thread_ts is {thread_ts!r}, but there is no such message in {channel.id}.")
    thread = [parent, *workspace.messages.replies(channel.id, thread_ts)]
    return picture.messages(workspace, thread, viewer.id if viewer else None)[-_limit(asked) :]


async def views(asked: Asked) -> list[Json]:
    """Return the person's open modals, the top one last."""
    return asked.slack.views.shown(asked.person().id)


async def home(asked: Asked) -> Json | None:
    """Return what the app published for the person, or null."""
    view = asked.slack.views.home(asked.person().id)
    return view.shown() if view else None


async def commands(asked: Asked) -> list[Json]:
    """Return the registered slash commands."""
    registered = asked.slack.config.commands or ()
    return [{"command": c.command, "description": c.description, "usage_hint": c.usage_hint} for c in registered]


async def faults(asked: Asked) -> Json:
    """Return what is out of order on purpose."""
    return asked.slack.faults.show()


def _limit(asked: Asked) -> int:
    """Return how many messages are wanted; 0, which is all, when nothing was said. Raises DriverError."""
    word = asked.given("limit") or "0"
    if not word.isdigit():
        raise DriverError(BAD, f"limit is {word!r}, but must be a number from 1 up.")
    return int(word)


ROUTES: dict[str, Ask] = {
    "GET /driver/info": Ask(info),
    "GET /driver/people": Ask(people),
    "GET /driver/channels": Ask(channels, "as"),
    "GET /driver/messages": Ask(messages, "as channel thread_ts limit"),
    "GET /driver/views": Ask(views, "as"),
    "GET /driver/home": Ask(home, "as"),
    "GET /driver/commands": Ask(commands),
    "GET /driver/faults": Ask(faults),
}
