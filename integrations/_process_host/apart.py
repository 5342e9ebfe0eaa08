"""Becoming the one host of a data folder, apart from whoever started it; or finding that there is one, and ending."""

import argparse
import asyncio
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from integrations._process_host.address import home
from integrations._process_host.control import Host, Slots, listening


def become(name: str, slots: Callable[[Path], Slots]) -> int:
    """Do what the command line says, with what the host is to hold, and return the exit code."""
    parser = argparse.ArgumentParser(prog=name)
    parser.add_argument("--data", type=Path, required=True)
    data: Path = parser.parse_args().data.absolute()
    home(data).mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(home(data) / "host.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Taken before the fork, which shares it: whoever started us sees it held as soon as we return.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    if os.fork():
        return 0
    os.setsid()
    _let_go_of_caller(home(data) / "host.log")
    asyncio.run(_serve(data, slots(data)))
    return 0  # the lock goes with the process: what its threads are still doing is done under it


def _let_go_of_caller(log: Path) -> None:
    """Say what there is to say into a file, and keep no stream and no folder of the caller's."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream, to in ((0, nowhere), (1, written), (2, written)):
        os.dup2(to, stream)
    os.chdir("/")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)


async def _serve(data: Path, slots: Slots) -> None:
    host = Host(data, slots)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, host.over.set)
    async with listening(host, data):
        host.resume()
        tidying = asyncio.create_task(host.tidy())
        await host.over.wait()
        tidying.cancel()
        await host.stop()
