"""How often an app may call each Web API method, as Slack limits it.

Slack counts per app, workspace and method, in four tiers of calls a minute, and posts to one channel at about one a
second with short bursts; above that it answers 429 with `Retry-After`. Its algorithm is not published. A token bucket
has the documented shape (a steady rate and a burst), so that is what this is: a tier's bucket holds half a minute's
worth: a busy second passes, a loop is stopped soon. What a bot does not meet here, it can still meet at Slack;
the scale makes the limits more generous (for tests) or stricter.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Tier:
    """So many calls a minute for ever, and so many at once after a rest."""

    per_minute: float
    burst: float


TIER_1 = Tier(per_minute=1, burst=1)
TIER_2 = Tier(per_minute=20, burst=10)
TIER_3 = Tier(per_minute=50, burst=25)
TIER_4 = Tier(per_minute=100, burst=50)
SPECIAL = Tier(per_minute=600, burst=300)
"""Methods whose limit Slack calls special: hundreds a minute (auth.test, chat.getPermalink)."""

POST_TO_CHANNEL = Tier(per_minute=60, burst=5)
"""chat.postMessage: about one a second in each channel, short bursts allowed."""

POST_TO_WORKSPACE = Tier(per_minute=300, burst=100)
"""chat.postMessage: several hundred a minute in the whole workspace."""

POST = "chat.postMessage"

_BY_TIER: dict[Tier, str] = {
    TIER_2: """
        bookmarks.add bookmarks.edit bookmarks.remove canvases.create canvases.delete chat.startStream chat.stopStream
        conversations.archive conversations.canvases.create conversations.create conversations.list
        conversations.rename conversations.setPurpose conversations.setTopic conversations.unarchive pins.add pins.list
        pins.remove reactions.remove usergroups.list usergroups.users.list users.list
    """,
    TIER_3: """
        apps.connections.open apps.manifest.export apps.manifest.validate bookmarks.list bots.info canvases.edit
        chat.delete chat.deleteScheduledMessage chat.scheduleMessage chat.scheduledMessages.list chat.update
        conversations.history conversations.info conversations.invite conversations.join conversations.kick
        conversations.leave conversations.open conversations.replies reactions.add reactions.get team.info
        users.conversations users.getPresence users.lookupByEmail
    """,
    TIER_4: """
        api.test chat.appendStream chat.postEphemeral conversations.members files.completeUploadExternal
        files.getUploadURLExternal files.info users.info views.open views.publish views.push views.update
    """,
    TIER_1: "apps.manifest.create apps.manifest.update",
    SPECIAL: "auth.test blocks.validate chat.getPermalink oauth.v2.access",
}
TIERS: dict[str, Tier] = {method: tier for tier, methods in _BY_TIER.items() for method in methods.split()}
"""Method → tier, from each method's documentation (August 2026); an unlisted method is in tier 3."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float

    def fill(self, tier: Tier, scale: float, now: float) -> None:
        rested = max(0.0, now - self.filled_at) * tier.per_minute * scale / MINUTE
        self.tokens = min(max(1.0, tier.burst * scale), self.tokens + rested)
        self.filled_at = now

    def wait(self, tier: Tier, scale: float) -> float:
        """Count the seconds until one more call is allowed."""
        return max(0.0, 1.0 - self.tokens) * MINUTE / (tier.per_minute * scale)


class Limits:
    """The calls one app has made, and whether it may make one more."""

    def __init__(self, now: Callable[[], float], scale: float = 1.0) -> None:
        """Take the clock, in seconds; `scale` is how generous to be: 1 as Slack, 10 ten times so, 0 without limits."""
        self.scale = scale
        self._now = now
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, method: str, *, channel: str | None = None) -> float | None:
        """Count one call, or answer the whole seconds (at least 1) for `Retry-After`; a refused call is not counted."""
        if self.scale <= 0:
            return None
        now = self._now()
        due = [(tier, self._bucket(method, place, tier, now)) for place, tier in _limits_of(method, channel)]
        wait = max(bucket.wait(tier, self.scale) for tier, bucket in due)
        if wait > _ROUNDING:
            return float(max(1, math.ceil(wait - _ROUNDING)))
        for _, bucket in due:
            bucket.tokens -= 1.0
        return None

    def _bucket(self, method: str, place: str, tier: Tier, now: float) -> _Bucket:
        full = _Bucket(max(1.0, tier.burst * self.scale), now)
        bucket = self._buckets.setdefault((method, place), full)
        bucket.fill(tier, self.scale, now)
        return bucket


_ROUNDING = 1e-6
"""A call that comes exactly when it was told to must not be refused for the sake of a floating-point remainder."""


def _limits_of(method: str, channel: str | None) -> list[tuple[str, Tier]]:
    if method != POST:
        return [("", TIERS.get(method, TIER_3))]
    everywhere = ("", POST_TO_WORKSPACE)
    return [everywhere] if channel is None else [everywhere, (channel, POST_TO_CHANNEL)]
