"""Socket Mode: the app connects to Slack, and everything that HTTP would bring comes down its WebSocket.

slack_sdk's client connects, pings and reconnects by itself. But the address it asks for works once and soon, and when
Slack is away at that moment it goes on trying the dead address for ever. So somebody watches: a client that has not
been connected for a while is given up, and another one begins with a fresh address. Slack being away keeps the bot
neither from starting nor, once Slack is back, from hearing.
"""

import asyncio
import logging
from datetime import timedelta

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

PATIENCE = timedelta(seconds=15)
LOOK = timedelta(seconds=0.2)

log = structlog.get_logger(__name__)
_silent = logging.getLogger(f"{__name__}.client")  # its words may hold an address, whose ticket lets anybody in
_silent.setLevel(logging.CRITICAL + 1)


class Sockets:
    """One connection to Slack, kept as long as `run` runs; `connected` says whether it stands."""

    def __init__(self, bolt: AsyncApp, token: str, web: AsyncWebClient, *, patience: timedelta = PATIENCE) -> None:
        self._bolt, self._token, self._web, self._patience = bolt, token, web, patience
        self.connected = False

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            await self._watch()
            log.warning("Slack cannot be reached by Socket Mode; connecting anew", after=str(self._patience))

    async def _watch(self) -> None:
        """Return when a client has not been connected for so long that another had better begin."""
        handler = AsyncSocketModeHandler(self._bolt, self._token, logger=_silent, web_client=self._web)
        connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        missed = timedelta()
        try:
            while missed < self._patience:
                await asyncio.sleep(LOOK.total_seconds())
                self.connected = await handler.client.is_connected()
                missed = timedelta() if self.connected else missed + LOOK
        finally:
            self.connected = False
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            await handler.close_async()  # type: ignore[no-untyped-call]  # the same
