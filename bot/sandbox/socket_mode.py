"""Socket Mode: the app connects to us, and everything that HTTP would bring comes down its WebSocket.

As Slack does it: an address with a ticket that works once and soon; `hello`; envelopes that want an acknowledgement
within three seconds; up to ten connections, any of which may get any envelope. An acknowledgement counts on whichever
connection it arrives, because clients that reconnect answer old envelopes over the new socket. Losing a connection
loses what was sent down it: the person sees an error, and events are sent again by whoever delivers them.
"""

import asyncio
import contextlib
import json
import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

Kind = Literal["slash_commands", "interactive", "events_api"]
Json = dict[str, object]

MOST_CONNECTIONS = 10
TICKET_LIFE = 30.0
"""Seconds from apps.connections.open to connecting; Slack only says "short-lived"."""
CONNECTION_LIFE = 4 * 3600
DEBUG_LIFE = 360
"""With `debug_reconnects=true` in the address."""
_NO_SUCH_TICKET = 4001
_NORMAL = 1000
_PINGS = ("ping", "sdk-ping-pong")


class NotConnected(Exception):  # noqa: N818 - a fact about the app, named like the other facts of this package
    """No connection of the app is open: people see `dispatch_failed`."""


class NotAcknowledged(Exception):  # noqa: N818 - the same
    """The app got the envelope, or may have, and did not acknowledge it in time."""


@dataclass(eq=False, slots=True)
class _Connection:
    """One open WebSocket."""

    socket: WebSocket

    async def send(self, message: Mapping[str, object]) -> None:
        await self.socket.send_text(json.dumps(message))

    async def close(self) -> None:
        if self.socket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the other side may close in the same moment
                await self.socket.close(_NORMAL)


class SocketHub:
    """All Socket Mode connections of one app."""

    def __init__(self, app_id: str, now: Callable[[], float], choose: random.Random | None = None) -> None:
        """Take the app's id, a clock in seconds, and what chooses among connections: Slack's way is unknown."""
        self.app_id = app_id
        self._now = now
        self._choose = choose or random.Random()  # noqa: S311 - which connection gets an envelope is no secret
        self._tickets: dict[str, float] = {}
        self._connections: list[_Connection] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}

    @property
    def connected(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def ticket(self, base_ws_url: str) -> str:
        """Make an address that lets one connection in, once, for half a minute (`apps.connections.open`)."""
        now = self._now()
        self._tickets = {ticket: until for ticket, until in self._tickets.items() if until >= now}
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = now + TICKET_LIFE
        return f"{base_ws_url.rstrip('/')}/socket?ticket={ticket}&app_id={self.app_id}"

    async def endpoint(self, websocket: WebSocket) -> None:
        """Serve one connection until either side closes it."""
        if not self._admits(websocket):
            await websocket.close(_NO_SUCH_TICKET)
            return
        await websocket.accept()
        connection = _Connection(websocket)
        if self.connected >= MOST_CONNECTIONS:
            await connection.send(self._goodbye("too_many_websockets"))
            await connection.close()
            return
        self._connections.append(connection)
        try:
            await connection.send(self._hello(websocket))
            await self._listen(connection)
        finally:
            self._forget(connection)

    async def deliver(
        self,
        kind: Kind,
        payload: Json,
        *,
        accepts_response: bool,
        retry: tuple[int, str] | None = None,
        timeout: float = 3.0,  # noqa: ASYNC109 - the three seconds are the protocol's, not the caller's patience
    ) -> Json | None:
        """Send one envelope down any connection and wait for its acknowledgement; answer the payload it carried.

        Raises `NotConnected` when there is nobody to send to, `NotAcknowledged` when nobody acknowledged in time.
        """
        envelope: Json = {
            "envelope_id": str(uuid4()),
            "type": kind,
            "accepts_response_payload": accepts_response,
            "payload": payload,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": retry[0] if retry else 0, "retry_reason": retry[1] if retry else ""}
        answer = await self._acknowledged(envelope, timeout)
        body = answer.get("payload")
        if not accepts_response or not body:
            return None
        return body if isinstance(body, dict) else {"text": str(body)}

    async def disconnect(self, reason: str) -> None:
        """Tell every connection why it ends: `warning` keeps it for now, any other reason closes it."""
        for connection in list(self._connections):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it may have gone by itself
                await connection.send(self._goodbye(reason))
            if reason != "warning":
                self._forget(connection)
                await connection.close()

    async def _acknowledged(self, envelope: Json, patience: float) -> Json:
        envelope_id = str(envelope["envelope_id"])
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        try:
            await self._send_to_any(envelope)
            return await asyncio.wait_for(answer, patience)
        except TimeoutError as error:
            raise NotAcknowledged(f"no acknowledgement of {envelope['type']} within {patience} s") from error
        finally:
            del self._waiting[envelope_id]

    async def _send_to_any(self, envelope: Json) -> None:
        while self._connections:
            connection = self._choose.choice(self._connections)
            try:
                await connection.send(envelope)
            except (RuntimeError, WebSocketDisconnect):  # it has just gone; Slack, too, takes another one
                self._forget(connection)
            else:
                return
        raise NotConnected(f"no Socket Mode connection of {self.app_id} is open")

    async def _listen(self, connection: _Connection) -> None:
        while True:
            message = await connection.socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await self._hear(connection, message.get("text") or "")

    async def _hear(self, connection: _Connection, text: str) -> None:
        """Take an acknowledgement, or echo a ping (those of the WebSocket protocol are echoed by the server below)."""
        if text.startswith(_PINGS):
            await connection.socket.send_text(text)
            return
        try:
            message = json.loads(text)
        except ValueError:
            return
        if isinstance(message, dict):
            waiting = self._waiting.get(str(message.get("envelope_id")))
            if waiting is not None and not waiting.done():
                waiting.set_result(message)

    def _admits(self, websocket: WebSocket) -> bool:
        query = websocket.query_params
        until = self._tickets.pop(query.get("ticket", ""), None)
        return until is not None and until >= self._now() and query.get("app_id", self.app_id) == self.app_id

    def _forget(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)

    def _hello(self, websocket: WebSocket) -> Json:
        debug = websocket.query_params.get("debug_reconnects") == "true"
        return {
            "type": "hello",
            "num_connections": self.connected,
            "connection_info": {"app_id": self.app_id},
            "debug_info": self._debug(DEBUG_LIFE if debug else CONNECTION_LIFE),
        }

    def _goodbye(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": self._debug(CONNECTION_LIFE)}

    def _debug(self, seconds: int) -> Json:
        return {"host": "local-slack", "build_number": 1, "approximate_connection_time": seconds}
