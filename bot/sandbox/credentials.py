"""The tokens and the signing secret of the one app in the local Slack.

They are random, made at the first start, kept with the rest of the memory (mode 0600), and of Slack's shapes, so that
clients that look at prefixes (`xoxb-`, `xapp-`) are content. They open nothing but this local Slack.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields

from .store import Store

BOT_PREFIX = "xoxb"
APP_PREFIX = "xapp"


@dataclass(frozen=True, repr=False)
class Credentials:
    """What an app needs to know; never printed."""

    signing_secret: str
    verification_token: str
    bot_token: str
    app_token: str
    client_id: str
    client_secret: str


def remembered(store: Store, app_id: str) -> Credentials:
    """Return the credentials of this store, making them the first time."""
    record = store.get("credentials", "app")
    if record is None:
        record = _invented(app_id)
        store.put("credentials", "app", record)
    return Credentials(**{each.name: record[each.name] for each in fields(Credentials)})


def _invented(app_id: str) -> dict[str, str]:
    """Return new credentials of Slack's shapes."""
    number = str(secrets.randbelow(9 * 10**11) + 10**11)
    return {
        "signing_secret": secrets.token_hex(16),
        "verification_token": secrets.token_urlsafe(18),
        "bot_token": f"{BOT_PREFIX}-{number}-{secrets.token_hex(12)}",
        "app_token": f"{APP_PREFIX}-1-{app_id}-{number}-{secrets.token_hex(24)}",
        "client_id": f"{number}.{number[::-1]}",
        "client_secret": secrets.token_hex(16),
    }
