"""files.*: the three steps of an upload, and what is known of a file."""

from __future__ import annotations

from bot.sandbox import cast
from bot.sandbox.drafts import completed, refusal
from bot.sandbox.errors import SlackError
from bot.sandbox.files import File
from bot.sandbox.model import Channel, Message
from bot.sandbox.validation import check_blocks, slack_error
from bot.sandbox.web_api.call import Call, Method
from bot.sandbox.web_api.chat import TS
from bot.sandbox.wire import Json

LARGEST, LONGEST_ALT, MOST_CHANNELS = 1024**3, 1000, 100
SNIPPETS = {"text", "python", "javascript", "json", "yaml", "shell", "sql", "markdown", "diff"}


def announce(call: Call) -> Json:
    """Answer files.getUploadURLExternal."""
    word = call.text("length")
    if not word.isdecimal():
        raise SlackError.arguments("must provide an integer [json-pointer:/length]")
    if int(word) == 0:
        raise SlackError("missing_argument")
    if int(word) > LARGEST:
        raise SlackError("file_upload_size_restricted")
    if len(call.text("alt_txt")) > LONGEST_ALT:
        raise SlackError("alt_txt_too_large")
    if call.given("snippet_type") and call.text("snippet_type") not in SNIPPETS:
        raise SlackError("unknown_snippet_type")
    return call.slack.files.announce(call.text("filename"), int(word), call.given("alt_txt"))


def complete(call: Call) -> Json:
    """Answer files.completeUploadExternal: the files are whole, and shared where it says; a thread with one channel.

    Slack posts the message a moment later, so its timestamp is not in the answer; this does at once.
    """
    files = [(call.slack.files.sent(str(one.get("id"))), str(one.get("title") or "")) for one in _wanted(call)]
    channels = _channels(call)
    blocks = _blocks(call)
    thread = _thread(call, channels)
    for file, title in files:
        call.slack.files.complete(file, title, [channel.id for channel in channels])
    for channel in channels:
        _post(call, channel, thread, blocks, [file for file, _ in files])
    return {"files": [{"id": file.id, "title": file.title} for file, _ in files]}


def info(call: Call) -> Json:
    """Answer files.info."""
    file = call.slack.files.find(call.text("file"))
    if file is None:
        raise SlackError("file_not_found")
    return {"file": call.slack.files.shape(file), "comments": [], "response_metadata": {"next_cursor": ""}}


def _wanted(call: Call) -> list[Json]:
    found = call.json("files")
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) and one.get("id") for one in found):
        raise SlackError.arguments("missing required field: id [json-pointer:/files/0]")
    return found


def _channels(call: Call) -> list[Channel]:
    """Return where the files are shared; nowhere is allowed. Raises the documented codes."""
    names = [*filter(None, [call.given("channel_id")]), *call.listed("channels")]
    if len(names) > MOST_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    found = []
    for name in dict.fromkeys(names):
        channel = call.slack.workspace.channels.get(name)
        if channel is None or not (channel.is_public or cast.BOT_USER in channel.members):
            raise SlackError("channel_not_found")
        if channel.is_archived:
            raise SlackError("posting_to_channel_denied")
        found.append(call.joined(channel))
    return found


def _thread(call: Call, channels: list[Channel]) -> str | None:
    ts = call.given("thread_ts")
    if ts is None:
        return None
    if not TS.fullmatch(ts) or len(channels) != 1:
        raise SlackError.arguments("thread_ts goes with exactly one channel [json-pointer:/thread_ts]")
    return ts


def _blocks(call: Call) -> list[Json] | None:
    """Return the blocks of the message; beside an initial comment they are ignored."""
    given = call.json("blocks")
    if given is None or call.given("initial_comment"):
        return None
    if not isinstance(given, list):
        raise SlackError("invalid_blocks")
    if problems := check_blocks(given, surface="message"):
        raise refusal(problems, slack_error(problems, kind="blocks"))
    return completed(given)


def _post(call: Call, channel: Channel, thread: str | None, blocks: list[Json] | None, files: list[File]) -> None:
    message = Message(channel.id, call.slack.workspace.messages.next_ts(), cast.BOT_USER, bot_id=cast.BOT)
    message.text, message.blocks, message.thread_ts = call.text("initial_comment"), blocks, thread
    message.subtype = "file_share"
    message.files = [call.slack.files.shape(file) for file in files]
    call.slack.posting.post(channel, message)


WRITE = ("files:write",)
METHODS = (
    Method("files.getUploadURLExternal", announce, WRITE, ("filename", "length"), takes_json=False),
    Method("files.completeUploadExternal", complete, WRITE, ("files",)),
    Method("files.info", info, ("files:read",), ("file",), takes_json=False),
)
