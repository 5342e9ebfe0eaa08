"""Arranging: where the app is, what is broken on purpose, who is in which group; the workspace's own levers."""

from __future__ import annotations

import secrets
from dataclasses import replace

from bot.sandbox.driver.asked import BAD, MISSING, Ask, Asked
from bot.sandbox.driver.looking import info
from bot.sandbox.errors import DriverError, NotDelivered
from bot.sandbox.wire import Json, compact

REASONS = ("warning", "refresh_requested", "link_disabled", "too_many_websockets")


async def app(asked: Asked) -> Json:
    """Say where the app is: request_url, bot_url; `verify` sends url_verification first and refuses what fails it."""
    wanted = {name: asked.given(name) for name in ("request_url", "bot_url") if name in asked.fields}
    for name, url in wanted.items():
        if url is not None and not url.startswith(("http://", "https://")):
            raise DriverError(BAD, f"{name} is {url!r}, but must begin with http:// or https://.")
    before = replace(asked.slack.app)
    for name, url in wanted.items():
        setattr(asked.slack.app, name, url)
    if asked.fields.get("verify"):
        try:
            await _verify(asked)
        except DriverError:
            asked.slack.app.request_url, asked.slack.app.bot_url = before.request_url, before.bot_url
            raise
    return {"ok": True} | await info(asked)


async def faults(asked: Asked) -> Json:
    """Turn knobs."""
    asked.slack.faults.change(asked.fields)
    asked.slack.limits.scale = asked.slack.faults.speed("pace")
    return asked.slack.faults.show()


async def group(asked: Asked) -> Json:
    """Change who is in a usergroup: `users` replaces, `add` and `remove` adjust."""
    word = asked.text("group")
    found = asked.slack.workspace.group_named(word)
    if found is None:
        known = ", ".join(g.handle for g in asked.slack.workspace.groups.values())
        raise DriverError(MISSING, f"group is {word!r}, but there are {known}.")
    users = _ids(asked, "users") if "users" in asked.fields else list(found.users)
    users += [user for user in _ids(asked, "add") if user not in users]
    gone = _ids(asked, "remove")
    asked.slack.membership.regroup(found, [user for user in users if user not in gone])
    return {"ok": True, "users": found.users}


async def person(asked: Asked) -> Json:
    """Change a person: deleted, is_restricted, is_ultra_restricted, is_admin, tz, name, title; the app is told."""
    found = asked.person("user")
    for name in ("deleted", "is_restricted", "is_ultra_restricted", "is_admin"):
        if name in asked.fields:
            setattr(found, name, bool(asked.fields[name]))
    for name in ("tz", "name", "title"):
        if asked.given(name):
            setattr(found, name, asked.text(name))
    asked.slack.membership.changed(found)
    return {"ok": True}


async def sockets(asked: Asked) -> Json:
    """End the Socket Mode connections as Slack does, with one of its reasons."""
    reason = asked.given("reason") or "refresh_requested"
    if reason not in REASONS:
        raise DriverError(BAD, f"reason is {reason!r}, but can be {', '.join(REASONS)}.")
    count = asked.slack.sockets.connected
    await asked.slack.sockets.disconnect(reason)
    return {"ok": True, "connections": count}


async def _verify(asked: Asked) -> None:
    """Send url_verification. Raises DriverError unless the challenge comes back."""
    challenge = secrets.token_urlsafe(40)
    token = asked.slack.credentials.verification_token
    body = {"token": token, "challenge": challenge, "type": "url_verification"}
    url = asked.slack.app.request_url
    try:
        answer = await asked.slack.outbound.post("application/json", compact(body).encode())
    except NotDelivered as error:
        raise DriverError(BAD, f"request_url is {url!r}, which did not answer: {error.reason}.") from error
    if answer is None or challenge not in (answer.get("challenge"), str(answer.get("text", "")).strip()):
        raise DriverError(BAD, f"request_url is {url!r}, which did not respond with the value of the challenge.")


def _ids(asked: Asked, name: str) -> list[str]:
    """Return the people that a list of ids or handles names."""
    words = asked.fields.get(name) or []
    return [Asked(asked.slack, {name: word}).person(name).id for word in words]


ROUTES: dict[str, Ask] = {
    "POST /driver/app": Ask(app, "request_url bot_url verify"),
    "POST /driver/faults": Ask(faults, None),
    "POST /driver/group": Ask(group, "group users add remove"),
    "POST /driver/person": Ask(person, "user deleted is_restricted is_ultra_restricted is_admin tz name title"),
    "POST /driver/sockets": Ask(sockets, "reason"),
}
