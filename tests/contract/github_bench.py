"""GitHub Actions on the bench of backends: a scripted GitHub, and a real one where the environment names it."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.domain.release import Commit, Release
from bot.domain.target import Target
from bot.ports import Backend, Desired, Section
from integrations.github_actions import BACKEND
from tests.contract.living import surroundings
from tests.fakes.github import GitHub
from tests.fakes.github.server import TOKEN

REPOSITORY, REAL_TOKEN = "SLIPWAY_TEST_GITHUB_REPOSITORY", "SLIPWAY_TEST_GITHUB_TOKEN"
TARGET = Target("backend", "staging")
COMMIT = "0" * 40


@dataclass
class GitHubBench:
    """A repository with a workflow that fails when it is told to. `said` is what the section says beside the usual."""

    backend: Backend
    repository: str
    commit: str = COMMIT
    said: Mapping[str, object] = field(default_factory=dict)
    server: GitHub | None = None
    patience: float = 20.0

    def good(self, version: str, target: Target = TARGET) -> Desired:
        digest = f"sha256:{hashlib.sha256(version.encode()).hexdigest()}"
        commit = Commit(self.commit, "Ada", "Make it so", datetime(2026, 1, 1, tzinfo=UTC))
        return Desired(Release(1, target.service, version, commit, "1" * 40, "develop", digest), self.section(target))

    def bad(self, version: str, target: Target = TARGET) -> Desired:
        if self.server is not None:
            self.server.repository.failing.add(version)
            return self.good(version, target)
        good = self.good(version, target)
        return replace(good, config={**good.config, "inputs": {"version": "{version}", "fails": "yes"}})

    def lasting(self, version: str, target: Target = TARGET) -> Desired:
        """What stays under way until it is asked to end."""
        good = self.good(version, target)
        if self.server is not None:
            self.server.repository.lasting.add(version)
            return good
        return replace(good, config={**good.config, "inputs": {"version": "{version}", "lasts": "yes"}})

    def section(self, target: Target) -> Section:  # noqa: ARG002 - one workflow for every target
        usual = {"kind": "github_actions", "repository": self.repository, "workflow": "deploy.yml"}
        return {**usual, "inputs": {"version": "{version}"}, "look_every": "0s", **self.said}


@contextlib.asynccontextmanager
async def github(data: Path) -> AsyncIterator[GitHubBench]:
    """Give the scripted one."""
    async with GitHub() as server, BACKEND.open(surroundings(data, GITHUB_TOKEN=TOKEN)) as backend:
        yield GitHubBench(backend, "acme/shop", said={"api": server.url}, server=server)


@contextlib.asynccontextmanager
async def real_github(data: Path) -> AsyncIterator[GitHubBench]:
    """Give the real one, in an environment of its own; the workflow is in docs/how-to/deploy-with-github-actions.md."""
    repository, token = os.environ.get(REPOSITORY), os.environ.get(REAL_TOKEN)
    if not repository or not token:
        pytest.skip(
            f"NOT TESTED: the contract of backends at the real GitHub, for want of {REPOSITORY} and {REAL_TOKEN}"
        )
    headers = {"authorization": f"bearer {token}"}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as web:
        async with web.get(f"https://api.github.com/repos/{repository}/commits/HEAD") as answer:
            commit = (await answer.json())["sha"]
        async with web.get(f"https://api.github.com/repos/{repository}") as answer:
            branch = (await answer.json())["default_branch"]
    said = {"ref": branch, "environment": f"slipway-test-{secrets.token_hex(6)}", "workflow": "slipway-contract.yml"}
    async with BACKEND.open(surroundings(data, GITHUB_TOKEN=token)) as backend:
        yield GitHubBench(backend, repository, commit, {**said, "look_every": "3s"}, patience=300.0)
