"""What a data folder's container host has on its ports, read from what it wrote down, whether it runs or not."""

from pathlib import Path

from integrations._docker.record import read
from integrations._process_host.address import containers, home
from integrations._process_host.client import is_running


def deployed_ports(data: Path) -> dict[str, int]:
    """Return the public port of every target that has one and where something is deployed, by the target's name."""
    records = [read(path) for path in sorted(home(containers(data)).glob("targets/*/record.json"))]
    deployed = {str(record): wish.section.get("port") for record in records if (wish := record.live or record.pending)}
    return {target: port for target, port in deployed.items() if isinstance(port, int)}


def held_ports(data: Path) -> set[int]:
    """Return the ports that the host of this folder holds itself; none when it does not run."""
    return set(deployed_ports(data).values()) if is_running(containers(data)) else set()
