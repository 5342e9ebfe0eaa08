"""Databases for tests: one server for the session, a migrated template, and a copy of it for every test that asks.

The server is the embedded one, or the one that SLIPWAY_TEST_DATABASE names (a SQLAlchemy or libpq address whose user
may create databases). Each process of pytest-xdist has an embedded server of its own, which forgets all if the machine
stops, and so never waits for the disk.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from bot.embedded import database
from bot.ledger.migrate import upgrade
from bot.ledger.queue import conninfo as libpq
from bot.postgres_settings import SETTINGS

FORGETFUL = {  # nothing waits for the disk
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "1GB",
}


@dataclass
class Databases:
    """Makes and drops databases on a server; names are unique even where several processes share the server."""

    url: str
    strategy: str = "wal_log"  # how a copy is made: "file_copy" is quicker where nothing waits for the disk
    _template: str = ""
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _server: "psycopg.Connection[tuple[object, ...]]" = field(init=False)

    def __post_init__(self) -> None:
        self._server = psycopg.connect(libpq(self.url), autocommit=True)
        self._template = self._make()
        upgrade(self._url(self._template))

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Give the address of a database of the newest version."""
        yield from self._for_a_while(self._template)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Give the address of a database with nothing in it."""
        yield from self._for_a_while("template0")

    def close(self) -> None:
        """Drop the template."""
        self._drop(self._template)
        self._server.close()

    def _for_a_while(self, template: str) -> Iterator[str]:
        name = self._make(template)
        try:
            yield self._url(name)
        finally:
            self._drop(name)

    def _make(self, template: str = "template0") -> str:
        name = f"slipway_test_{os.getpid()}_{next(self._numbers)}"
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}")
        self._run(words.format(*map(sql.Identifier, (name, template, self.strategy))))
        self._run(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
        return name

    def _drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, words: sql.Composed) -> None:
        self._server.execute(words)

    def _url(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    yours = os.environ.get("SLIPWAY_TEST_DATABASE", "")
    if yours:
        made = Databases(yours.replace("postgresql://", "postgresql+psycopg://", 1))
        yield made
        made.close()
        return
    with database(tmp_path_factory.mktemp("server"), settings=SETTINGS | FORGETFUL) as url:
        made = Databases(url, strategy="file_copy")
        yield made
        made.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """Give the address of a migrated database that is this test's alone."""
    with databases.migrated() as url:
        yield url


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """Give the address of an empty database that is this test's alone."""
    with databases.empty() as url:
        yield url
