"""A bucket that is served as it lies, by a CDN or as a website: the release's files are also copied to the prefix.

That is no one step, so it is done in the order that hurts least: the pointer says first that copying has begun, then
come the files that pages lead to, then the pages, and the pointer says last that all is there. Who comes back after a
crash copies on. What pages of kept releases lead to stays, for browsers that still show one of those.
"""

from collections.abc import Mapping

from integrations._static_site.bucket import InBucket
from integrations._static_site.contents import size_in
from integrations._static_site.headers import is_page
from integrations._static_site.record import Pointer, Record


class Copied(InBucket):
    """Implements `integrations._static_site.place.Place` for ``serve: copies``."""

    def switch(self, record: Record, before: Pointer) -> None:
        """See `Place`."""
        resumed = before.record is not None and before.record.name == record.name
        tag = before.tag if resumed else self.point(record, before.tag, whole=False)
        paths = self.paths(record.release) or {}
        for pages in (False, True):
            self.each(lambda path: self._copy(record.release, path), [p for p in paths if is_page(p) is pages])
        others = self._paths_of(self.releases() - {record.release})
        self._delete({path for path in others if is_page(path)} - set(paths))
        self.point(record, tag)

    def damaged(self, release: str, paths: Mapping[str, str], *, serving: bool) -> list[str]:
        """See `Place`. What serves are the copies: whatever lies beside Slipway's own things."""
        if not serving:
            return super().damaged(release, paths, serving=False)
        there = self.beside_ours()
        return [path for path, listed in paths.items() if there.get(path) != size_in(listed)]

    def remove(self, release: str) -> None:
        """See `Place`."""
        gone = self._paths_of({release})
        super().remove(release)
        self._delete(gone - self._paths_of(self.releases()))

    def _copy(self, release: str, path: str) -> None:
        with self.answers():
            self.store.copy(self.release_path(release, path), path)

    def _paths_of(self, releases: set[str]) -> set[str]:
        return {path for release in releases for path in self.paths(release) or {}}

    def _delete(self, paths: set[str]) -> None:
        if paths:
            with self.answers():
                self.store.delete(sorted(paths))
