"""The public port of a target: which front holds it, and to which container's private port it leads."""

from integrations._docker.section import Served
from integrations._process_host.front import Front, Upstream


class Fronts:
    """More than one only while a target changes its port. A section without a port has none."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._fronts: dict[int, Front] = {}

    async def open(self, section: Served) -> None:
        """Hold the port; `NotUp` names who has it."""
        if section.port is not None:
            await self._fronts.setdefault(section.port, Front(self._name, section.port, section.address)).open()

    def lead(self, section: Served, private: int) -> Upstream | None:
        """Let the next request go to a private port; return where they went before, in whose hands some still are."""
        before = next((front.upstream for front in self._fronts.values() if front.upstream is not None), None)
        for front in self._fronts.values():
            front.upstream = Upstream(private) if front.port == section.port else None
        return before

    async def close(self, *, but: int | None = None) -> None:
        """Give the ports back, all but one."""
        for port in [port for port in self._fronts if port != but]:
            front = self._fronts.pop(port)
            await front.close()
            if front.upstream is not None:
                await front.upstream.close()
