"""What is done to databases as a flow sees it: copies and migrations, as programs of the scripted runner."""

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
    left = {"path": f"/backups/{invocation.argv[1]}", "sha256": DIGEST, "size": "1234567", "tables": "7"}
    return Ending(log="[backup] read back and complete\n", result=left)


def migrated(invocation: Invocation) -> Ending:
    """End as a migration that knows itself: only what a new major version (2.0.0, 3.0.0) does is irreversible."""
    fresh = invocation.environment["SLIPWAY_VERSION"].endswith(".0.0")
    return Ending(log="migrated\n", result={"irreversible": "true" if fresh else "false"})


PROGRAMS: dict[str, Callable[[Invocation], Ending]] = {"copy": copied, "migrate": migrated}
