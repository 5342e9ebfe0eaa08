"""One local Slack: every part made and connected here, and nowhere else."""

from __future__ import annotations

from . import cast
from .config import SandboxConfig
from .credentials import remembered
from .events import Events
from .faults import Faults
from .files import Files
from .interactions import Interactions
from .limits import Limits
from .membership import Membership
from .outbound import App, Outbound
from .payloads import Payloads
from .posting import Posting
from .responses import Responses
from .socket_mode import SocketHub
from .store import Store
from .stream import Stream
from .triggers import Triggers
from .views import Views
from .workspace import Workspace


class Sandbox:
    """The local Slack without its HTTP surface."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.store = Store(config.data)
        self.credentials = remembered(self.store, cast.APP)
        self.app = App(config.request_url, config.bot_url)
        self.workspace = Workspace(self.store, config.now, bot_name=config.bot_name, team_name=config.team_name)
        self.stream = Stream()
        self.limits = Limits(config.now)
        self.faults = Faults(config.now, retry_speed=config.retry_speed)
        self.sockets = SocketHub(cast.APP, config.now)
        self.triggers = Triggers(config.now)
        self.outbound = Outbound(self.app, self.credentials, self.sockets, now=config.now, patience=config.patience)
        self.events = Events(self.workspace, self.outbound, self.faults, self.credentials, config.events, config.scopes)
        self.posting = Posting(self.workspace, self.stream, self.events)
        self.membership = Membership(self.workspace, self.stream, self.events, self.posting)
        self.views = Views(self.store, self.workspace, self.stream)
        self.responses = Responses(self.store, config.now, self.workspace, self.posting)
        self.files = Files(self.store, config.now, config.base_url)
        self.interactions = self._interactions()

    def stop_streams(self) -> None:
        """End the pages' streams, so that a server waiting for open requests can stop."""
        self.stream.close()

    async def close(self) -> None:
        """Let go of the network and the file."""
        self.stop_streams()
        await self.interactions.finish()
        await self.events.close()
        if self.sockets.connected:
            await self.sockets.disconnect("refresh_requested")
        await self.outbound.close()
        self.store.close()

    def _interactions(self) -> Interactions:
        payloads = Payloads(self.workspace, self.triggers, self.responses, self.credentials, self.config.base_url)
        return Interactions(
            workspace=self.workspace,
            posting=self.posting,
            views=self.views,
            stream=self.stream,
            outbound=self.outbound,
            payloads=payloads,
            responses=self.responses,
            faults=self.faults,
        )
