"""Where a site is published, as `publishing` sees it: a directory and a bucket have these verbs in common."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from integrations._static_site.record import Pointer, Record


class Place(Protocol):
    """A place for one site. Names of records sort in the order of asking."""

    making: Path
    """A folder on this machine to unpack into; it is anybody's who is `alone`, and holds nothing that counts."""

    def alone(self) -> AbstractContextManager[None]:
        """Be the only one of this machine who changes the place."""

    def pointer(self) -> Pointer:
        """Read what serves."""

    def names(self) -> list[str]:
        """Return the names of all records, sorted."""

    def read(self, name: str) -> Record | None:
        """Read a record."""

    def write(self, record: Record) -> None:
        """Write a record, or write it anew."""

    def forget(self, name: str) -> None:
        """Remove a record."""

    def releases(self) -> set[str]:
        """Return the names of all releases that lie there, whole or not."""

    def paths(self, release: str) -> Mapping[str, str] | None:
        """Return the paths of a release with their sums and sizes; None when it is not there, or not whole."""

    def damaged(self, release: str, paths: Mapping[str, str], *, serving: bool) -> list[str]:
        """Return the paths of a release whose files are gone, or not what was put there.

        `serving` looks at what visitors get, often and so at no more than sizes; else it is about what is kept.
        """

    def fill(self, release: str, folder: Path, paths: Mapping[str, str]) -> None:
        """Put a release's files there, and last of all the list of them."""

    def switch(self, record: Record, before: Pointer) -> None:
        """Let a record serve. `Retry` when it is no longer `before` that serves, as far as the place can tell."""

    def remove(self, release: str) -> None:
        """Remove a release's files, the list of them first."""
