"""How a release is published, wherever: noted, checked, put there, switched to, and old ones removed, in this order.

Each part is found done when the whole is begun again under the same key, so that a crash costs no more than time.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.domain.errors import GaveUp, NeverBuilt, Retry
from bot.domain.observation import Finding, Observed
from bot.domain.target import Target
from bot.ports import Desired
from integrations._environment import minimal
from integrations._logs import last_lines
from integrations._process_host.artefact import NotUp, unpack
from integrations._static_site.config import Config
from integrations._static_site.contents import sums, unpacked
from integrations._static_site.place import Place
from integrations._static_site.record import (
    Pointer,
    Record,
    differences,
    mark,
    mark_of,
    number_of,
    observed,
    release_of,
    summary,
    told,
)

_MOST_RECORDS = 500
_LINES_SHOWN = 5
_FILES_NAMED = 3


def publish(place: Place, store: Path, config: Config, record: Record) -> None:
    """Publish a release under the record's key, unless that was done or refused before."""
    try:
        with place.alone():
            mine = _noted(place, record)
            before = _pointer(place)
            _not_anothers(mine, before.record)
            if not (mine.failed or before.serves(mine) or mine.number < before.number):
                _bring(place, store, config, mine, before)
    except NotUp as no:
        if isinstance(no.__cause__, OSError) and not isinstance(no.__cause__, FileNotFoundError):
            raise Retry(str(no)) from no
        raise GaveUp(str(no)) from no


def look(place: Place, key: str) -> Observed:
    """Say how far a key has come, and what serves."""
    return observed(_pointer(place), _record_of(place, key))


def _pointer(place: Place) -> Pointer:
    """Read what serves, and look whether its files are there."""
    pointer = place.pointer()
    if pointer.record is None or not pointer.whole:
        return pointer
    return replace(pointer, lacking=_lacking(place, pointer.record.release, serving=True))


def _lacking(place: Place, release: str, *, serving: bool) -> str:
    """Say which files of a release are not as they were put there, or nothing."""
    paths = place.paths(release)
    if paths is None:
        return "none of its files is there"
    gone = place.damaged(release, paths, serving=serving)
    named = ", ".join(gone[:_FILES_NAMED]) + (", …" if len(gone) > _FILES_NAMED else "")
    return f"{len(gone):,} of its {len(paths):,} files are gone or changed: {named}" if gone else ""


def preview(place: Place, store: Path, digest: str) -> list[str]:
    """Return the paths that would change."""
    live = place.pointer().record
    try:
        return told(differences(_served(place, live), sums(store, digest)))
    except NotUp as no:
        raise GaveUp(str(no)) from no


def examined(place: Place, directory: str | None) -> Finding:
    """Look whether a place can be published to, as far as looking tells."""
    foreign = place.pointer().foreign
    if foreign:
        return Finding(ok=False, words=foreign)
    if directory is None:
        return Finding(ok=True, words="the bucket answers")
    there = next(one for one in (Path(directory), *Path(directory).parents) if one.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding(ok=True, words=f"{directory} can be written to")
    return Finding(ok=False, words=f"{directory} cannot be written to: {there} does not let us")


def wish(target: Target, desired: Desired, config: Config, key: str) -> Record:
    """Return what is asked for, not numbered yet; a release with other headers is another release."""
    release = desired.release
    if release.digest is None:
        raise NeverBuilt(f"{release.service} {release.version} was never built, so there is nothing to publish")
    about = json.dumps([release.digest, config.cache if config.bucket else {}])
    name = hashlib.sha256(about.encode()).hexdigest()[:24]
    return Record(key, 0, str(target), release.digest, release.version, name)


def _noted(place: Place, record: Record) -> Record:
    """Return the key's record: the one that is there, or this one with the next number."""
    there = _record_of(place, record.key)
    if there is not None:
        return there
    number = 1 + max((number_of(name) for name in place.names()), default=0)
    noted = replace(record, number=number)
    place.write(noted)
    return noted


def _record_of(place: Place, key: str) -> Record | None:
    wanted = mark(key)
    name = next((name for name in place.names() if mark_of(name) == wanted), None)
    return place.read(name) if name else None


def _not_anothers(mine: Record, live: Record | None) -> None:
    if live is not None and live.target != mine.target:
        raise GaveUp(f"{live.target} is published there already: give {mine.target} a place of its own in the catalog")


def _bring(place: Place, store: Path, config: Config, record: Record, before: Pointer) -> None:
    """Put the release there, unless it is kept there, and let it serve; a failed check is written down instead.

    What is kept may have lost files since, or have others than those that were put there: then it is put there anew.
    """
    failed = _filled(place, store, config, record) if _lacking(place, record.release, serving=False) else ""
    if failed:
        place.write(replace(record, failed=failed))
        return
    paths = place.paths(record.release) or {}
    ready = replace(record, changed=summary(differences(_served(place, before.record), paths), len(paths)))
    place.write(ready)
    place.switch(ready, before)
    _tidy(place, ready, config.keep)


def _filled(place: Place, store: Path, config: Config, record: Record) -> str:
    """Unpack the release, check it and put it there; return why it may not go live, or nothing."""
    shutil.rmtree(place.making, ignore_errors=True)
    place.making.mkdir(parents=True)
    files = place.making / "files"
    try:
        paths = unpacked(store, record.digest, files)
        failed = _checked(config, store, record.digest, place.making / "checked")
        if not failed:
            place.fill(record.release, files, paths)
    finally:
        shutil.rmtree(place.making, ignore_errors=True)
    return failed


def _served(place: Place, live: Record | None) -> Mapping[str, str]:
    return (place.paths(live.release) if live else None) or {}


def _checked(config: Config, store: Path, digest: str, folder: Path) -> str:
    """Run the check in a folder of its own, where it may leave what it likes; return why it is no good, or nothing."""
    if not config.check:
        return ""
    unpack(store, digest, folder)
    log, within = folder.with_name("check.log"), config.check_within.total_seconds()
    with log.open("wb") as said:
        try:
            done = subprocess.run(  # noqa: S603 - the catalog's argv; no shell is involved
                config.check, cwd=folder, env=minimal(), stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                timeout=within, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"the check took longer than {within:g}s and was ended"
        except OSError as error:
            return f"the check cannot be run: {config.check[0]}: {error.strerror}"
    words = "".join(f"\n{line}" for line in last_lines(log, count=_LINES_SHOWN))
    return f"the check ended with exit code {done.returncode}{words}" if done.returncode else ""


def _tidy(place: Place, live: Record, keep: int) -> None:
    """Remove what is older than the releases that are kept, and what no record names any more."""
    names = place.names()
    there = place.releases()
    newest_first = dict.fromkeys(release_of(name) for name in reversed(names))
    kept = [live.release, *(name for name in newest_first if name in there and name != live.release)][:keep]
    for release in there - set(kept):
        place.remove(release)
    for name in names[:-_MOST_RECORDS]:
        place.forget(name)
