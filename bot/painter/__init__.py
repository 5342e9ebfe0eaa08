"""The painter makes Slack match the ledger: it alone posts and edits, from ledger rows only.

To picture something new: a file in bot/painter/pictures/ with an async `picture(world, tx, card)` that reads rows and
calls a view, and ``PICTURE = Picture("subject kind", picture)``.
"""
