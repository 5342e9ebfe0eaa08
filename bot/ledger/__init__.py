"""The ledger: the only place with a database connection.

`Ledger.transaction()` gives a `Tx`; each noun has a module of functions over it (releases, changes, operations,
cards, …) that turn rows into the frozen values of bot.domain and back. Facts that happened go through `tx.record`,
jobs that follow from them through `tx.enqueue`; both are written by the same commit.

To add a table: schema.py, then an alembic revision in migrations/versions/; a test compares the two.
"""
