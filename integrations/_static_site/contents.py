"""What an artefact holds, looked at before it is put anywhere: plain files under plain names, or it is refused."""

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from integrations._process_host.artefact import NotUp, unpack

OURS = ".slipway"
_EXECUTABLE = 0o100
_PIECE = 1024 * 1024


def unpacked(store: Path, digest: str, into: Path) -> dict[str, str]:
    """Unpack an artefact that is a site; return its paths as `sums` does. `NotUp` says what is wrong with it."""
    found = sums(store, digest)
    unpack(store, digest, into)
    _make_readable(into)
    return found


def sums(store: Path, digest: str) -> dict[str, str]:
    """Return the paths in an artefact with their sums and sizes, without unpacking it."""
    packed = store / f"{digest.removeprefix('sha256:')}.tar"
    try:
        with tarfile.open(packed) as archive:
            return dict(_files(archive))
    except FileNotFoundError as error:
        raise NotUp(f"the artefact {digest[:19]}… is not in {store}; build it again") from error
    except tarfile.TarError as error:
        raise NotUp(f"the artefact {digest[:19]}… cannot be read: {error}") from error


def _files(archive: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    for member in archive:
        path = _path(member)
        content = archive.extractfile(member) if member.isfile() else None
        if content is not None:
            with content:
                yield path, entry(content)


def entry(content: IO[bytes]) -> str:
    """Return what a list of paths says of a file: its sum and its size."""
    found, size = hashlib.sha256(), 0
    while piece := content.read(_PIECE):
        found.update(piece)
        size += len(piece)
    return f"{found.hexdigest()} {size}"


def size_in(listed: str) -> int:
    """Return the size in what a list says of a file."""
    return int(listed.partition(" ")[2])


def _path(member: tarfile.TarInfo) -> str:
    """Return a member's path in the site, or refuse it."""
    name, path = member.name, PurePosixPath(member.name)
    if member.issym() or member.islnk():
        raise NotUp(f"the artefact holds a link, {_shown(name)} → {_shown(member.linkname)}: a site is of plain files")
    if not (member.isfile() or member.isdir()):
        raise NotUp(f"the artefact holds {_shown(name)}, which is neither a file nor a folder")
    if path.is_absolute() or ".." in path.parts:
        raise NotUp(f"the artefact holds {_shown(name)}, which leads out of the site")
    if _shown(name) != name:
        raise NotUp(f"the artefact holds {_shown(name)}: no address leads to a name with such characters")
    if path.parts[:1] == (OURS,):
        raise NotUp(f"the artefact holds {_shown(name)}: {OURS} is where Slipway keeps its own things")
    return str(path)


def _shown(name: str) -> str:
    """Return a name as it can be shown: what is not UTF-8, or moves the cursor, is written out."""
    plain = "".join(letter if letter >= " " and letter != "\x7f" else repr(letter)[1:-1] for letter in name)
    return plain.encode(errors="backslashreplace").decode()


def _make_readable(folder: Path) -> None:
    """Let the web server's user read everything, whatever the build's umask was."""
    folder.chmod(0o755)
    for found in folder.rglob("*"):
        open_to_all = found.is_dir() or found.stat().st_mode & _EXECUTABLE
        found.chmod(0o755 if open_to_all else 0o644)
