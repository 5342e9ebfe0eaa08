"""The whole way: a local Slack that tells a running bot what is said and reacted, and the bot's words in the thread."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from ruamel.yaml import YAML

from bot import app
from bot.app import Parts
from bot.ledger import alertgroups, chain
from bot.samples import make_repository
from bot.sandbox.config import from_manifest
from bot.sandbox.driving import eventually
from bot.settings import read
from tests.fakes.healthbridge import JOHANNES, LAYLA
from tests.fakes.stage import Json, LocalSlack

ROOT = Path(__file__).parents[2]
TOKEN = "lantern-mango-7791"
TOLD = (ROOT / "examples/alerts/backend-down.json").read_text(encoding="utf-8")
MANIFEST = YAML(typ="safe").load((ROOT / "app-manifest.yml").read_text(encoding="utf-8"))


@dataclass
class Workspace:
    """A running bot in a local Slack that grants it what its manifest asks for, and no more."""

    parts: Parts
    slack: LocalSlack
    address: str
    card: str = ""  # the ts of the card of the alert that fires

    async def fire(self, status: str = "firing") -> None:
        """Have Alertmanager tell of an alert, and wait for its card."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = TOLD.replace("NOW", now).replace('"firing"', f'"{status}"').replace("0001-01-01T00:00:00Z", now)
        url, headers = f"{self.address}/webhooks/alertmanager/healthbridge", {"authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        self.card = str((await self.sees("layla", "BackendDown"))["ts"])

    async def sees(self, person: str, words: str, thread_ts: str | None = None) -> Json:
        """Wait until a person sees a message with these words, and return it."""

        async def seen() -> Json | None:
            messages = await self.slack.driver.person(person).messages("alerts", thread_ts=thread_ts)
            return next((one for one in messages if words in str([one["text"], one["blocks"]])), None)

        return await eventually(seen)

    async def say(self, person: str, text: str) -> None:
        await self.slack.driver.person(person).post("alerts", text, thread_ts=self.card)

    async def react(self, person: str, name: str, *, how: str = "react") -> None:
        await self.slack.driver.person(person).do(how, channel="alerts", ts=self.card, name=name)

    async def press(self, person: str, action: str) -> None:
        """Press a button of the card, or choose it in the menu where the rest of them are."""
        card = await self.sees(person, "BackendDown")
        rows = [one for block in card["blocks"] if block["type"] == "actions" for one in block["elements"]]
        menu = next((one for one in rows if f"'{action}:1'" in str(one)), None)
        there = self.slack.driver.person(person)
        if menu is None:
            await there.press("alerts", self.card, action)
        else:
            await there.press("alerts", self.card, menu["action_id"], selected_option=f"{action}:1")

    async def is_at_it(self, person: str | None) -> None:
        """Wait until the ledger says that a person is at it, or that nobody is."""

        async def so() -> bool:
            group = await alertgroups.get(self.parts.world.ledger.reading, 1)
            return group is not None and group.acked_by == person

        await eventually(so)

    async def events(self, kind: str) -> int:
        async with self.parts.world.ledger.transaction() as tx:
            return len(await chain.of_subject(tx, "alertgroup:1", kind=f"alertgroup.{kind}"))

    async def whispers(self, person: str, thread_ts: str | None = None) -> list[str]:
        """What a person alone sees in the channel, or in the thread."""
        shown = await self.slack.driver.person(person).messages("alerts", thread_ts=thread_ts)
        return [str(one["text"]) for one in shown if one["is_ephemeral"]]


@pytest.fixture
async def workspace(
    database_url: str,
    tmp_path: Path,
    start_slack: Callable[..., Awaitable[LocalSlack]],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Workspace]:
    monkeypatch.setenv("ALERTS_TOKEN", TOKEN)
    make_repository(tmp_path)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        slack = await start_slack(now=time.time, request_url=f"{address}/slack/events", **from_manifest(MANIFEST))
        settings = read(
            {
                "slack_bot_token": slack.info["bot_token"],
                "slack_signing_secret": slack.info["signing_secret"],
                "slack_api_url": slack.info["web_api_url"],
                "database_url": database_url,
                "catalog": ROOT / "slipway.yml",
                "data": tmp_path,
            },
            env_file=None,
        )
        async with app.assembled(settings) as parts, app.running(parts):
            server = uvicorn.Server(uvicorn.Config(app.api(parts), log_config=None, access_log=False, lifespan="off"))
            serving = asyncio.create_task(server.serve([bound]))
            yield Workspace(parts, slack, address)
            server.should_exit = True
            await serving


async def test_a_word_in_the_thread_is_heard_and_answered_in_the_thread(workspace: Workspace) -> None:
    await workspace.fire()
    await workspace.say("ndapewa", "what is it this time")
    await workspace.say("johannes", "On it!")

    await workspace.is_at_it(JOHANNES)
    await workspace.sees("layla", "Johannes ǃGaeb* is at it")
    await workspace.sees("johannes", "You are at alert group 1.", workspace.card)
    assert await workspace.whispers("ndapewa", workspace.card) == []

    await workspace.say("johannes", "unack")
    await workspace.is_at_it(None)
    assert (await workspace.events("acked"), await workspace.events("unacked")) == (1, 1)


async def test_a_reaction_is_heard_and_its_going(workspace: Workspace) -> None:
    await workspace.fire()

    await workspace.react("layla", "eyes")
    await workspace.is_at_it(LAYLA)
    await workspace.react("layla", "eyes", how="unreact")
    await workspace.is_at_it(None)


async def test_who_may_not_is_told_who_may_in_the_thread_and_once(workspace: Workspace) -> None:
    await workspace.fire()
    await workspace.say("ndapewa", "looking")
    await workspace.sees("ndapewa", "Only on-call or production-team may acknowledge alerts", workspace.card)

    await workspace.say("ndapewa", "on it")
    await workspace.say("johannes", "ack")
    await workspace.is_at_it(JOHANNES)
    assert len(await workspace.whispers("ndapewa", workspace.card)) == 1


async def test_button_word_reaction_and_command_at_one_moment_are_one_event(workspace: Workspace) -> None:
    await workspace.fire()
    johannes, layla = (workspace.slack.driver.person(name) for name in ("johannes", "layla"))

    await asyncio.gather(
        johannes.press("alerts", workspace.card, "ack"),
        workspace.say("layla", "ack"),
        workspace.react("johannes", "eyes"),
        layla.command("alerts", "/ack 1"),
    )
    await workspace.sees("ndapewa", "is at it since")

    async def all_heard() -> bool:
        async with workspace.parts.world.ledger.transaction() as tx:
            group = await alertgroups.locked(tx, 1)
        return group is not None and group.acked_by in {JOHANNES, LAYLA}

    await eventually(all_heard)
    assert await workspace.events("acked") == 1


async def test_what_slack_tells_twice_is_heard_once(workspace: Workspace) -> None:
    await workspace.slack.driver.faults(duplicate_events={"count": 100})
    await workspace.fire()
    await workspace.say("johannes", "ack")
    await workspace.is_at_it(JOHANNES)
    await workspace.sees("johannes", "You are at alert group 1.", workspace.card)

    await workspace.say("johannes", "unack")
    await workspace.is_at_it(None)
    await workspace.sees("johannes", "You are no longer", workspace.card)
    assert (await workspace.events("acked"), await workspace.events("unacked")) == (1, 1)
    assert len(await workspace.whispers("johannes", workspace.card)) == 2


async def test_where_slipway_is_not_it_hears_nothing(workspace: Workspace) -> None:
    await workspace.fire()
    await workspace.slack.driver.post("leave", as_="selma", channel="alerts", user="U0SLIPWAY7")
    await workspace.react("layla", "eyes")
    await workspace.say("layla", "ack")
    await workspace.slack.driver.post("join", as_="selma", channel="alerts", user="U0SLIPWAY7")
    await workspace.say("johannes", "ack")

    await workspace.is_at_it(JOHANNES)
    assert await workspace.events("acked") == 1


async def test_it_is_given_to_somebody_who_is_called_once(workspace: Workspace) -> None:
    await workspace.fire()
    johannes = workspace.slack.driver.person("johannes")
    await workspace.press("johannes", "assign")
    (view,) = await eventually(johannes.views)
    refused = await johannes.submit(view["id"], person="ndapewa")
    assert "Ndapewa Shilongo may not acknowledge alerts" in str(refused)
    await johannes.submit(view["id"], person="layla")

    await workspace.is_at_it(LAYLA)
    await workspace.sees("layla", f"<@{LAYLA}>, *Johannes ǃGaeb* has given you", workspace.card)
    answer = await johannes.command("alerts", "/assign 1 @selma")
    assert "Selma Nakale is at alert group 1 now" in str(answer)


async def test_what_still_fires_is_not_resolved(workspace: Workspace) -> None:
    await workspace.fire()

    answer = await workspace.slack.driver.person("johannes").command("alerts", "/resolve 1 seems fine")
    assert "BackendDown* still fires" in str(answer)
    await workspace.fire("resolved")
    await workspace.sees("johannes", "BackendDown* is resolved")
