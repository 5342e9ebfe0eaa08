"""A place to listen at, taken before anything else is begun, so that a port in use leaves everything as it was."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil

from bot.domain.errors import Refused

Address = tuple[socket.AddressFamily, tuple[object, ...]]


@contextmanager
def bound(host: str, port: int, *, instead: str) -> Iterator[list[socket.socket]]:
    """Give sockets that listen at every address of a host; `Refused` says who has it, and what to say `instead`."""
    try:
        addresses = _addresses(host, port)
    except OSError as error:
        raise Refused(f"This machine has no address “{host}” to listen at; say {instead}.") from error
    with ExitStack() as stack:
        try:
            sockets = [stack.enter_context(_bind(address)) for address in addresses]
        except OSError as error:
            raise Refused(f"{_why(error, host, port)} say {instead}.") from error
        yield sockets


def _addresses(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return list(dict.fromkeys((family, place) for family, _, _, _, place in found))


def _bind(address: Address) -> socket.socket:
    """Bind one, and listen: only then is it ours alone. Who connects already waits until there is somebody to answer.

    TCP is said, although it is the only one: asyncio undoes Nagle's delay only for sockets that name it.
    """
    family, place = address
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(place)
        made.listen()
    except OSError:
        made.close()
        raise
    return made


def _why(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is in use{by(port)}; stop that, or"
        case errno.EACCES:
            return f"Port {port} is not for ordinary users;"
        case errno.EADDRNOTAVAIL:
            return f"This machine has no address “{host}” to listen at;"
        case _:
            return f"Port {port} at {host} cannot be listened at ({os.strerror(error.errno or 0)});"


def by(port: int) -> str:
    """Say who listens on a port, as far as this user may know: ` by python3 (process 12)`, or nothing."""
    try:
        holders = [c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr[1:2] == (port,)]
        return f" by {psutil.Process(holders[0]).name()} (process {holders[0]})" if holders and holders[0] else ""
    except psutil.Error:
        return ""
