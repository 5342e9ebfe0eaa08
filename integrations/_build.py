"""Builds one artefact out of one commit: a program of its own, run by a `Runner`, so that a build outlives the bot.

Standard library only and run by its path, so that it depends on nothing but an interpreter and git. The artefact is
a tar with sorted names, no times and no owners, stored under its own SHA-256: the same content is the same file, on
every machine. The digest goes to the file that ``SLIPWAY_RESULT`` names.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import IO

_NO_OUTPUT = 65  # EX_DATAERR of sysexits.h
_NOT_FOUND = 127
_SIGNALLED = 128
_CHUNK = 1 << 20


class BuildError(Exception):
    """The build cannot go on; the sentence is for the log, the code is how the program ends."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def main() -> int:
    """Do what the command line says and return the exit code."""
    wanted = _arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="build-", dir=Path.cwd()) as folder:
            source = Path(folder) / "source"
            _say(f"checking out {wanted.commit[:7]} ({wanted.path})")
            _check_out(wanted.repository, wanted.commit, wanted.path, source)
            _say(f"running {' '.join(wanted.run)}")
            _run(wanted.run, source)
            digest = _store(source / wanted.output, wanted.output, Path(wanted.store))
    except BuildError as failed:
        _say(str(failed))
        return failed.code
    _report(digest)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="build", description="Build the artefact of a commit.")
    for name in ("repository", "commit", "store"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--path", default=".")
    parser.add_argument("--output", default="dist")
    parser.add_argument("run", nargs="+", help="the build program and its arguments, after --")
    return parser.parse_args()


def _say(sentence: str) -> None:
    sys.stdout.write(f"[build] {sentence}\n")
    sys.stdout.flush()


def _check_out(repository: str, commit: str, path: str, into: Path) -> None:
    """Unpack the commit's folder; the repository itself is only read."""
    into.mkdir()
    named = f"{commit}:{'' if path == '.' else path}"
    command = ["git", "-C", repository, "archive", "--format=tar", named]
    with tempfile.TemporaryFile() as packed:
        done = subprocess.run(command, stdout=packed, stderr=subprocess.PIPE, check=False)  # noqa: S603 - argv of ours
        if done.returncode != 0:
            words = done.stderr.decode(errors="replace").strip()
            raise BuildError(f"git could not check out {named}: {words}", done.returncode)
        packed.seek(0)
        with tarfile.open(fileobj=packed) as archive:
            archive.extractall(into, filter="data")


def _run(command: list[str], folder: Path) -> None:
    try:
        code = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - the catalog's argv
    except OSError as error:
        raise BuildError(f"cannot run {command[0]}: {error.strerror}", _NOT_FOUND) from error
    if code != 0:
        raise BuildError(f"{' '.join(command)} failed with exit code {code}", code if code > 0 else _SIGNALLED - code)


def _store(output: Path, name: str, store: Path) -> str:
    """Pack the output folder, put it in the store under its SHA-256, and return that."""
    if not output.is_dir() or not any(output.iterdir()):
        raise BuildError(f"the build left nothing in {name}/", _NO_OUTPUT)
    store.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=store, prefix=".packing-")
    try:
        with os.fdopen(handle, "w+b") as packed:
            _pack(output, packed)
            digest = _digest(packed)
        Path(temporary).chmod(0o444)
        Path(temporary).replace(store / f"{digest}.tar")
    finally:
        Path(temporary).unlink(missing_ok=True)
    _sync_folder(store)
    return digest


def _pack(folder: Path, into: IO[bytes]) -> None:
    """Write a tar that depends on nothing but names, contents, links and who may execute."""
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*"), key=lambda found: found.relative_to(folder).as_posix()):
            entry = archive.gettarinfo(path, path.relative_to(folder).as_posix())
            if not (entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()):
                raise BuildError(f"{entry.name} is neither file, folder nor link", _NO_OUTPUT)
            _forget_circumstances(entry)
            if entry.isreg():
                with path.open("rb") as content:
                    archive.addfile(entry, content)
            else:
                archive.addfile(entry)
    into.flush()


def _forget_circumstances(entry: tarfile.TarInfo) -> None:
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    executable = entry.isdir() or entry.issym() or entry.mode & 0o100
    entry.mode = 0o755 if executable else 0o644


def _digest(packed: IO[bytes]) -> str:
    os.fsync(packed.fileno())
    packed.seek(0)
    counted = hashlib.sha256()
    while piece := packed.read(_CHUNK):
        counted.update(piece)
    return counted.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _report(digest: str) -> None:
    _say(f"artefact sha256:{digest}")
    result = os.environ.get("SLIPWAY_RESULT")
    if result:
        with Path(result).open("a", encoding="utf-8") as lines:
            lines.write(f"digest=sha256:{digest}\n")


if __name__ == "__main__":
    sys.exit(main())
