"""A scripted GitHub on a clock that a test moves, and bots that ask it, as many and as often killed as it wants."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.domain.errors import Retry
from bot.domain.observation import Observed, Phase
from bot.plugins import Surroundings
from integrations.environment_secrets import EnvironmentSecrets
from integrations.github_actions import BACKEND
from tests.contract.benches import TARGET
from tests.contract.github_bench import GitHubBench
from tests.fakes.clock import FakeClock
from tests.fakes.github import GitHub
from tests.fakes.github.repository import Run
from tests.fakes.github.server import TOKEN


@dataclass
class Town:
    """GitHub, the time, the secrets that the bot is given, and where its data lies."""

    server: GitHub
    clock: FakeClock
    data: Path
    secrets: dict[str, str] = field(default_factory=lambda: {"GITHUB_TOKEN": TOKEN})

    @contextlib.asynccontextmanager
    async def bot(self, **said: object) -> AsyncIterator[GitHubBench]:
        """Start a bot, which remembers nothing of an earlier one."""
        surroundings = Surroundings(self.data, self.clock, EnvironmentSecrets(self.secrets, lambda _: None))
        async with BACKEND.open(surroundings) as backend:
            yield GitHubBench(backend, "acme/shop", said={"api": self.server.url, **said}, server=self.server)

    @property
    def run(self) -> Run:
        """The run that was begun last."""
        return self.server.repository.runs[-1]


@contextlib.asynccontextmanager
async def town(data: Path) -> AsyncIterator[Town]:
    clock = FakeClock()
    async with GitHub(clock) as server:
        yield Town(server, clock, data)


async def seen(bench: GitHubBench, key: str) -> Observed:
    """Look once."""
    return await bench.backend.observe(TARGET, key=key, config=bench.section(TARGET))


async def carried_through(town: Town, bench: GitHubBench, key: str, *, asked: bool = False) -> Observed:
    """Do as the engine does: ask, look, ask again only where certainly nothing was done, and look until the end."""
    for _ in range(500):
        with contextlib.suppress(Retry):
            if not asked:
                await bench.backend.apply(TARGET, bench.good("1.0.0"), key=key)
            look = await seen(bench, key)
            asked = look.phase is not Phase.ABSENT
            if asked and look.phase is not Phase.PROGRESSING:
                return look
        town.clock.move(timedelta(seconds=3))
    raise AssertionError("it never came to an end")
