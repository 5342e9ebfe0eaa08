"""A client of the driver: how a test or a script is a person in the local Slack.

    driver = Driver(base_url)
    tomas = driver.person("tomas")
    await tomas.command("deployments", "/deploy staging")
    card = (await tomas.messages("approvals"))[-1]
    await tomas.press("approvals", card["ts"], "approve")

Answers come back as Slack would show them, refusals included (`{"ok": false, ...}`); a call that makes no sense (an
unknown channel, a button that is not there) raises `Misdriven` with the sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import aiohttp

from .wire import Json, parsed

FIRST_ERROR = 400
PATIENCE = 10.0
PAUSE = 0.02
Found = TypeVar("Found")


class Misdriven(Exception):  # noqa: N818 - what happened
    """The driver refused the call; the text says why and what is possible."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Driver:
    """The driver of the local Slack at `base_url`."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession | None = None) -> None:
        self._base_url = base_url
        self._session = session

    async def get(self, path: str, **fields: object) -> object:
        """Return the answer of `GET /driver/<path>`; None among the fields is left out. Raises Misdriven."""
        params = {name.rstrip("_"): str(value) for name, value in fields.items() if value is not None}
        return await self._answer("GET", path, params=params)

    async def post(self, path: str, **fields: object) -> Json:
        """Return the answer of `POST /driver/<path>`. Raises Misdriven."""
        answer = await self._answer("POST", path, json={name.rstrip("_"): value for name, value in fields.items()})
        assert isinstance(answer, dict)  # noqa: S101 - every POST of the driver answers an object
        return answer

    def person(self, who: str) -> Someone:
        """Return the person with this id or handle."""
        return Someone(self, who)

    async def info(self) -> Json:
        """Return where everything is."""
        return _object(await self.get("info"))

    async def faults(self, **knobs: object) -> Json:
        """Turn knobs: `faults(down={"count": 2})`, `faults(clear=True)`."""
        return await self.post("faults", **knobs)

    async def stream(self, who: str) -> AsyncIterator[Json]:
        """Yield what the person's pages hear, from now on."""
        session = self._opened()
        async with session.get(f"{self._base_url}/driver/stream", params={"as": who}, timeout=_endless()) as answer:
            async for line in answer.content:
                if line.startswith(b"data: "):
                    yield _object(parsed(line[6:]))

    async def close(self) -> None:
        """Let the connection go."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session

    async def _answer(self, method: str, path: str, **how: object) -> object:
        url = f"{self._base_url}/driver/{path}"
        async with self._opened().request(method, url, **how) as answer:  # type: ignore[arg-type] # params or json
            body = await answer.json()
            if answer.status >= FIRST_ERROR:
                raise Misdriven(answer.status, body["error"])
            return body


class Someone:
    """One person, by whose hands everything here happens."""

    def __init__(self, driver: Driver, who: str) -> None:
        self.driver = driver
        self.who = who

    async def do(self, what: str, **fields: object) -> Json:
        """Return the answer of any `POST /driver/<what>` as this person."""
        return await self.driver.post(what, as_=self.who, **fields)

    async def command(self, channel: str, text: str) -> Json:
        """Type a slash command; return what Slack shows."""
        return await self.do("command", channel=channel, text=text)

    async def press(self, channel: str, ts: str, action_id: str, **what: object) -> Json:
        """Press or choose in a message."""
        return await self.do("press", channel=channel, ts=ts, action_id=action_id, **what)

    async def post(self, channel: str, text: str, **how: object) -> str:
        """Post, and return the message's ts."""
        return str((await self.do("post", channel=channel, text=text, **how))["ts"])

    async def submit(self, view_id: str, **values: object) -> Json:
        """Fill in and submit a modal, the values by action_id or block_id."""
        return await self.do("submit", view_id=view_id, values=values)

    async def messages(self, channel: str, thread_ts: str | None = None) -> list[Json]:
        """Return what the person sees in the channel or the thread, oldest first."""
        return _list(await self.driver.get("messages", as_=self.who, channel=channel, thread_ts=thread_ts))

    async def views(self) -> list[Json]:
        """Return the open modals, the top one last."""
        return _list(await self.driver.get("views", as_=self.who))

    async def channel(self, name: str) -> Json:
        """Return one channel as the person sees it, with unread marks."""
        shown = _list(await self.driver.get("channels", as_=self.who))
        return next(each for each in shown if name in (each["name"], each["id"]))


async def eventually(look: Callable[[], Awaitable[Found | None]], *, within: float = PATIENCE) -> Found:
    """Look again and again until there is something to see. Raises TimeoutError after the seconds."""
    async with asyncio.timeout(within):
        while not (found := await look()):  # noqa: ASYNC110 - what is looked at is in another process
            await asyncio.sleep(PAUSE)
    return found


def _endless() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None)


def _object(value: object) -> Json:
    assert isinstance(value, dict)  # noqa: S101 - the driver's contract
    return value


def _list(value: object) -> list[Json]:
    assert isinstance(value, list)  # noqa: S101 - the driver's contract
    return value
