"""Releases and targets that every bench of backends speaks of."""

import itertools
from datetime import UTC, datetime

from bot.domain.release import Commit, Release
from bot.domain.target import Target

TARGET = Target("backend", "staging")
OTHER = Target("frontend", "staging")
_NUMBERS = itertools.count(1)


def a_release(version: str, digest: str | None) -> Release:
    commit = Commit("0" * 40, "Ada", "Make it so", datetime(2026, 1, 1, tzinfo=UTC))
    return Release(next(_NUMBERS), "backend", version, commit, "1" * 40, "develop", digest)
