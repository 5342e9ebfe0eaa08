"""Statements that are said often: written with SQLAlchemy, compiled once, and said on psycopg's own connection.

What the engine says at every move is the same some twenty statements with other values. Through SQLAlchemy's own
`execute` each takes more time in Python than in PostgreSQL and on the way there; compiled once it takes less than half.
The transaction is the same, and so is the table's definition that the statement is checked against.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import DictRow, dict_row
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Row = Mapping[str, Any]
_DIALECT = dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


class Statement:
    """A statement with named places (`bindparam`) for its values. Lists are given to ``== any_(bindparam(…))``."""

    def __init__(self, query: Executable) -> None:
        self._query = query

    @cached_property
    def _text(self) -> tuple[bytes, Row]:
        """The SQL, and the values that stand in it already."""
        assert isinstance(self._query, ClauseElement)  # noqa: S101 - every statement of SQLAlchemy's is one
        compiled = self._query.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what is no statement of data has no place here
        return str(compiled).encode(), {name: one.value for name, one in compiled.binds.items() if not one.required}

    def said(self, values: Row) -> tuple[bytes, Row]:
        """Return it as SQL, with these values and those that stand in it."""
        text, given = self._text
        return text, {**given, **values}

    async def say(self, connection: AsyncConnection, values: Row) -> AsyncCursor[DictRow]:
        """Say it; its rows, as dictionaries, are fetched from what is returned."""
        cursor = connection.cursor(row_factory=dict_row)
        return await cursor.execute(*self.said(values))


Said = tuple[Statement, Row]  # a statement with its values


class Reads(Protocol):
    """Where statements that only read may be said: within a transaction, or each by itself."""

    async def rows(self, statement: Statement, **values: object) -> Sequence[Row]:
        """Say a statement with these values, and return the rows it gives."""

    async def row(self, statement: Statement, **values: object) -> Row | None:
        """Say a statement with these values, and return the first row, or None."""
