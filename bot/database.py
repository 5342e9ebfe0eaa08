"""The database that the settings mean: yours by DATABASE_URL, or the embedded one for as long as it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from bot.embedded import database
from bot.settings import Settings

_DRIVER = "postgresql+psycopg://"
_OTHER_NAMES = ("postgresql://", "postgres://")


@contextmanager
def with_database(settings: Settings, *, own: bool = False) -> Iterator[Settings]:
    """Give the settings with a `database_url` that SQLAlchemy understands, and a server that answers there."""
    if settings.database_url is not None:
        yield _with_url(settings, settings.database_url.get_secret_value())
        return
    with database(settings.data, own=own) as url:
        yield _with_url(settings, url)


def _with_url(settings: Settings, url: str) -> Settings:
    for name in _OTHER_NAMES:
        if url.startswith(name):
            url = _DRIVER + url.removeprefix(name)
    return settings.model_copy(update={"database_url": SecretStr(url)})


def url_of(settings: Settings) -> str:
    """Return the address in clear, for the one who connects."""
    if settings.database_url is None:
        raise RuntimeError("with_database() gives settings that have a database_url")
    return settings.database_url.get_secret_value()
