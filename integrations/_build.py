"""Builds one artefact, or one image, out of one commit: a program of its own, so that a build outlives the bot.

Standard library only and run by its path, so that it depends on nothing but an interpreter, git and, for an image,
the docker program. An artefact is a tar with sorted names, no times and no owners, stored under its own SHA-256: the
same content is the same file, on every machine. An image is known by its id, or when it was pushed by the digest that
its registry gave it. The digest goes to the file that ``SLIPWAY_RESULT`` names.
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
            digest = _image(wanted, source, Path(folder) / "id") if wanted.image else _artefact(wanted, source)
    except BuildError as failed:
        _say(str(failed))
        return failed.code
    _report(digest)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="build", description="Build the artefact of a commit.")
    for name in ("repository", "commit"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--path", default=".")
    parser.add_argument("--store", help="where an artefact is kept")
    parser.add_argument("--output", default="dist")
    parser.add_argument("run", nargs="*", help="the build program of an artefact and its arguments, after --")
    parser.add_argument("--image", help="the repository of an image, which is made instead")
    parser.add_argument("--dockerfile", default="Dockerfile")
    parser.add_argument("--argument", action="append", default=[], help="a build argument of an image, NAME=VALUE")
    parser.add_argument("--push", action="store_true", help="push the image")
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


def _artefact(wanted: argparse.Namespace, source: Path) -> str:
    """Run the build program, and keep what it leaves."""
    _run(wanted.run, source)
    return _store(source / wanted.output, wanted.output, Path(wanted.store))


def _image(wanted: argparse.Namespace, source: Path, noted: Path) -> str:
    """Build the image and return its digest. Its tag keeps it: what has none, a cleaning takes for left over."""
    tag = f"{wanted.image}:{wanted.commit[:12]}"
    arguments = [word for argument in wanted.argument for word in ("--build-arg", argument)]
    where = ["--file", wanted.dockerfile, "--iidfile", str(noted), "--tag", tag]
    _run(["docker", "build", *where, *arguments, "."], source)
    if not wanted.push:
        return noted.read_text(encoding="utf-8").strip().removeprefix("sha256:")
    _run(["docker", "push", tag], source)
    digests = _asked(["docker", "image", "inspect", "--format", '{{join .RepoDigests "\\n"}}', tag]).splitlines()
    pushed = [digest for name, _, digest in (one.partition("@sha256:") for one in digests) if name == wanted.image]
    if not pushed:
        raise BuildError(f"{tag} was pushed, and the engine does not say which digest the registry gave it", _NO_OUTPUT)
    return pushed[0]


def _asked(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603 - argv of ours
    if done.returncode != 0:
        raise BuildError(f"{' '.join(command[:3])} failed: {done.stderr.strip()}", done.returncode)
    return done.stdout


def _run(command: list[str], folder: Path) -> None:
    _say(f"running {' '.join(command)}")
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
