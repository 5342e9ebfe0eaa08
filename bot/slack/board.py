"""Where cards hang: `bot.ports.Board` on Slack's Web API."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from bot.domain.errors import GaveUp, Retry
from bot.ports import Gone, Paper, Place
from bot.slack.client import SlackClient

_ID = frozenset("CGDUW")
_PEOPLE = frozenset("UW")
_PAGE = 200
_PAGES = 20


class SlackBoard:
    """Posts, edits and finds messages. Channel names are looked up once, and again when one is missing."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client
        self._channels: dict[str, str] = {}
        self._talks: dict[str, str] = {}  # by person
        self._looking = asyncio.Lock()

    async def channel_id(self, name: str) -> str:
        """See `bot.ports.Board`."""
        bare = name.removeprefix("#")
        if bare[:1] in _ID and bare[1:].isalnum() and bare.isupper():
            return await self._direct(bare) if bare[:1] in _PEOPLE else bare
        async with self._looking:
            if bare not in self._channels:
                self._channels = await self._look_up()
        if bare not in self._channels:
            raise Gone("channel", f"there is no channel #{bare}, or Slipway is not in it")
        return self._channels[bare]

    async def _direct(self, person: str) -> str:
        """Return the conversation with a person: what was posted there is found again by it, and not by their id."""
        if person not in self._talks:
            answer = await self._client.call("conversations.open", {"users": person})
            self._talks[person] = str(answer["channel"]["id"])
        return self._talks[person]

    async def _look_up(self) -> dict[str, str]:
        found: dict[str, str] = {}
        cursor = ""
        for _ in range(_PAGES):
            arguments: dict[str, object] = {"limit": 1000, "types": "public_channel,private_channel", "cursor": cursor}
            answer = await self._client.call("conversations.list", arguments, how="params")
            found |= {one["name"]: one["id"] for one in answer["channels"]}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return found

    async def post(self, channel: str, paper: Paper, *, thread_ts: str | None = None) -> Place:
        """See `bot.ports.Board`."""
        arguments = _written(paper) | {"channel": channel, "thread_ts": thread_ts, "unfurl_links": False}
        answer = await self._client.call("chat.postMessage", arguments, repeats=False)
        return Place(str(answer["channel"]), str(answer["ts"]))

    async def update(self, place: Place, paper: Paper) -> None:
        """See `bot.ports.Board`. Text is cut to the 4,000 characters that an edit may have."""
        arguments = _written(paper) | {"channel": place.channel, "ts": place.ts}
        await self._client.call("chat.update", arguments)

    async def find(self, channel: str, card: str, *, since: datetime, thread_ts: str | None = None) -> Place | None:
        """See `bot.ports.Board`."""
        method = "conversations.replies" if thread_ts else "conversations.history"
        cursor = ""
        for _ in range(_PAGES):
            arguments: dict[str, object] = {
                "channel": channel,
                "ts": thread_ts,
                "oldest": f"{since.timestamp():.6f}",
                "limit": _PAGE,
                "include_all_metadata": "true",
                "cursor": cursor or None,
            }
            answer = await self._client.call(method, arguments, how="params")
            messages: list[dict[str, object]] = answer.get("messages", [])
            for message in messages:
                if _card_of(message) == card:
                    return Place(channel, str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return None

    async def whisper(self, channel: str, person: str, paper: Paper, *, thread_ts: str | None = None) -> None:
        """See `bot.ports.Board`."""
        arguments: dict[str, object] = {"text": paper.text, "blocks": list(paper.blocks) or None}
        place = {"channel": channel, "user": person, "thread_ts": thread_ts}
        try:
            await self._client.call("chat.postEphemeral", arguments | place)
        except (Gone, GaveUp):
            await self._client.call("chat.postMessage", arguments | {"channel": person})

    async def open(self, trigger_id: str, modal: Mapping[str, object]) -> None:
        """Open a modal in answer to what somebody just did; `Retry` when the three seconds are over."""
        try:
            await self._client.call("views.open", {"trigger_id": trigger_id, "view": dict(modal)})
        except GaveUp as error:
            if "trigger" in error.reason:
                raise Retry("the three seconds in which Slack opens a window are over; please try again") from error
            raise

    async def home(self, person: str, view: Mapping[str, object]) -> None:
        """Publish a person's App Home."""
        await self._client.call("views.publish", {"user_id": person, "view": dict(view)})


def _written(paper: Paper) -> dict[str, object]:
    return {
        "text": paper.text[:3900],
        "blocks": [dict(block) for block in paper.blocks],
        "metadata": dict(paper.metadata) or None,
    }


def _card_of(message: Mapping[str, object]) -> str | None:
    metadata = message.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    return str(payload.get("card")) if isinstance(payload, dict) else None
