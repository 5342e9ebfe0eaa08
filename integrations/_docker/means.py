"""What every slot of a host stands on: where its record lies, the engines, and how each kind makes containers."""

from pathlib import Path
from urllib.parse import quote

from bot.domain.errors import GaveUp
from integrations._docker.compose import Services
from integrations._docker.containers import Containers
from integrations._docker.engine import Engine
from integrations._docker.making import Maker
from integrations._docker.record import Record, Wish, write
from integrations._docker.section import Container, Served, Service
from integrations._docker.words import Words
from integrations._process_host.address import home, mark
from integrations._process_host.artefact import NotUp


class Means:
    """Of one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()
        self.home = mark(self.data)
        self.words = Words()
        self._engines: dict[str | None, Engine] = {}

    def engine(self, address: str | None) -> Engine:
        """Return the engine at an address, the same one every time."""
        if address not in self._engines:
            self._engines[address] = Engine(address)
        return self._engines[address]

    def section(self, wish: Wish) -> Served:
        """Return the wish's section, checked."""
        match wish.section.get("kind"):
            case "docker":
                return Container.model_validate(dict(wish.section))
            case "compose":
                return Service.model_validate(dict(wish.section))
            case kind:
                raise GaveUp(f"this host runs docker and compose, not {kind}")

    def maker(self, wish: Wish, record: Record) -> Maker:
        """Return how the wish's container is made."""
        match self.section(wish):
            case Service() as service:
                return Services(self.engine(service.engine), service, record, self.home, self.folder(record))
            case Container() as container:
                return Containers(self.engine(container.engine), container, record, self.home)
            case other:
                raise TypeError(f"no maker for {other}")

    def folder(self, record: Record) -> Path:
        """Return where a target's things lie."""
        return home(self.data) / "targets" / quote(str(record), safe=" ")

    def write(self, record: Record) -> None:
        """Write a record down; `NotUp` when that fails, and the old one is still there."""
        try:
            self.folder(record).mkdir(parents=True, exist_ok=True)
            write(self.folder(record) / "record.json", record)
        except OSError as error:
            raise NotUp(f"cannot write down what should run: {error.strerror}: {self.folder(record)}") from error
