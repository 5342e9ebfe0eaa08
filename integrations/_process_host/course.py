"""How it goes on a target right now: what is only known while the host lives, and what it makes of a key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain.observation import Phase
from integrations._process_host.record import Asked


class Serving(Protocol):
    """What serves, or should."""

    @property
    def key(self) -> str:
        """The key it was asked for under."""

    @property
    def version(self) -> str:
        """What people call it."""


class Known(Protocol):
    """What is written down about a target."""

    @property
    def live(self) -> Serving | None:
        """What should serve."""

    @property
    def asked(self) -> Mapping[str, Asked]:
        """What became of every key."""


@dataclass(slots=True)
class Course:
    """`progress` is how far a bringing-up has come, `trouble` why what is live does not serve, or last did not."""

    progress: str = ""
    trouble: str = ""
    restarts: int = 0  # of what is live, since it went live

    def standing(self, record: Known, key: str, *, serving: bool) -> tuple[Phase, str]:
        """Say how far a key has come; of a key that was live and is not any more, who took over."""
        asked, live = record.asked.get(key), record.live
        if asked is None:
            return Phase.ABSENT, "nothing was asked under this key"
        if asked.phase is not Phase.LIVE:
            return asked.phase, asked.detail or self.progress
        if live is None or live.key != key:
            return Phase.FAILED, f"superseded: it was live until {live.version if live else 'nothing'} took over"
        if not serving:
            return (Phase.FAILED, self.trouble) if self.trouble else (Phase.PROGRESSING, "it is being brought back")
        times = "once" if self.restarts == 1 else f"{self.restarts} times"
        return Phase.LIVE, f"it was started again {times}; the last time {self.trouble}" if self.restarts else ""
