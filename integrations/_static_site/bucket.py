"""A site in an S3-compatible bucket: each release under a prefix of its own, and one object that says which serves.

The pointer is written on the condition that it is still the one that was read (If-Match, If-None-Match), so that of two
who publish at one moment one is told. Its user metadata names the release's prefix: a web server that asks for it gets
it in the header ``x-amz-meta-release``. integrations/_static_site/copies.py is the other way to serve a bucket.
"""

import contextlib
import fcntl
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from obstore.exceptions import AlreadyExistsError, NotFoundError, PreconditionError
from obstore.store import S3Store
from pydantic import TypeAdapter, ValidationError

from bot.domain.errors import GaveUp, Retry
from integrations._static_site.config import Bucket, Config
from integrations._static_site.contents import OURS, size_in
from integrations._static_site.headers import EACH_TIME, cache_control, content_type
from integrations._static_site.record import NAME, RECORD, Pointer, Record
from integrations._static_site.s3_words import answers, is_missing_key

if TYPE_CHECKING:
    from obstore import PutMode  # it is a name for types only

Item = TypeVar("Item")
_AT_ONCE = 16
_POINTER, _KEYS, _RELEASES = f"{OURS}/current.json", f"{OURS}/keys", f"{OURS}/releases"
_JSON = {"Content-Type": "application/json", "Cache-Control": EACH_TIME}


@dataclass(frozen=True, slots=True)
class _Said:
    """What the pointer says."""

    record: Record
    whole: bool = True


_SAID = TypeAdapter(_Said)


class InBucket:
    """Implements `integrations._static_site.place.Place` on a bucket. `room` is a folder of ours on this machine."""

    def __init__(self, store: S3Store, config: Config, bucket: Bucket, room: Path, stopping: threading.Event) -> None:
        self.store, self.bucket, self._config, self._stopping = store, bucket, config, stopping
        self._room, self.making = room, room / "making"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """See `Place`. Other machines are told apart by the conditions of the writes."""
        self._room.mkdir(parents=True, exist_ok=True)
        with (self._room / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def pointer(self) -> Pointer:
        """See `Place`."""
        found = self._get(_POINTER)
        if found is None:
            return Pointer()
        content, tag = found
        try:
            said = _SAID.validate_json(content)
        except ValidationError:
            return Pointer(tag=tag, foreign=f"{self.named(_POINTER)} is not what Slipway writes there")
        return Pointer(said.record, tag, said.whole)

    def names(self) -> list[str]:
        """See `Place`."""
        found = (Path(path).stem for path in self._listed(_KEYS))
        return sorted(name for name in found if NAME.fullmatch(name))

    def read(self, name: str) -> Record | None:
        """See `Place`."""
        found = self._get(f"{_KEYS}/{name}.json")
        try:
            return RECORD.validate_json(found[0]) if found else None
        except ValidationError as error:
            raise GaveUp(f"{self.named(_KEYS)}/{name}.json is damaged; remove it, and deploy again") from error

    def write(self, record: Record) -> None:
        """See `Place`."""
        with self.answers():
            self.store.put(f"{_KEYS}/{record.name}.json", RECORD.dump_json(record), attributes=dict(_JSON))

    def forget(self, name: str) -> None:
        """See `Place`."""
        with self.answers():
            self.store.delete(f"{_KEYS}/{name}.json")

    def releases(self) -> set[str]:
        """See `Place`."""
        with self.answers():
            found = self.store.list_with_delimiter(_RELEASES)
        folders = {prefix.rstrip("/").rpartition("/")[2] for prefix in found["common_prefixes"]}
        return folders | {Path(one["path"]).stem for one in found["objects"]}

    def paths(self, release: str) -> Mapping[str, str] | None:
        """See `Place`."""
        found = self._get(f"{_RELEASES}/{release}.json")
        try:
            return dict(json.loads(found[0])) if found else None
        except ValueError:
            return None

    def damaged(self, release: str, paths: Mapping[str, str], *, serving: bool) -> list[str]:  # noqa: ARG002 - one and the same here
        """See `Place`."""
        there = self._listed(f"{_RELEASES}/{release}")
        return [
            path for path, listed in paths.items() if there.get(self.release_path(release, path)) != size_in(listed)
        ]

    def fill(self, release: str, folder: Path, paths: Mapping[str, str]) -> None:
        """See `Place`. A release's name stands for its content, so what an earlier attempt put there is left alone."""
        there = self._listed(f"{_RELEASES}/{release}")

        def put(path: str) -> None:
            to = f"{_RELEASES}/{release}/{path}"
            if there.get(to) == (folder / path).stat().st_size:
                return
            headers = {"Content-Type": content_type(path), "Cache-Control": cache_control(path, self._config.cache)}
            with self.answers(), _nameable(path):
                self.store.put(to, folder / path, attributes=headers, max_concurrency=2)

        self.each(put, paths)
        with self.answers():
            self.store.put(f"{_RELEASES}/{release}.json", json.dumps(paths).encode(), attributes=dict(_JSON))

    def switch(self, record: Record, before: Pointer) -> None:
        """See `Place`."""
        self.point(record, before.tag)

    def point(self, record: Record, tag: str | None, *, whole: bool = True) -> str | None:
        """Write the pointer if it is still the one with the tag, or still none; return its new tag."""
        headers = {**_JSON, "release": quote(self.named(f"{_RELEASES}/{record.release}"))}
        content = _SAID.dump_json(_Said(record, whole))
        with self.answers():
            try:
                return self.store.put(_POINTER, content, attributes=headers, mode=self._mode(tag))["e_tag"]
            except (AlreadyExistsError, PreconditionError) as error:
                raise Retry(f"{self.named(_POINTER)} was changed by somebody else at this moment") from error

    def _mode(self, tag: str | None) -> "PutMode":
        if not self.bucket.conditional:
            return "overwrite"
        return "create" if tag is None else {"e_tag": tag}

    def remove(self, release: str) -> None:
        """See `Place`."""
        with self.answers():
            self.store.delete(f"{_RELEASES}/{release}.json")
            if found := list(self._listed(f"{_RELEASES}/{release}")):
                self.store.delete(found)

    def release_path(self, release: str, path: str) -> str:
        """Return where a release's file lies."""
        return f"{_RELEASES}/{release}/{path}"

    def named(self, path: str) -> str:
        """Return a path with the bucket's prefix."""
        return f"{self.bucket.prefix}/{path}" if self.bucket.prefix else path

    def answers(self) -> contextlib.AbstractContextManager[None]:
        """Let what the store refuses be told as a `Retry` or a `GaveUp` about this bucket."""
        return answers(f"the bucket {self.bucket.name}")

    def each(self, do: Callable[[Item], None], items: Iterable[Item]) -> None:
        """Do something with each, many at once; the first no ends it."""

        def unless_stopping(item: Item) -> None:
            if self._stopping.is_set():
                raise Retry("Slipway is being stopped")
            do(item)

        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            for _ in pool.map(unless_stopping, items):
                pass
        finally:
            pool.shutdown(cancel_futures=True)

    def _get(self, path: str) -> tuple[bytes, str | None] | None:
        with self.answers():
            try:
                found = self.store.get(path)
                return bytes(found.bytes()), found.meta["e_tag"]
            except (FileNotFoundError, NotFoundError) as error:
                if is_missing_key(error):
                    return None
                raise

    def beside_ours(self) -> dict[str, int]:
        """Return the objects with their sizes that are none of Slipway's own; those are passed over, not listed."""
        found: dict[str, int] = {}
        with self.answers():
            for some in self.store.list(chunk_size=1000):
                found |= {one["path"]: one["size"] for one in some if one["path"] < f"{OURS}/"}
                if some[-1]["path"] > f"{OURS}/":
                    break
            for some in self.store.list(offset=f"{OURS}0", chunk_size=1000):
                found |= {one["path"]: one["size"] for one in some}
        return found

    def _listed(self, prefix: str) -> dict[str, int]:
        """Return the objects under a prefix with their sizes."""
        with self.answers():
            return {one["path"]: one["size"] for some in self.store.list(prefix, chunk_size=1000) for one in some}


@contextlib.contextmanager
def _nameable(path: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise GaveUp(f"no object can be called “{path}”: {error}") from error
