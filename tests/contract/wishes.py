"""What tests of backends ask for: targets, releases, and a bench, which is a backend with its world."""

import itertools
import socket
from datetime import UTC, datetime
from typing import Protocol

from bot.domain.release import Commit, Release
from bot.domain.target import Target
from bot.ports import Backend, Desired, Section

TARGET = Target("backend", "staging")
OTHER = Target("frontend", "staging")
_NUMBERS = itertools.count(1)


def a_release(version: str, digest: str | None) -> Release:
    commit = Commit("0" * 40, "Ada", "Make it so", datetime(2026, 1, 1, tzinfo=UTC))
    return Release(next(_NUMBERS), "backend", version, commit, "1" * 40, "develop", digest)


def a_free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class Bench(Protocol):
    """A backend with its world: releases that come up, and releases that do not."""

    @property
    def backend(self) -> Backend: ...

    def good(self, version: str, target: Target = TARGET) -> Desired: ...

    def bad(self, version: str, target: Target = TARGET) -> Desired: ...

    def section(self, target: Target) -> Section: ...
