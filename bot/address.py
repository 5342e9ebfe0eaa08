"""`DATABASE_URL`, looked at before anybody connects: what is wrong with it is said, and what is in it is not.

Two libraries read the address, SQLAlchemy (the ledger) and libpq (the queue), and they part where a password has a
character that means something in addresses. What the two would read differently is refused, so that nobody connects to
a host that is half a password.
"""

import re

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.catalog.nearest import did_you_mean
from bot.domain.errors import Refused

FORM = "postgresql://user:password@host:5432/name"
DRIVER = "postgresql+psycopg://"
_LIBPQ = "postgresql://"
_KINDS = ("postgresql", "postgres")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_PARAMETER = re.compile(r'invalid URI query parameter: "(\w+)"')
_HIGHEST_PORT = 65535
_UNREADABLE = (
    "DATABASE_URL cannot be read without doubt; in the user name and the password, "
    "@ is written %40, / is %2F, : is %3A, ? is %3F and % is %25."
)


def read(written: str) -> str:
    """Return the address as SQLAlchemy wants it; `Refused` says what is wrong with it, without any part of it."""
    scheme, separated, rest = written.strip().partition("://")
    if not separated or not _SCHEME.fullmatch(scheme):
        raise Refused(f"DATABASE_URL is not an address; it is written {FORM}.")
    _check_kind(scheme.lower())
    _check_characters(rest)
    _compare(_by_sqlalchemy(DRIVER + rest), _by_libpq(_LIBPQ + rest))
    return DRIVER + rest


def _check_kind(scheme: str) -> None:
    kind, _, driver = scheme.partition("+")
    if kind in _KINDS and driver in {"", "psycopg"}:
        return
    if kind in _KINDS:
        raise Refused(f"DATABASE_URL names the driver “{driver}”; leave it out: {FORM}.")
    near = did_you_mean(kind, _KINDS) or f"Slipway needs PostgreSQL: {FORM}."
    raise Refused(f"DATABASE_URL is an address of “{kind}”; {near}")


def _check_characters(rest: str) -> None:
    """Refuse an @ anywhere but before the host: it is part of a password that was not written as it must be."""
    before = re.split(r"[/?]", rest, maxsplit=1)[0]
    if rest.count("@") > min(before.count("@"), 1):
        raise Refused(_UNREADABLE)


def _by_sqlalchemy(address: str) -> URL:
    try:
        return make_url(address)
    except (ArgumentError, ValueError):
        raise Refused(_unfit_port(address) or _UNREADABLE) from None  # the error would show the address


def _by_libpq(address: str) -> dict[str, str]:
    try:
        read = {name: str(value) for name, value in conninfo_to_dict(address).items() if value is not None}
    except psycopg.ProgrammingError as error:
        raise Refused(_unknown_parameter(str(error)) or _UNREADABLE) from None
    if not all(_is_port(port) for port in read.get("port", "").split(",")):
        raise Refused(_BAD_PORT)
    return read


_BAD_PORT = f"DATABASE_URL has a port that is no number from 1 to {_HIGHEST_PORT}; it is written {FORM}."


def _unfit_port(address: str) -> str | None:
    """Say that the port is wrong, where libpq reads the address, but with a port that is none."""
    try:
        port = str(conninfo_to_dict(address.replace(DRIVER, _LIBPQ, 1)).get("port", ""))
    except psycopg.ProgrammingError:
        return None
    return None if _is_port(port) else _BAD_PORT


def _is_port(written: str) -> bool:
    return not written or (written.isascii() and written.isdecimal() and 0 < int(written) <= _HIGHEST_PORT)


def _unknown_parameter(said: str) -> str | None:
    found = _PARAMETER.search(said)
    if found is None:
        return None
    known = [option.keyword.decode() for option in pq.Conninfo.get_defaults()]
    near = did_you_mean(found[1], known) or "PostgreSQL's page on connection strings lists them."
    return f"DATABASE_URL has a parameter “{found[1]}” that PostgreSQL does not know; {near}"


def _compare(one: URL, other: dict[str, str]) -> None:
    """Refuse an address that the two read differently."""
    pairs = ((one.username, "user"), (one.password, "password"), (one.database, "dbname"), (one.host, "host"))
    if any(value not in (None, other.get(name)) for value, name in pairs):
        raise Refused(_UNREADABLE)
