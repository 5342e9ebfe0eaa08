"""What a data folder's process host has on its ports, read from what it wrote down, whether it runs or not."""

from pathlib import Path

from integrations._process_host.address import home
from integrations._process_host.client import is_running
from integrations._process_host.record import read


def deployed_ports(data: Path) -> dict[str, int]:
    """Return the public port of every target where something is deployed, by the target's name."""
    records = [read(path) for path in sorted(home(data).glob("targets/*/record.json"))]
    return {str(record): wish.port for record in records if (wish := record.live or record.pending)}


def held_ports(data: Path) -> set[int]:
    """Return the ports that the host of this folder holds itself; none when it does not run."""
    return set(deployed_ports(data).values()) if is_running(data) else set()
