"""Bringing a database to the version this program knows, and refusing one that is newer, or holds something else.

One advisory lock, so that several replicas may start at once and one of them migrates. Who only reads asks `require`,
which changes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from bot.domain.errors import Refused
from bot.ledger.reach import options, place, reaching
from bot.ledger.schema import metadata

_ALWAYS = {"events", "chain_head"}  # by these a ledger is known, whatever else its version has
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
    engine = create_engine(url, poolclass=NullPool, connect_args=options(url))
    try:
        with reaching(url), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    with _connected(url) as connection:
        connection.execute(_LOCK)
        yield connection


def upgrade(url: str) -> str:
    """Bring the database at a SQLAlchemy URL to the newest version; return it. A newer database is `Refused`."""
    with _alone(url) as connection:
        config = _config(connection)
        script = ScriptDirectory.from_config(config)
        check(connection, script, place(url))
        command.upgrade(config, "head")
        return str(script.get_current_head())


def downgrade(url: str, to: str) -> None:
    """Take the database back to an older version (`base` is empty)."""
    with _alone(url) as connection:
        command.downgrade(_config(connection), to)


def require(url: str) -> None:
    """Refuse a database that holds no ledger of this version; nothing is changed."""
    with _connected(url) as connection:
        script = ScriptDirectory.from_config(_config(connection))
        check(connection, script, place(url))
        found = MigrationContext.configure(connection).get_current_heads()
        if not found:
            raise Refused(f"There is no ledger in the database {place(url)}; “slipway db upgrade” makes one.")
        if found != (script.get_current_head(),):
            raise Refused(
                f"The database {place(url)} is of version {found[0]}, and this Slipway reads "
                f"{script.get_current_head()}; “slipway db upgrade” brings it there."
            )
        gone = sorted(set(metadata.tables) - _tables(connection))
        if gone:
            raise Refused(f"The ledger in the database {place(url)} is not whole: its table “{gone[0]}” is gone.")


def check(connection: Connection, script: ScriptDirectory, where: str) -> None:
    """Refuse a database of a version this program does not know, and one that holds something else."""
    known = {revision.revision for revision in script.walk_revisions()}
    found = MigrationContext.configure(connection).get_current_heads()
    unknown = [revision for revision in found if revision not in known]
    here = _tables(connection)
    if unknown and here >= _ALWAYS:
        raise Refused(
            f"The database is of version {unknown[0]}, and this Slipway knows only up to {script.get_current_head()}: "
            "it was used by a newer Slipway. Start that one; nothing was changed."
        )
    if unknown or (here & set(metadata.tables) and not found):
        raise Refused(
            f"The database {where} holds something else than a ledger; Slipway needs one of its own. "
            "Nothing was changed: name another in DATABASE_URL."
        )


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())
