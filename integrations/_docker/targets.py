"""The targets that run as containers: one slot for each, by its record on disk."""

from pathlib import Path

from integrations._docker.means import Means
from integrations._docker.record import Record, read
from integrations._docker.slot import Slot
from integrations._process_host.address import home


class ContainerSlots:
    """Implements `control.Slots`."""

    def __init__(self, data: Path) -> None:
        self._means = Means(data)

    def resume(self) -> dict[str, Slot]:
        """Take up every target that is on record."""
        slots = {}
        for path in sorted(home(self._means.data).glob("targets/*/record.json")):
            record = read(path)
            slots[str(record)] = Slot(record, self._means)
            slots[str(record)].resume()
        return slots

    def new(self, service: str, environment: str) -> Slot:
        """Make the slot of a target that has none."""
        return Slot(Record(service, environment), self._means)
