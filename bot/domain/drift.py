"""Drift: what runs on a target that the ledger did not bring, told from what was seen there."""

from dataclasses import dataclass

from bot.domain.observation import Observed
from bot.domain.release import Release


@dataclass(frozen=True, slots=True)
class Drift:
    """What runs there, by digest and version as the backend knows them, and the version that was put there instead."""

    digest: str | None
    version: str | None
    put: str | None = None

    @property
    def words(self) -> str:
        """Say what runs there, so that another thing is said in other words."""
        short = self.digest.removeprefix("sha256:")[:12] if self.digest else ""
        what = f"{self.version} ({short})" if self.version and short else self.version or short
        return f"{what} runs there, where by the ledger {self.put or 'nothing'} is live"


def drift(seen: Observed, release: Release | None) -> Drift | None:
    """Return what runs there that is not the release the ledger takes to be live; None where that cannot be told.

    Where nothing runs, nothing can be overwritten: that is no drift here.
    """
    put = release.version if release else None
    if seen.digest is not None:
        same = release is not None and release.digest == seen.digest
    else:
        same = seen.version in {None, put}
    return None if same else Drift(seen.digest, seen.version, put)
