"""A directory that a web server serves: ``current`` is a link, moved in one step from one release to the other.

It leads to ``.slipway/keys/<record>``, itself a link to the release's folder, so that it says whose wish serves. The
lock is the kernel's (flock): whoever held it is gone when it is free, however that came about.
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from bot.domain.errors import GaveUp
from integrations._static_site.contents import OURS, entry, size_in
from integrations._static_site.record import NAME, RECORD, Pointer, Record


class Directory:
    """Implements `integrations._static_site.place.Place` on a file system."""

    def __init__(self, folder: Path) -> None:
        self._link, self._ours = folder / "current", folder / OURS
        self._keys, self._releases = self._ours / "keys", self._ours / "releases"
        self.making = self._ours / "making"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """See `Place`."""
        for folder in (self._ours, self._keys, self._releases):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        with (self._ours / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def pointer(self) -> Pointer:
        """See `Place`."""
        if not self._link.is_symlink():
            there = self._link.exists()
            return Pointer(foreign=f"{self._link} is no link, so Slipway did not put it there" if there else "")
        leads = self._link.readlink()
        record = self.read(leads.name) if leads == Path(OURS, "keys", leads.name) else None
        if record is None:
            return Pointer(foreign=f"{self._link} leads to {leads}, where Slipway did not let it lead")
        return Pointer(record)

    def names(self) -> list[str]:
        """See `Place`."""
        return sorted(path.stem for path in self._keys.glob("*.json") if NAME.fullmatch(path.stem))

    def read(self, name: str) -> Record | None:
        """See `Place`."""
        try:
            return RECORD.validate_json((self._keys / f"{name}.json").read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise GaveUp(f"{self._keys / name}.json is damaged; remove it, and deploy again") from error

    def write(self, record: Record) -> None:
        """See `Place`."""
        _write_whole(self._keys / f"{record.name}.json", RECORD.dump_json(record))

    def forget(self, name: str) -> None:
        """See `Place`."""
        (self._keys / name).unlink(missing_ok=True)
        (self._keys / f"{name}.json").unlink(missing_ok=True)

    def releases(self) -> set[str]:
        """See `Place`."""
        return {path.name for path in self._releases.iterdir() if path.is_dir()}

    def paths(self, release: str) -> Mapping[str, str] | None:
        """See `Place`."""
        try:
            listed = json.loads((self._releases / f"{release}.json").read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return dict(listed) if (self._releases / release).is_dir() else None

    def damaged(self, release: str, paths: Mapping[str, str], *, serving: bool) -> list[str]:
        """See `Place`."""
        folder = self._link if serving else self._releases / release
        return [path for path, listed in paths.items() if not _is(folder / path, listed, thorough=not serving)]

    def fill(self, release: str, folder: Path, paths: Mapping[str, str]) -> None:
        """See `Place`. What is damaged may serve: it is moved away, and not removed file by file."""
        (self._releases / f"{release}.json").unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            (self._releases / release).rename(self.making / "damaged")
        folder.rename(self._releases / release)
        os.sync()
        _write_whole(self._releases / f"{release}.json", json.dumps(paths).encode())

    def switch(self, record: Record, before: Pointer) -> None:  # noqa: ARG002 - the lock keeps `before` true
        """See `Place`."""
        if self._link.exists() and not self._link.is_symlink():
            raise GaveUp(f"{self._link} is no link: move it away, and Slipway puts one there")
        _point(self._keys / record.name, Path("..", "releases", record.release))
        _point(self._link, Path(OURS, "keys", record.name))

    def remove(self, release: str) -> None:
        """See `Place`."""
        (self._releases / f"{release}.json").unlink(missing_ok=True)
        shutil.rmtree(self._releases / release, ignore_errors=True)


def _is(path: Path, listed: str, *, thorough: bool) -> bool:
    """Whether a file is the one that a list says: by its size, or by its content."""
    try:
        if path.lstat().st_size != size_in(listed) or not path.is_file():
            return False
        if not thorough:
            return True
        with path.open("rb") as file:
            return entry(file) == listed
    except (FileNotFoundError, NotADirectoryError):
        return False


def _point(link: Path, to: Path) -> None:
    """Let a link lead somewhere: whoever follows it comes to the old or to the new."""
    fresh = link.with_name(f"{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(to)
    fresh.replace(link)
    _sync(link.parent)


def _write_whole(path: Path, content: bytes) -> None:
    """Make a file appear with all of its content, and stay there through a power cut."""
    fresh = path.with_suffix(".writing")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
