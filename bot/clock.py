"""The one clock: everything that asks for the time asks a `Clock`, and this is the only real one."""

import asyncio
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Return the present as aware UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the injected Clock

    async def sleep(self, duration: timedelta) -> None:
        """Return when the duration has passed."""
        await asyncio.sleep(duration.total_seconds())
