"""The address of a database as the variables that PostgreSQL's programs read: a password is never an argument.

What is refused is not shown, not even in part: whoever writes an address wrongly may have written the password there.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from urllib.parse import parse_qsl, unquote

from bot.domain.errors import GaveUp

FORM = "postgresql://user:password@host:5432/name"
PATIENCE = 10  # seconds for a server to take a connection and ask who we are
_HIGHEST_PORT = 65535
_PARAMETERS = {  # of libpq, whose variables are not just PG and the word itself
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
    "dbname": "PGDATABASE",
}
_KNOWN = (
    *("host", "hostaddr", "port", "user", "password", "passfile", "service", "options", "sslmode", "sslnegotiation"),
    *("sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "sslsni", "ssl_min_protocol_version", "gssencmode"),
    *("ssl_max_protocol_version", "channel_binding", "require_auth", "requirepeer", "krbsrvname", "gsslib"),
    *("client_encoding", "target_session_attrs", "load_balance_hosts", *_PARAMETERS),
)
_OF_PRISMA = {  # they say how Prisma connects, and mean nothing to PostgreSQL
    *("schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout", "statement_cache_size"),
    *("sslaccept", "sslidentity", "sslpassword"),
}


def variables(address: str, *, secret: str) -> dict[str, str]:
    """Return the variables for an address; `GaveUp` names the secret it is in, and nothing of the address itself."""
    try:
        found = _variables(address.strip())
    except ValueError as error:
        raise GaveUp(f"the secret {secret} {error}") from None  # whose traceback would show the address
    patience = found.get("PGCONNECT_TIMEOUT", "")
    return found | {"PGCONNECT_TIMEOUT": patience if patience.strip("0") else str(PATIENCE)}  # 0 would be for ever


def _variables(address: str) -> dict[str, str]:
    """Return them as they are written; `ValueError` says what is wrong, and nothing of the address."""
    scheme, separated, rest = address.partition("://")
    if not separated or scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError(f"is no address of a PostgreSQL: it is written {FORM}")
    authority = re.split("[/?]", rest, maxsplit=1)[0]
    if "@" in rest[len(authority) :]:
        raise ValueError(
            "has an “@” after a “/” or a “?”, so where the password ends cannot be told: within a part of the address "
            "write “/” as %2F, “?” as %3F and “@” as %40"
        )
    place, _, query = rest.partition("?")
    who, _, where = authority.rpartition("@")
    user, _, password = who.partition(":")
    hosts = [_host(one) for one in where.split(",")] if where else []
    said = {
        "PGUSER": unquote(user),
        "PGPASSWORD": unquote(password),
        "PGDATABASE": unquote(place.partition("/")[2]),
        "PGHOST": ",".join(host for host, _ in hosts),
        "PGPORT": ",".join(port for _, port in hosts) if any(port for _, port in hosts) else "",
    }
    return _checked({name: value for name, value in said.items() if value} | dict(_parameters(query)))


def _host(written: str) -> tuple[str, str]:
    """Return a host and its port; an IPv6 address stands in brackets."""
    if not written.startswith("["):
        host, _, port = written.partition(":")
        return unquote(host), port
    host, closed, after = written[1:].partition("]")
    if not closed or (after and not after.startswith(":")):
        raise ValueError("has a host that begins with “[” and does not end with “]”, or “]:port”")
    return host, after.removeprefix(":")


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    for place, (name, value) in enumerate(parse_qsl(query, keep_blank_values=True), 1):
        if name in _KNOWN:
            yield _PARAMETERS.get(name, f"PG{name.replace('_', '').upper()}"), value
        elif name not in _OF_PRISMA:
            near = get_close_matches(name, _KNOWN, 1, 0.8)
            meant = f"; is “{near[0]}” meant?" if near else ""
            raise ValueError(f"has a parameter (number {place}) that PostgreSQL's programs do not know{meant}")


def _checked(found: dict[str, str]) -> dict[str, str]:
    """Return the variables when they can be meant."""
    for port in found.get("PGPORT", "").split(","):
        if port and not (_is_number(port) and 0 < int(port) <= _HIGHEST_PORT):
            raise ValueError("has a port that is no number: a “:” within the password is written %3A, a “/” %2F")
    patience = found.get("PGCONNECT_TIMEOUT", "")
    if patience and not _is_number(patience):
        raise ValueError("has a connect_timeout that is no number of seconds")
    if any("\0" in value for value in found.values()):
        raise ValueError("has a %00 in it, which no part of an address can have")
    if "PGSERVICE" in found and found.keys() & {"PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER"}:
        raise ValueError("names a service and, beside it, a place of its own; which of them counts cannot be told")
    return found


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdecimal()
