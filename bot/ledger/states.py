"""States in statements: written out, so that PostgreSQL may use the partial index that is there for them.

psycopg prepares what is said often, and PostgreSQL may keep one plan for all values. That plan knows no parameter's
value, so it cannot know that a partial index holds every row it looks for, and reads the whole table instead: 50 to
230 ms over a million operations, where the index takes less than one.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, literal_column


def written_out(states: Iterable[str]) -> list[ColumnElement[str]]:
    """Return states for an `in_` that stand in the statement itself; they are words of ours, with nothing to quote."""
    return [literal_column(f"'{state}'") for state in sorted(map(str, states))]
