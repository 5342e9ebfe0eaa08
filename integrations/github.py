"""Releases out of a repository at GitHub: its history by git, what was said of a commit by GitHub's API.

History, trees and builds are those of `integrations.git`, over a mirror that is fetched with the same token or App: the
folder's tree at a thousand commits is one question to git, and a thousand to the API.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.domain.check import Check
from bot.domain.errors import GaveUp
from bot.plugins import Source, SourceKind, Surroundings
from integrations import git
from integrations._git import words
from integrations._git.builds import Build, Image, inner
from integrations._git.repository import Way
from integrations._github.access import Access
from integrations._github.account import Account
from integrations._github.client import Client
from integrations._github.opinions import opinions
from integrations._github.wire import session


class Config(Access):
    """A service's `source`: a repository at GitHub, with the service's `build` beside it.

    Its checks are the check runs and commit statuses by their names, `review` for the reviews of the commit's pull
    request, and `code-scanning/<tool>` for what a scanner has uploaded as SARIF.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["github"] = "github"
    path: str = Field(".", description="the service's folder in it")
    findings_fail_at: Literal["low", "medium", "high", "critical"] = Field(
        "high", description="the severity of an open finding that fails a `code-scanning` check"
    )
    build: Build | Image | None = None

    @field_validator("path")
    @classmethod
    def _within(cls, value: str) -> str:
        return inner(value)

    @property
    def clone(self) -> git.Config:
        """The same for git."""
        return git.Config(repository=f"{self.web}/{self.repository}.git", path=self.path, build=self.build)


class GitHub(git.Git):
    """Implements `bot.ports.Releases`, `History`, `Builds` and `Checks` for every service whose source is at GitHub."""

    def __init__(self, services: Mapping[str, Config], surroundings: Surroundings) -> None:
        self._at_github = services
        self._accounts = {one.access: Account(one.access, surroundings) for one in services.values()}
        clones = {name: one.clone for name, one in services.items()}
        ways = {one.clone.repository: self._way(one.access) for one in services.values()}
        super().__init__(clones, surroundings, ways)

    async def checks(self, service: str, commit: str) -> Sequence[Check]:
        """See `bot.ports.Checks`."""
        if service not in self._at_github:
            raise GaveUp(f"no service called {service} has its source at GitHub")
        if not words.possible_id(commit):
            raise GaveUp(f"“{commit}” is not a commit id")
        config = self._at_github[service]
        async with session() as opened:
            return await opinions(Client(opened, self._accounts[config.access]), commit, config.findings_fail_at)

    def _way(self, access: Access) -> Way:
        """Return how git is let in: by a header that its environment gives it, for GitHub's address alone."""

        async def variables() -> Mapping[str, str]:
            async with session() as opened:
                token = await Client(opened, self._accounts[access]).token()
            shown = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            name, value = f"http.{access.web}/.extraHeader", f"Authorization: Basic {shown}"
            return {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": name, "GIT_CONFIG_VALUE_0": value}

        return Way(variables, access.secret)


def _open(surroundings: Surroundings, configs: dict[str, BaseModel]) -> Source:
    return GitHub({name: Config.model_validate(config.model_dump()) for name, config in configs.items()}, surroundings)


SOURCE = SourceKind("github", Config, _open)
