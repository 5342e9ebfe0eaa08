"""The targets that run as local processes: one slot for each, by its record on disk."""

from pathlib import Path
from urllib.parse import quote

from integrations._process_host.address import home, mark
from integrations._process_host.child import unrecorded
from integrations._process_host.folder import Folder
from integrations._process_host.record import Record, read
from integrations._process_host.slot import Slot


class ProcessSlots:
    """Implements `Slots` for local processes."""

    def __init__(self, data: Path) -> None:
        self._data = data.absolute()

    def resume(self) -> dict[str, Slot]:
        """Take up every target that is on record."""
        records = [read(path) for path in sorted(home(self._data).glob("targets/*/record.json"))]
        known = {one.pid for record in records for one in [record.process, *record.strays] if one is not None}
        unknown = unrecorded(mark(self._data), known)
        slots = {}
        for record in records:
            slot = slots[str(record)] = self._slot(record)
            slot.resume(unknown)
            unknown = []
        return slots

    def new(self, service: str, environment: str) -> Slot:
        """Make the slot of a target that has none."""
        return self._slot(Record(service, environment))

    def _slot(self, record: Record) -> Slot:
        path = home(self._data) / "targets" / quote(str(record), safe=" ")
        return Slot(record, Folder(path, self._data / "artefacts"), mark(self._data))
