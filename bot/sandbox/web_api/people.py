"""users.*, usergroups.*, and who the app and the team are: auth.test, team.info, bots.info."""

from __future__ import annotations

from bot.sandbox import cast, shapes
from bot.sandbox.errors import SlackError
from bot.sandbox.model import Group, Person
from bot.sandbox.web_api.call import Call, Method, page
from bot.sandbox.wire import Json


def auth_test(call: Call) -> Json:
    """Answer auth.test."""
    return {
        "url": f"{call.slack.config.base_url}/",
        "team": call.slack.workspace.team_name,
        "user": call.slack.workspace.bot.handle,
        "team_id": cast.TEAM,
        "user_id": cast.BOT_USER,
        "bot_id": cast.BOT,
        "is_enterprise_install": False,
    }


def team_info(call: Call) -> Json:
    """Answer team.info."""
    if call.text("team") not in ("", cast.TEAM):
        raise SlackError("team_not_found")
    name, domain = call.slack.workspace.team_name, cast.TEAM_DOMAIN
    icon = {f"image_{size}": f"https://a.slack-edge.com/team_{size}.png" for size in (34, 44, 68, 88, 102, 132)}
    about = {"email_domain": "healthbridge.example", "icon": icon | {"image_default": True}}
    return {"team": {"id": cast.TEAM, "name": name, "domain": domain, "url": call.slack.config.base_url} | about}


def bots_info(call: Call) -> Json:
    """Answer bots.info."""
    if call.text("bot") not in ("", cast.BOT):
        raise SlackError("bot_not_found")
    return {"bot": shapes.bot_profile(call.slack.workspace)}


def info(call: Call) -> Json:
    """Answer users.info."""
    return {"user": _shown(call, call.person())}


def list_(call: Call) -> Json:
    """Answer users.list."""
    people = sorted(call.slack.workspace.people.values(), key=lambda p: p.id)
    shown, cursor = page(call, people, lambda p: p.id, default=1000, most=1000)
    return {
        "members": [_shown(call, person) for person in shown],
        "cache_ts": int(call.slack.workspace.now()),
        "response_metadata": {"next_cursor": cursor},
    }


def lookup_by_email(call: Call) -> Json:
    """Answer users.lookupByEmail."""
    wanted = call.text("email").lower()
    for person in call.slack.workspace.people.values():
        if person.email and person.email.lower() == wanted and not person.deleted:
            return {"user": _shown(call, person)}
    raise SlackError("users_not_found")


def profile(call: Call) -> Json:
    """Answer users.profile.get."""
    person = call.person() if call.given("user") else call.slack.workspace.bot
    return {"profile": _shown(call, person)["profile"]}


def presence(call: Call) -> Json:
    """Answer users.getPresence: everybody is here."""
    if call.given("user"):
        call.person()
    return {"presence": "active"}


def groups(call: Call) -> Json:
    """Answer usergroups.list."""
    users, count = call.flag("include_users"), call.flag("include_count")
    found = call.slack.workspace.groups.values()
    return {"usergroups": [shapes.group(group, users=users, count=count) for group in found]}


def group_users(call: Call) -> Json:
    """Answer usergroups.users.list."""
    return {"users": list(_group(call).users)}


def regroup(call: Call) -> Json:
    """Answer usergroups.users.update."""
    group, users = _group(call), call.listed("users")
    if not users:
        raise SlackError("no_users_provided")
    if any(user not in call.slack.workspace.people for user in users):
        raise SlackError("invalid_users")
    call.slack.membership.regroup(group, users)
    return {"usergroup": shapes.group(group, users=True, count=True)}


def _group(call: Call) -> Group:
    group = call.slack.workspace.groups.get(call.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return group


def _shown(call: Call, person: Person) -> Json:
    scopes = call.slack.config.scopes
    email = scopes is None or "users:read.email" in scopes
    return shapes.person(call.slack.workspace, person, email=email, locale=call.flag("include_locale"))


USERS, GROUPS = ("users:read",), ("usergroups:read",)
METHODS = (
    Method("auth.test", auth_test, token="any"),  # noqa: S106 - the kind of a token, not one
    Method("team.info", team_info, ("team:read",)),
    Method("bots.info", bots_info, USERS, takes_json=False),
    Method("users.info", info, USERS, ("user",), takes_json=False),
    Method("users.list", list_, USERS, takes_json=False),
    Method("users.lookupByEmail", lookup_by_email, ("users:read.email",), ("email",), takes_json=False),
    Method("users.profile.get", profile, ("users.profile:read",), takes_json=False),
    Method("users.getPresence", presence, USERS, takes_json=False),
    Method("usergroups.list", groups, GROUPS, takes_json=False),
    Method("usergroups.users.list", group_users, GROUPS, ("usergroup",), takes_json=False),
    Method("usergroups.users.update", regroup, ("usergroups:write",), ("usergroup", "users"), takes_json=False),
)
