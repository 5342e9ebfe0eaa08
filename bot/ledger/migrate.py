"""Bringing a database to the version this program knows, and refusing one that is newer.

One advisory lock, so that several replicas may start at once and one of them migrates.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from bot.domain.errors import Refused

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('slipway.migrate'))")


def _config(connection: Connection) -> Config:
    spec = find_spec("migrations")
    if spec is None or spec.origin is None:
        raise Refused("The package `migrations` is not installed beside `bot`; install Slipway again.")
    config = Config()
    config.set_main_option("script_location", str(Path(spec.origin).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(_LOCK)
            yield connection
    except OperationalError as error:
        first = str(error.orig).strip().splitlines()[0]
        raise Refused(f"The database does not answer: {first}. Check DATABASE_URL.") from error
    finally:
        engine.dispose()


def upgrade(url: str) -> str:
    """Bring the database at a SQLAlchemy URL to the newest version; return it. A newer database is `Refused`."""
    with _connected(url) as connection:
        config = _config(connection)
        script = ScriptDirectory.from_config(config)
        check(connection, script)
        command.upgrade(config, "head")
        return str(script.get_current_head())


def downgrade(url: str, to: str) -> None:
    """Take the database back to an older version (`base` is empty)."""
    with _connected(url) as connection:
        command.downgrade(_config(connection), to)


def check(connection: Connection, script: ScriptDirectory) -> None:
    """Refuse a database of a version this program does not know."""
    known = {revision.revision for revision in script.walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    newer = [revision for revision in found if revision not in known]
    if newer:
        raise Refused(
            f"The database is of version {newer[0]}, and this Slipway knows only up to {script.get_current_head()}: "
            "it was used by a newer Slipway. Start that one; nothing was changed."
        )
