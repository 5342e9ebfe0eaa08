"""A database that cannot be used, as one sentence: who refuses what, named by the setting, and never with the password.

PostgreSQL and libpq say at the connect what is wrong in words only, so the words are read; what is not known is shown
as they said it. What goes wrong later than that is a bug, and is left to be seen as one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import InsufficientPrivilege
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.domain.errors import Refused
from bot.domain.masking import Mask
from bot.ledger.queue import conninfo

PATIENCE = 10  # seconds for a connection; the address may say otherwise (connect_timeout)

_REASONS = (
    (r'password authentication failed for user "([^"]*)"', "the user “{0}” or the password is wrong"),
    (r"no password supplied", "it asks for a password, and the address has none"),
    (r'database "([^"]*)" does not exist', "there is no database “{0}”; make it with: createdb {0}"),
    (r'role "([^"]*)" does not exist', "there is no user “{0}”"),
    (r"no pg_hba.conf entry", "it lets nobody in from here with these words (its pg_hba.conf says who may)"),
    (r"failed to resolve host|could not translate host name", "there is no host of that name"),
    (r"connection refused", "nobody listens there"),
    (r"no such file or directory", "there is no socket of PostgreSQL"),
    (r"timeout expired|timed out", f"no answer within {PATIENCE} seconds"),
    (r"invalid response to SSL negotiation", "what answers there is no PostgreSQL"),
    (r"server does not support SSL", "it speaks no TLS, and sslmode asks for it"),
    (r"(?:database system is|the database system is) (starting up|shutting down)", "it is {0}; try again in a moment"),
    (r"(permission denied for [a-z]+ \S+)", "{0}"),
)
_SAID = re.compile(r"(?:.*\bfailed: |.*connection is bad: )?(?:[A-Z]+: +)?(.*)")


def options(url: str) -> dict[str, int]:
    """Return how to connect, besides what the address says."""
    return {} if "connect_timeout" in conninfo_to_dict(conninfo(url)) else {"connect_timeout": PATIENCE}


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn a database that is not reached, or lets us do nothing, into `Refused` for the block."""
    try:
        yield
    except DBAPIError as error:
        if not isinstance(error, OperationalError) and not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise Refused(sentence(url, str(error.orig))) from error
    except psycopg.OperationalError as error:
        raise Refused(sentence(url, str(error))) from error


def sentence(url: str, said: str) -> str:
    """Say that a database cannot be used, and why."""
    password = conninfo_to_dict(conninfo(url)).get("password")
    mask = Mask([str(password)] if password else [])
    return mask(f"The database of DATABASE_URL, {place(url)}, cannot be used: {_reason(said)}.")


def place(url: str) -> str:
    """Name a database and where it is, as a person would: `“slipway” at db.example:5432`."""
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo(url)).items() if value is not None}
    name, host = parts.get("dbname") or parts.get("user") or "postgres", parts.get("host", "localhost")
    if host.startswith("/"):
        return f"“{name}” in {host}"
    return f"“{name}” at {f'[{host}]' if ':' in host else host}:{parts.get('port', '5432')}"


def _reason(said: str) -> str:
    for pattern, words in _REASONS:
        found = re.search(pattern, said, re.IGNORECASE)
        if found:
            return words.format(*found.groups())
    first = said.strip().splitlines()[0] if said.strip() else "it gave no reason"
    plain = _SAID.match(first)
    return (plain[1] if plain else first).rstrip(".")
