"""The address of a database as the variables that PostgreSQL's programs read: a password is never an argument."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote

from bot.domain.errors import GaveUp

FORM = "postgresql://user:password@host:5432/name"
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
    scheme, separated, rest = address.strip().partition("://")
    if not separated or scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise GaveUp(f"the secret {secret} is no address of a PostgreSQL: it is written {FORM}")
    place, _, query = rest.partition("?")
    authority, _, name = place.partition("/")
    who, _, where = authority.rpartition("@")
    user, _, password = who.partition(":")
    hosts = [_host(one) for one in where.split(",")] if where else []
    said = {
        "PGUSER": unquote(user),
        "PGPASSWORD": unquote(password),
        "PGDATABASE": unquote(name),
        "PGHOST": ",".join(host for host, _ in hosts),
        "PGPORT": ",".join(port for _, port in hosts) if any(port for _, port in hosts) else "",
    }
    return {name: value for name, value in said.items() if value} | dict(_parameters(query, secret))


def _host(written: str) -> tuple[str, str]:
    """Return a host and its port; an IPv6 address stands in brackets."""
    if written.startswith("["):
        host, _, port = written[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = written.partition(":")
    return unquote(host), port


def _parameters(query: str, secret: str) -> Iterator[tuple[str, str]]:
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in _KNOWN:
            yield _PARAMETERS.get(name, f"PG{name.replace('_', '').upper()}"), value
        elif name not in _OF_PRISMA:
            raise GaveUp(f"the secret {secret} has a parameter “{name}” that PostgreSQL's programs do not know")
