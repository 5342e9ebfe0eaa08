"""The database's versions. `slipway db upgrade` brings a database to the newest.

To change the schema: edit bot/ledger/schema.py, then write versions/NNNN_what.py with `upgrade` and `downgrade`;
a test goes up, compares with the models, goes down and up again. The queue's own tables (procrastinate) are made
by the first revision; a release of procrastinate with migrations gets revisions here, in its pre/post pairs.
"""
