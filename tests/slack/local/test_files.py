"""files.*: an upload in Slack's three steps, as its own client does it, and what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox import cast
from bot.sandbox.files import Files
from tests.fakes.stage import Clock, LocalSlack, refused

Start = Callable[..., Awaitable[LocalSlack]]
PNG = b"\x89PNG\r\n\x1a\n and so on"


async def sent(address: str, body: bytes | aiohttp.FormData) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(address, data=body) as answer:
        return answer.status, await answer.text()


async def announced(slack: LocalSlack, length: int = len(PNG)) -> tuple[str, str]:
    told = await slack.web.files_getUploadURLExternal(filename="graph.png", length=length, alt_txt="p95 is 2 s")
    return str(told["file_id"]), str(told["upload_url"])


async def completed(slack: LocalSlack, **where: str) -> str:
    """Upload a picture, shared where it is said."""
    file, address = await announced(slack)
    assert (await sent(address, PNG))[0] == 200
    await slack.web.files_completeUploadExternal(files=[{"id": file, "title": "Graph"}], **where)
    return file


def showing(file: str) -> list[dict[str, object]]:
    return [{"type": "image", "alt_text": "p95 is 2 s", "slack_file": {"id": file}}]


async def test_an_address_takes_what_was_announced_once(local_slack: LocalSlack) -> None:
    _, address = await announced(local_slack)

    assert await sent(address, PNG[:-1]) == (400, "length_mismatch")
    assert await sent(address, PNG) == (200, f"OK - {len(PNG)}")
    assert await sent(address, PNG) == (404, "invalid_upload_url")
    assert (await sent(f"{address}x", PNG))[0] == 404


async def test_a_form_is_taken_as_well(local_slack: LocalSlack) -> None:
    _, address = await announced(local_slack)
    form = aiohttp.FormData()
    form.add_field("file", PNG, filename="graph.png", content_type="image/png")

    assert await sent(address, form) == (200, f"OK - {len(PNG)}")


async def test_only_what_was_sent_is_completed_and_only_once(local_slack: LocalSlack) -> None:
    file, address = await announced(local_slack)
    files = [{"id": file}]

    assert await refused(local_slack.web.files_completeUploadExternal(files=files)) == "file_not_found"
    await sent(address, PNG)
    await local_slack.web.files_completeUploadExternal(files=files)
    assert await refused(local_slack.web.files_completeUploadExternal(files=files)) == "file_not_found"
    assert await refused(local_slack.web.files_completeUploadExternal(files=[{"id": "F0"}])) == "file_not_found"


async def test_it_is_shared_into_a_channel_or_a_thread(local_slack: LocalSlack) -> None:
    head = await local_slack.web.chat_postMessage(channel="deployments", text="a card")
    await completed(local_slack, channel_id=head["channel"], initial_comment="look")
    file = await completed(local_slack, channel_id=head["channel"], thread_ts=head["ts"])

    tomas = local_slack.driver.person("tomas")
    top = await tomas.messages("deployments")
    reply = (await tomas.messages("deployments", thread_ts=head["ts"]))[-1]
    assert [(one["text"], one["subtype"]) for one in top] == [("a card", None), ("look", "file_share")]
    assert [one["id"] for one in reply["files"]] == [file]
    assert reply["files"][0]["alt_txt"] == "p95 is 2 s"
    found = await local_slack.web.conversations_replies(channel=head["channel"], ts=head["ts"])
    assert found["messages"][-1]["files"][0]["id"] == file


async def test_a_block_shows_a_file_of_the_bots_own_once_slack_has_looked_at_it(
    local_slack: LocalSlack, clock: Clock
) -> None:
    file = await completed(local_slack)
    post = local_slack.web.chat_postMessage

    with pytest.raises(SlackApiError) as no:
        await post(channel="deployments", text="a graph", blocks=showing(file))
    clock.advance(1)
    await post(channel="deployments", text="a graph", blocks=showing(file))
    assert no.value.response["error"] == "invalid_blocks"
    assert no.value.response["errors"] == ["invalid slack file [json-pointer:/blocks/0/slack_file]"]
    assert await refused(post(channel="deployments", text="none", blocks=showing("F0NOSUCH123"))) == "invalid_blocks"
    info = await local_slack.web.files_info(file=file)
    assert (info["file"]["mimetype"], info["file"]["user"]) == ("image/png", cast.BOT_USER)


async def test_the_page_gets_the_bytes(local_slack: LocalSlack) -> None:
    file = await completed(local_slack)

    async with aiohttp.ClientSession() as session, session.get(f"{local_slack.base_url}/files/{file}") as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", PNG)
    async with aiohttp.ClientSession() as session, session.get(f"{local_slack.base_url}/files/F0NONE") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"filename": "a.png", "length": 0}, "missing_argument"),
        ({"filename": "a.png", "length": 2**31}, "file_upload_size_restricted"),
        ({"filename": "a.png", "length": 1, "alt_txt": "a" * 1001}, "alt_txt_too_large"),
        ({"filename": "a.png", "length": 1, "snippet_type": "klingon"}, "unknown_snippet_type"),
        ({"filename": "a.png", "length": "many"}, "invalid_arguments"),
    ],
)
async def test_what_is_announced_wrongly_is_refused(
    local_slack: LocalSlack, arguments: dict[str, object], code: str
) -> None:
    call = local_slack.web.api_call("files.getUploadURLExternal", params=arguments)

    assert await refused(call) == code


async def test_it_is_not_shared_where_the_bot_may_not_post(local_slack: LocalSlack) -> None:
    file, address = await announced(local_slack)
    await sent(address, PNG)
    files = [{"id": file}]
    complete = local_slack.web.files_completeUploadExternal

    assert await refused(complete(files=files, channel_id="C0NOSUCH12")) == "channel_not_found"
    assert await refused(complete(files=files, thread_ts="1.2")) == "invalid_arguments"
    await complete(files=files)  # what was refused has not used it up


async def test_it_needs_its_scope(start_slack: Start) -> None:
    slack = await start_slack(scopes=frozenset({"chat:write"}))

    assert await refused(slack.web.files_getUploadURLExternal(filename="a", length=1)) == "missing_scope"


async def test_files_survive_a_restart(start_slack: Start, tmp_path: Path) -> None:
    slack = await start_slack(data=tmp_path)
    file = await completed(slack)
    again = Files(slack.slack.store, slack.slack.config.now, slack.base_url).find(file)

    assert again is not None
    assert again.bytes == PNG
