"""What is kept: `kill -9`, start again on the same folder, and everything is as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import cast
from bot.sandbox.driving import Driver
from bot.sandbox.serving import listening
from tests.fakes.stage import Json

MANIFEST = """
display_information: {name: Practice}
features:
  bot_user: {display_name: Practice}
  slash_commands: [{command: /deploy, description: release something, usage_hint: staging}]
oauth_config: {scopes: {bot: [chat:write, commands, users:read]}}
settings: {interactivity: {is_enabled: true}, socket_mode_enabled: true}
"""


@dataclass
class Program:
    """`python -m bot.sandbox` as a process."""

    base_url: str
    said: dict[str, str]
    process: asyncio.subprocess.Process
    driver: Driver

    @property
    def web(self) -> AsyncWebClient:
        return AsyncWebClient(self.said["SLACK_BOT_TOKEN"], base_url=self.said["SLACK_API_URL"])


async def start(*words: str) -> asyncio.subprocess.Process:
    command = (sys.executable, "-m", "bot.sandbox", "--port", "0", *words)
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)


@contextlib.asynccontextmanager
async def running(*words: str, end: signal.Signals = signal.SIGKILL) -> AsyncIterator[Program]:
    process = await start(*words)
    assert process.stdout is not None
    said: dict[str, str] = {}
    while not (line := (await process.stdout.readline()).decode().strip()).startswith("ready "):
        assert line, "it did not start"
        name, _, value = line.partition("=")
        said[name] = value
    driver = Driver(line.removeprefix("ready "))
    try:
        yield Program(line.removeprefix("ready "), said, process, driver)
    finally:
        await driver.close()
        os.kill(process.pid, end)
        await process.communicate()


async def everything(program: Program) -> Json:
    """All that a person could look at."""
    driver = program.driver
    seen: Json = {"people": await driver.get("people")}
    for who in ("tomas", "selma"):
        channels = await driver.get("channels", as_=who)
        assert isinstance(channels, list)
        seen[who] = channels
        for channel in channels:
            messages = await driver.person(who).messages(channel["id"])
            threads = [await driver.person(who).messages(channel["id"], m["ts"]) for m in messages]
            seen[f"{who} {channel['id']}"] = (messages, threads)
        seen[f"{who} home"] = await driver.get("home", as_=who)
    return seen


async def test_kill_nine_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "slack"
    async with running("--data", str(data)) as first:
        tomas = first.driver.person("tomas")
        ts = await tomas.post("general", f"ليلى <@{cast.SELMA}>")
        await tomas.post("general", "reply", thread_ts=ts)
        await tomas.do("react", channel="general", ts=ts, name="eyes")
        await first.web.chat_postEphemeral(channel="C0GENERAL1", user=cast.TOMAS, text="only you")
        posted = await first.web.chat_postMessage(channel=cast.SELMA, text="direct")
        await first.web.chat_update(channel=posted["channel"], ts=posted["ts"], text="changed")
        await first.web.pins_add(channel="C0GENERAL1", timestamp=ts)
        await first.web.views_publish(user_id=cast.TOMAS, view={"type": "home", "blocks": [{"type": "divider"}]})
        await tomas.do("create", name="new")
        await tomas.do("archive", channel="incidents")
        await first.driver.post("group", group="qa", add=["tomas"])
        before, info = await everything(first), await first.driver.info()
    async with running("--data", str(data)) as second:
        after, again = await everything(second), await second.driver.info()
        later = await second.driver.person("tomas").post("general", "later")

    same = ("signing_secret", "bot_token", "app_token")
    assert after == before
    assert [again[name] for name in same] == [info[name] for name in same]
    assert later > posted["ts"]


async def test_two_workspaces_have_different_secrets_that_only_their_owner_can_read(tmp_path: Path) -> None:
    infos = []
    for name in ("one", "two"):
        async with running("--data", str(tmp_path / name), end=signal.SIGTERM) as program:
            infos.append(await program.driver.info())
            files = list((tmp_path / name).iterdir())
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert program.process.returncode == 0

    assert infos[0]["signing_secret"] != infos[1]["signing_secret"]
    assert infos[0]["bot_token"] != infos[1]["bot_token"]


async def test_a_second_one_on_the_same_folder_says_so(tmp_path: Path) -> None:
    async with running("--data", str(tmp_path)):
        second = await start("--data", str(tmp_path))
        _, error = await second.communicate()

    assert second.returncode == 1
    assert "is in use by another local Slack" in error.decode()
    assert len(error.decode().splitlines()) == 1


async def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "local-slack.sqlite3"
    file.write_bytes(b"somebody's diary" * 100)

    process = await start("--data", str(tmp_path))
    _, error = await process.communicate()
    assert (process.returncode, file.read_bytes()) == (1, b"somebody's diary" * 100)
    assert "is not the memory of a local Slack" in error.decode()


async def test_a_port_in_use_is_one_sentence() -> None:
    async with running() as program:
        port = program.base_url.rpartition(":")[2]
        second = await start("--port", port)
        _, error = await second.communicate()

    assert second.returncode == 1
    assert error.decode() == f"Port {port} cannot be used: Address already in use.\n"


async def test_a_manifest_gives_commands_scopes_and_name(tmp_path: Path) -> None:
    manifest = tmp_path / "app.yml"
    manifest.write_text(MANIFEST, "utf-8")

    async with running("--manifest", str(manifest), end=signal.SIGINT) as program:
        commands = await program.driver.get("commands")
        info = await program.driver.info()
        answer = await program.web.auth_test()

    assert commands == [{"command": "/deploy", "description": "release something", "usage_hint": "staging"}]
    assert info["bot"]["name"] == "Practice"
    assert answer.headers["x-oauth-scopes"] == "chat:write,commands,users:read"


@pytest.mark.parametrize("text", ["a: [", "display_information: {}", "- 1"])
async def test_a_wrong_manifest_is_refused(tmp_path: Path, text: str) -> None:
    manifest = tmp_path / "app.yml"
    manifest.write_text(text, "utf-8")

    process = await start("--manifest", str(manifest))
    _, error = await process.communicate()
    assert process.returncode == 1
    assert str(manifest) in error.decode()
    assert "Traceback" not in error.decode()


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with listening(0) as bound:
        assert bound.proto == socket.IPPROTO_TCP  # asyncio sets TCP_NODELAY only where the protocol is named
