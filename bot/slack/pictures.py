"""Pictures that messages show: `bot.ports.Pictures` on Slack's uploads of files.

A file is announced, its bytes are sent to where Slack says, and it is completed without a channel: so it belongs to the
bot alone until a message shows it (an image block's `slack_file`). Slack looks at a file for a moment after that, and
refuses a message that shows it until it has; the painter then tries again (docs/decisions/0029-graphs.md).
"""

from bot.domain.errors import GaveUp
from bot.slack.client import SlackClient

MOST_SAID = 1000  # characters of what a picture shows
NAME = 80


class SlackPictures:
    """Gives pictures to Slack."""

    def __init__(self, client: SlackClient) -> None:
        self._client = client

    async def keep(self, png: bytes, *, name: str, says: str) -> str:
        """See `bot.ports.Pictures`."""
        about: dict[str, object] = {"filename": name[-NAME:], "length": len(png), "alt_txt": says[:MOST_SAID]}
        told = await self._client.call("files.getUploadURLExternal", about, how="query")
        file, place = str(told.get("file_id", "")), str(told.get("upload_url", ""))
        if not file or not place:
            raise GaveUp("Slack said neither which file it would be nor where to send it")
        await self._client.send(place, png)
        await self._client.call("files.completeUploadExternal", {"files": [{"id": file, "title": name[-NAME:]}]})
        return file
