"""The ports of the sample services, looked at before anything is started.

Where services are deployed stays where it is: moving them is a deploy, which is in the ledger, and not a start. So the
first digits of their ports belong to the data folder: the first start says them, and the next ones find them there.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from bot.domain.errors import Refused
from bot.kinds import load_catalog
from bot.listening import by
from bot.sandbox.serving import listening
from bot.settings import Settings
from integrations import process
from integrations._docker import standing
from integrations._docker.section import Served

_OTHERS = range(83, 100)
_ANEW = "say --data with another folder to begin anew"


def with_kept_digits(settings: Settings) -> Settings:
    """Use the digits that the data folder was begun with, where none are said now."""
    kept = _kept(settings.data)
    if kept and "example_ports" not in settings.model_fields_set:
        return settings.model_copy(update={"example_ports": kept})
    return settings


def check_ports(settings: Settings, *, page: int) -> None:
    """Refuse when a sample service's port is taken, or when what is deployed would have to move; keep the digits."""
    wanted = _wanted(settings)
    deployed = process.deployed_ports(settings.data) | standing.deployed_ports(settings.data)
    _check_moves(settings, wanted, deployed)
    for target, port in wanted.items():
        if port == page:
            raise Refused(f"Port {port} is the one of {target}; say --port with another.")
    for target, port in _taken(wanted, process.held_ports(settings.data) | standing.held_ports(settings.data)):
        what = f"Port {port}, which {target} needs, is in use{by(port)}; stop that, or"
        raise Refused(f"{what} {_ANEW if deployed else _elsewhere(settings)}.")
    _file(settings.data).write_text(f"{settings.example_ports}\n", encoding="utf-8")


def _check_moves(settings: Settings, wanted: Mapping[str, int], deployed: Mapping[str, int]) -> None:
    kept = _kept(settings.data)
    if kept in {None, settings.example_ports}:
        return
    for target, port in deployed.items():
        if wanted.get(target, port) != port:
            raise Refused(
                f"{target} is deployed on port {port}, and a start does not move it to {wanted[target]}; "
                f"leave out --example-ports {settings.example_ports} (SLIPWAY_EXAMPLE_PORTS), or {_ANEW}."
            )


def _wanted(settings: Settings) -> dict[str, int]:
    """Return the public port of every target that has one on this machine, by the target's name."""
    catalog = load_catalog(settings)
    every = [target for environment in catalog.environments for target in catalog.targets(environment)]
    configs = {str(target): catalog.target(target).backend.config for target in every}
    ports = {name: config.port for name, config in configs.items() if isinstance(config, process.Config | Served)}
    return {name: port for name, port in ports.items() if port is not None}


def _taken(wanted: Mapping[str, int], held: set[int]) -> Iterator[tuple[str, int]]:
    for target, port in wanted.items():
        if port not in held and not _is_free(port):
            yield target, port


def _is_free(port: int) -> bool:
    with suppress(OSError), listening(port):
        return True
    return False


def _elsewhere(settings: Settings) -> str:
    """Say how to have the services on ports that are free."""
    for digits in map(str, _OTHERS):
        other = _wanted(settings.model_copy(update={"example_ports": digits}))
        if not any(_taken(other, set())):
            return f"say --example-ports {digits}"
    return f"give it another port in {settings.catalog}"


def _file(data: Path) -> Path:
    return data / "example-ports"


def _kept(data: Path) -> str | None:
    with suppress(OSError):
        return _file(data).read_text(encoding="utf-8").strip() or None
    return None
