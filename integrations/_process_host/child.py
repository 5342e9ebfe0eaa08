"""One process of a release: started in a session of its own with its output in a file, so that it outlives the host.

A host that is started again finds it by process id and time of creation. Such an adopted process can be ended and
watched like any other, but how it ends by itself is known only to the system.
"""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
from pathlib import Path

import psutil

from integrations._environment import minimal
from integrations._pauses import growing
from integrations._process_host.artefact import NotUp
from integrations._process_host.record import Process, Wish

MARK = "SLIPWAY_CHILD"  # in the environment of every child: whose it is, so that one that was not recorded is found
_LOOK = 0.05  # seconds at most between two looks at whether it still lives
_SAME_TIME = 1.0  # seconds that a time of creation may differ when the clock was set meanwhile
_PORTS = range(20_000, 30_000)  # below what systems hand out to outgoing connections


class Child:
    """A running process of a release. `popen` is None for one that was adopted."""

    def __init__(self, process: Process, popen: "subprocess.Popen[bytes] | None" = None) -> None:
        self.process = process
        self._popen = popen

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        if self._popen is not None:
            return self._popen.poll() is None
        return _is(self.process)

    @property
    def ending(self) -> str:
        """Say how it ended."""
        if self._popen is None:
            return "its exit code is unknown, because the process host was restarted meanwhile"
        code = self._popen.poll()
        if code is not None and code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def listens(self) -> bool:
        """Whether it, or a process of its group, has its port; where the system does not tell, it is believed."""
        try:
            own = psutil.Process(self.process.pid)
            family = [own, *own.children(recursive=True)]
            return any(_listens(one, self.process.port) for one in family)
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True

    async def gone(self) -> None:
        """Return when it no longer runs."""
        pauses = growing(longest=_LOOK)
        while self.alive:  # noqa: ASYNC110 - no event tells the end of a process that is not our child
            await asyncio.sleep(next(pauses))

    async def end(self, grace: float) -> None:
        """Ask it to end, wait up to the grace, and then end it and all of its group."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self.gone()
        self._signal(signal.SIGKILL)
        await self.gone()

    def _signal(self, number: signal.Signals) -> None:
        """Signal its whole group. An id that is somebody else's by now is left alone."""
        if self.alive or (self._popen is not None and number is signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


def spawn(wish: Wish, folder: Path, log: Path, generation: int, mark: str) -> Child:
    """Start the release in its folder on a free port; `NotUp` when the program cannot be run at all."""
    port = free_port()
    environment = minimal({"PYTHONUNBUFFERED": "1", **wish.environment})
    environment |= {"PORT": str(port), "SLIPWAY_VERSION": wish.version, "SLIPWAY_COMMIT": wish.commit, MARK: mark}
    try:
        with log.open("ab") as output:
            popen = subprocess.Popen(  # noqa: S603 - the catalog's argv, without a shell
                wish.run,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise NotUp(f"cannot run {wish.run[0]}: {error.strerror}") from error
    return Child(Process(popen.pid, _created(popen.pid), port, generation), popen)


def adopt(process: Process) -> Child | None:
    """Take over a process that an earlier host started, if it still runs."""
    return Child(process) if _is(process) else None


def unrecorded(mark: str, known: set[int]) -> list[Process]:
    """Find processes of this data folder that no record knows: the host was killed between start and record."""
    found = []
    for one in psutil.process_iter(["pid"]):
        with contextlib.suppress(psutil.Error):
            if (
                one.pid not in known
                and one.environ().get(MARK, "").startswith(f"{mark}:")
                and os.getpgid(one.pid) == one.pid
            ):
                found.append(Process(one.pid, one.create_time(), 0, 0))
    return found


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    for port in random.sample(_PORTS, 200):
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port
    raise NotUp(f"no port is free between {_PORTS.start} and {_PORTS.stop}")


def holder(port: int) -> str:
    """Say who listens on a port, as far as the system tells."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,)
            if listens and connection.pid:
                if connection.pid == os.getpid():
                    return "another target of this Slipway"
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another program"


def _listens(process: psutil.Process, port: int) -> bool:
    sockets = process.net_connections("tcp")
    return any(one.status == psutil.CONN_LISTEN and one.laddr[1:2] == (port,) for one in sockets)


def _created(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0  # it ended at once; there is nothing to find again


def _is(process: Process) -> bool:
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.created) <= _SAME_TIME
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
