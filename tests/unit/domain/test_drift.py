"""What runs on a target that the ledger did not bring."""

from datetime import UTC, datetime

import pytest

from bot.domain.drift import drift
from bot.domain.observation import Observed, Phase
from bot.domain.release import Commit, Release

RELEASE = Release(
    1, "backend", "1.0.0", Commit("0" * 40, "Ada", "It", datetime(2026, 1, 1, tzinfo=UTC)), "t", "main", "sha256:aa"
)


@pytest.mark.parametrize(
    ("digest", "version", "release", "drifts"),
    [
        ("sha256:aa", "1.0.0", RELEASE, False),
        ("sha256:aa", "called otherwise", RELEASE, False),
        ("sha256:bb", "1.0.0", RELEASE, True),
        (None, "1.0.0", RELEASE, False),
        (None, "1.3.9", RELEASE, True),
        (None, None, RELEASE, False),  # nothing runs, or it cannot be told what
        (None, None, None, False),
        ("sha256:bb", None, None, True),
        (None, "1.3.9", None, True),
    ],
)
def test_what_drifts(digest: str | None, version: str | None, release: Release | None, *, drifts: bool) -> None:
    found = drift(Observed(Phase.LIVE, None, digest, version), release)

    assert (found is not None) is drifts


@pytest.mark.parametrize(
    ("digest", "version", "words"),
    [
        ("sha256:bbbbbbbbbbbbbbbb", "1.3.9", "1.3.9 (bbbbbbbbbbbb) runs there, where by the ledger 1.0.0 is live"),
        ("sha256:bbbbbbbbbbbbbbbb", None, "bbbbbbbbbbbb runs there, where by the ledger 1.0.0 is live"),
        (None, "1.3.9", "1.3.9 runs there, where by the ledger 1.0.0 is live"),
    ],
)
def test_it_says_what_runs_there(digest: str | None, version: str | None, words: str) -> None:
    found = drift(Observed(Phase.LIVE, None, digest, version), RELEASE)

    assert found is not None
    assert found.words == words
