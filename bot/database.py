"""The database that the settings mean: yours by DATABASE_URL, or the embedded one for as long as it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from bot import address
from bot.domain.errors import Refused
from bot.embedded import database, is_there
from bot.settings import Settings


@contextmanager
def with_database(settings: Settings, *, own: bool = False, make: bool = True) -> Iterator[Settings]:
    """Give the settings with a `database_url` that SQLAlchemy understands, and a server that answers there.

    Who only looks says `make=False`: where no embedded database is, none is made, and that is `Refused`.
    """
    if settings.database_url is not None:
        yield _with_url(settings, address.read(settings.database_url.get_secret_value()))
        return
    if not make and not is_there(settings.data):
        raise Refused(
            f"There is no ledger in {settings.data}: no Slipway was started there. SLIPWAY_DATA names another folder, "
            "DATABASE_URL a PostgreSQL of yours."
        )
    with database(settings.data, own=own) as url:
        yield _with_url(settings, url)


def _with_url(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"database_url": SecretStr(url)})


def url_of(settings: Settings) -> str:
    """Return the address in clear, for the one who connects."""
    if settings.database_url is None:
        raise RuntimeError("with_database() gives settings that have a database_url")
    return settings.database_url.get_secret_value()
