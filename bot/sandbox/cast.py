"""Who and what is in a new workspace: the people of the HealthBridge example, their groups and channels.

The ids are fixed so that tests, catalogs and documents can name them. The names are chosen to be awkward on purpose:
a click consonant, an umlaut, right-to-left script and three time zones.
"""

from __future__ import annotations

from .model import Channel, Group, Person

TEAM = "T0HEALTHB1"
TEAM_DOMAIN = "healthbridge"
APP = "A0SLIPWAY1"
BOT_USER = "U0SLIPWAY7"
BOT = "B0SLIPWAY1"
SLACKBOT = "USLACKBOT"

NDAPEWA = "U0NDAPEWA1"
TOMAS = "U0TOMASMU2"
SELMA = "U0SELMANA3"
JOHANNES = "U0JOHANNE4"
MARIA = "U0MARIADS5"
LAYLA = "U0LAYLAHA6"
EVERYBODY = (NDAPEWA, TOMAS, SELMA, JOHANNES, MARIA, LAYLA)


def people(bot_name: str) -> list[Person]:
    """Return the people of a new workspace, the bot and Slackbot among them."""
    return [
        Person(NDAPEWA, "Ndapewa Shilongo", "ndapewa", "Africa/Windhoek", "Developer", "ndapewa@healthbridge.example"),
        Person(TOMAS, "Tomas Müller", "tomas", "Europe/Berlin", "Senior developer", "tomas@healthbridge.example"),
        Person(SELMA, "Selma Nakale", "selma", "Africa/Windhoek", "Head of production", "selma@healthbridge.example"),
        Person(JOHANNES, "Johannes ǃGaeb", "johannes", "Africa/Windhoek", "On-call", "johannes@healthbridge.example"),
        Person(MARIA, "Maria dos Santos", "maria", "Africa/Luanda", "Quality assurance", "maria@healthbridge.example"),
        Person(
            LAYLA, "ليلى حداد", "layla", "Asia/Dubai", "Layla Haddad, production engineer", "layla@healthbridge.example"
        ),
        Person(BOT_USER, bot_name, bot_name.lower().replace(" ", "_"), "UTC", "App", bot_id=BOT),
        Person(SLACKBOT, "Slackbot", "slackbot", "UTC", ""),
    ]


def administrators() -> frozenset[str]:
    """Return who administers a new workspace."""
    return frozenset({SELMA})


def groups() -> list[Group]:
    """Return the usergroups of a new workspace."""
    return [
        Group("S0DEVELOP1", "developers", "Developers", "They write it", [NDAPEWA, TOMAS]),
        Group("S0QUALITY2", "qa", "Quality assurance", "They try it", [MARIA]),
        Group("S0PRODUCT3", "production-team", "Production team", "They approve it", [TOMAS, SELMA, LAYLA]),
        Group("S0ONCALLX4", "on-call", "On call", "They are woken by it", [JOHANNES, LAYLA]),
    ]


def channels() -> list[Channel]:
    """Return the channels of a new workspace; everybody and the bot are in each."""
    names = {
        "C0GENERAL1": ("general", "Company-wide announcements"),
        "C0DEPLOYM2": ("deployments", "What is being released, live"),
        "C0APPROVA3": ("approvals", "What waits for a decision"),
        "C0ALERTSX4": ("alerts", "What the monitors say"),
        "C0INCIDEN5": ("incidents", "What is broken and who is on it"),
    }
    return [_channel(id_, name, purpose) for id_, (name, purpose) in names.items()]


def _channel(id_: str, name: str, purpose: str) -> Channel:
    """Return a public channel with everybody in it."""
    stated = {"value": purpose, "creator": SELMA, "last_set": 0}
    members = [*EVERYBODY, BOT_USER]
    return Channel(id_, name, members=members, creator=SELMA, purpose=stated, is_general=name == "general")
