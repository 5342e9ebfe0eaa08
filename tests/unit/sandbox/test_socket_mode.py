"""Socket Mode as a client meets it, over an ASGI wire held in the test's hands."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.websockets import WebSocket

from bot.sandbox.socket_mode import MOST_CONNECTIONS, Kind, NotAcknowledged, NotConnected, SocketHub

Json = dict[str, Any]
PATIENCE = 5.0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Client:
    """One client's end of a WebSocket."""

    def __init__(self, hub: SocketHub, url: str) -> None:
        self.hub = hub
        self.up: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self.down: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": "/socket",
            "headers": [],
            "query_string": urlsplit(url).query.encode(),
        }
        self.socket = WebSocket(scope, self.up.get, self.down.put)
        self.up.put_nowait({"type": "websocket.connect"})
        self.serving = asyncio.ensure_future(hub.endpoint(self.socket))

    async def opened(self) -> "Client":
        assert (await self.next_event())["type"] == "websocket.accept"
        return self

    async def next_event(self) -> MutableMapping[str, Any]:
        return await asyncio.wait_for(self.down.get(), PATIENCE)

    async def hears(self) -> Json:
        message = await self.next_event()
        assert message["type"] == "websocket.send"
        heard: Json = json.loads(message["text"])
        return heard

    def says(self, text: str) -> None:
        self.up.put_nowait({"type": "websocket.receive", "text": text})

    def acknowledges(self, envelope: Json, payload: object = ...) -> None:
        body = {"envelope_id": envelope["envelope_id"]}
        self.says(json.dumps(body if payload is ... else body | {"payload": payload}))

    async def goes(self) -> None:
        self.up.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await asyncio.wait_for(self.serving, PATIENCE)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(clock: Clock) -> SocketHub:
    return SocketHub("A0SLIPWAY", clock)


async def connect(hub: SocketHub, more: str = "") -> Client:
    client = await Client(hub, hub.ticket("ws://127.0.0.1:1") + more).opened()
    assert (await client.hears())["type"] == "hello"
    return client


@asynccontextmanager
async def delivering(
    hub: SocketHub, kind: Kind = "interactive", *, accepts_response: bool = True, retry: tuple[int, str] | None = None
) -> AsyncIterator["asyncio.Future[Json | None]"]:
    """A delivery under way, given up when the test has seen enough."""
    delivering = hub.deliver(kind, {"type": "x"}, accepts_response=accepts_response, retry=retry, timeout=PATIENCE)
    delivery = asyncio.ensure_future(delivering)
    try:
        yield delivery
    finally:
        delivery.cancel()
        await asyncio.gather(delivery, return_exceptions=True)


async def test_a_client_is_greeted(hub: SocketHub) -> None:
    client = await Client(hub, hub.ticket("ws://127.0.0.1:1/")).opened()

    hello = await client.hears()

    assert hello["type"] == "hello"
    assert hello["num_connections"] == 1
    assert hello["connection_info"] == {"app_id": "A0SLIPWAY"}
    assert hello["debug_info"].keys() == {"host", "build_number", "approximate_connection_time"}
    assert hub.connected == 1


def test_the_address_is_the_servers_with_a_ticket(hub: SocketHub) -> None:
    address = urlsplit(hub.ticket("ws://127.0.0.1:8100/"))

    assert (address.scheme, address.netloc, address.path) == ("ws", "127.0.0.1:8100", "/socket")
    assert address.query.startswith("ticket=")
    assert address.query.endswith("&app_id=A0SLIPWAY")


async def test_a_ticket_lets_one_client_in(hub: SocketHub) -> None:
    url = hub.ticket("ws://127.0.0.1:1")
    await Client(hub, url).opened()

    second = Client(hub, url)

    assert (await second.next_event())["type"] == "websocket.close"
    assert hub.connected == 1


@pytest.mark.parametrize("spoil", ["late", "unknown", "none", "other app"])
async def test_a_ticket_that_is_not_good_lets_nobody_in(hub: SocketHub, clock: Clock, spoil: str) -> None:
    url = hub.ticket("ws://127.0.0.1:1")
    match spoil:
        case "late":
            clock.now += 31
        case "unknown":
            url = url.replace("ticket=", "ticket=x")
        case "none":
            url = "ws://127.0.0.1:1/socket"
        case _:
            url = url.replace("A0SLIPWAY", "A0OTHER")

    assert (await Client(hub, url).next_event())["type"] == "websocket.close"
    assert hub.connected == 0


async def test_an_envelope_is_delivered_and_its_answer_comes_back(hub: SocketHub) -> None:
    client = await connect(hub)

    async with delivering(hub, kind="slash_commands") as delivery:
        envelope = await client.hears()
        client.acknowledges(envelope, {"text": "Deploying"})
        answer = await delivery

    assert envelope["type"] == "slash_commands"
    assert envelope["payload"] == {"type": "x"}
    assert envelope["accepts_response_payload"] is True
    assert "retry_attempt" not in envelope
    assert answer == {"text": "Deploying"}


@pytest.mark.parametrize(
    ("payload", "answer"), [(..., None), ({}, None), ("", None), ("Deploying", {"text": "Deploying"})]
)
async def test_an_answer_may_be_empty_or_mere_words(hub: SocketHub, payload: object, answer: Json | None) -> None:
    client = await connect(hub)

    async with delivering(hub) as delivery:
        client.acknowledges(await client.hears(), payload)

        assert await delivery == answer


async def test_an_answer_is_ignored_where_none_is_wanted(hub: SocketHub) -> None:
    client = await connect(hub)

    async with delivering(hub, kind="events_api", accepts_response=False) as delivery:
        envelope = await client.hears()
        client.acknowledges(envelope, {"text": "x"})

        assert await delivery is None
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")


async def test_a_retry_says_which_and_why(hub: SocketHub) -> None:
    client = await connect(hub)

    async with delivering(hub, kind="events_api", retry=(2, "timeout")) as delivery:
        envelope = await client.hears()
        client.acknowledges(envelope)
        await delivery

    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (2, "timeout")


async def test_an_acknowledgement_counts_on_any_connection(hub: SocketHub) -> None:
    first = await connect(hub)

    async with delivering(hub) as delivery:
        envelope = await first.hears()
        await first.goes()
        second = await connect(hub)
        second.acknowledges(envelope, {"text": "late but here"})

        assert await delivery == {"text": "late but here"}


async def test_without_a_connection_nothing_is_delivered(hub: SocketHub) -> None:
    with pytest.raises(NotConnected):
        await hub.deliver("interactive", {}, accepts_response=True)


async def test_without_an_acknowledgement_in_time_the_delivery_fails(hub: SocketHub) -> None:
    client = await connect(hub)

    with pytest.raises(NotAcknowledged):
        await hub.deliver("interactive", {}, accepts_response=True, timeout=0.01)

    client.acknowledges(await client.hears())
    async with delivering(hub) as delivery:
        client.acknowledges(await client.hears(), {"text": "the next one"})
        assert await delivery == {"text": "the next one"}


async def test_a_connection_that_has_gone_gets_nothing(hub: SocketHub) -> None:
    gone, here = await connect(hub), await connect(hub)
    await gone.goes()

    for _ in range(20):
        async with delivering(hub) as delivery:
            here.acknowledges(await here.hears())
            await delivery

    assert hub.connected == 1


async def test_envelopes_go_to_any_connection(hub: SocketHub) -> None:
    clients = [await connect(hub) for _ in range(3)]

    reached: set[int] = set()
    for _ in range(60):
        async with delivering(hub) as delivery:
            hearing = {asyncio.ensure_future(client.hears()): index for index, client in enumerate(clients)}
            done, silent = await asyncio.wait(hearing, return_when=asyncio.FIRST_COMPLETED)
            for listener in silent:
                listener.cancel()
            await asyncio.gather(*silent, return_exceptions=True)
            [heard] = done
            clients[hearing[heard]].acknowledges(heard.result())
            await delivery
            reached.add(hearing[heard])

    assert reached == {0, 1, 2}


async def test_pings_written_as_text_are_echoed(hub: SocketHub) -> None:
    client = await connect(hub)

    client.says("sdk-ping-pong:1763900000.5")

    assert (await client.next_event())["text"] == "sdk-ping-pong:1763900000.5"


@pytest.mark.parametrize("noise", ["", "not json", "[]", "null", '{"envelope_id": "unknown"}', "{}"])
async def test_noise_is_not_an_acknowledgement_and_harms_nothing(hub: SocketHub, noise: str) -> None:
    client = await connect(hub)
    client.says(noise)
    client.up.put_nowait({"type": "websocket.receive", "bytes": b"\x00"})

    async with delivering(hub) as delivery:
        client.acknowledges(await client.hears())
        assert await delivery is None


async def test_the_eleventh_connection_is_one_too_many(hub: SocketHub) -> None:
    for _ in range(MOST_CONNECTIONS):
        await connect(hub)

    eleventh = await Client(hub, hub.ticket("ws://127.0.0.1:1")).opened()

    goodbye = await eleventh.hears()
    assert (goodbye["type"], goodbye["reason"]) == ("disconnect", "too_many_websockets")
    assert (await eleventh.next_event())["type"] == "websocket.close"
    assert hub.connected == MOST_CONNECTIONS


@pytest.mark.parametrize(
    ("reason", "stays"), [("warning", True), ("refresh_requested", False), ("link_disabled", False)]
)
async def test_slack_says_why_it_disconnects(hub: SocketHub, reason: str, *, stays: bool) -> None:
    client = await connect(hub)

    await hub.disconnect(reason)

    goodbye = await client.hears()
    assert (goodbye["type"], goodbye["reason"]) == ("disconnect", reason)
    assert hub.connected == int(stays)
    if not stays:
        assert (await client.next_event())["type"] == "websocket.close"


async def test_a_debugging_client_is_told_of_a_short_connection(hub: SocketHub) -> None:
    client = await Client(hub, hub.ticket("ws://127.0.0.1:1") + "&debug_reconnects=true").opened()

    assert (await client.hears())["debug_info"]["approximate_connection_time"] == 360
