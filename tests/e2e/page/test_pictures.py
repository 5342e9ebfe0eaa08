"""Pictures that an app has given to Slack: shown by a block, or attached to a message."""

from __future__ import annotations

import struct
import zlib

from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.files import LOOKED_AT, File
from bot.sandbox.serving import Serving
from tests.e2e.page.conftest import Window
from tests.e2e.page.test_words import DEPLOYMENTS, last_body, post


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = b"".join(  # one grey point
    [
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        chunk(b"IDAT", zlib.compress(b"\0\x7f")),
        chunk(b"IEND", b""),
    ]
)


def uploaded(running: Serving) -> File:
    """Give Slack a picture that it has looked at already."""
    files = running.slack.files
    told = files.announce("graph.png", len(PNG), "p95 is 2 s")
    files.take(str(told["upload_url"]).rpartition("/")[2], PNG, "image/png")
    file = files.sent(str(told["file_id"]))
    files.complete(file, "Graph", [])
    assert file.completed_at is not None
    file.completed_at -= LOOKED_AT
    return file


async def test_a_block_shows_a_file_with_its_words(window: Window, running: Serving) -> None:
    page = await window("selma")
    file = uploaded(running)
    title = {"type": "plain_text", "text": "HighErrorRate"}

    await post(
        running,
        text="x",
        blocks=[{"type": "image", "title": title, "alt_text": "p95 is 2 s", "slack_file": {"id": file.id}}],
    )

    body = last_body(page)
    await expect(body.locator("figcaption")).to_have_text("HighErrorRate")
    await expect(body.get_by_role("img", name="p95 is 2 s")).to_have_js_property("naturalWidth", 1)


async def test_slacks_own_client_attaches_one_to_a_message(window: Window, running: Serving) -> None:
    page = await window("selma")
    client = AsyncWebClient(token=running.slack.credentials.bot_token, base_url=f"{running.base_url}/api/")

    await client.files_upload_v2(
        content=PNG, filename="graph.png", title="Graph", alt_txt="p95 is 3 s", channel=DEPLOYMENTS
    )

    body = last_body(page)
    await expect(body.locator("figcaption")).to_have_text("Graph")
    await expect(body.get_by_role("img", name="p95 is 3 s")).to_have_js_property("naturalWidth", 1)
