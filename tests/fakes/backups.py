"""Copies of databases as a flow sees them: the command that makes one, for the scripted runner."""

from collections.abc import Callable

from bot.domain.errors import GaveUp
from bot.ports import Copying, Invocation
from tests.fakes.runner import Ending

DIGEST = "5e" * 32


class ScriptedBackups:
    """Implements `bot.ports.Backups`: `copy <name>`, unless a secret is said to be missing."""

    def __init__(self) -> None:
        self.missing = ""

    def invocation(self, copying: Copying) -> Invocation:
        """See `bot.ports.Backups`."""
        if self.missing in {copying.database, copying.key}:
            raise GaveUp(f"the secret {self.missing} is not set")
        return Invocation(["copy", copying.name], timeout=copying.timeout)


def copied(invocation: Invocation) -> Ending:
    """End as a copy does that was made and read back."""
    left = {"path": f"/backups/{invocation.argv[1]}", "sha256": DIGEST, "size": "1234567"}
    return Ending(log="[backup] read back and complete\n", result=left)


PROGRAMS: dict[str, Callable[[Invocation], Ending]] = {"copy": copied}
