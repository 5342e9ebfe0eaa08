"""`slipway up`: everything on one machine: database, local Slack, bot, sample services; for a newcomer's first minute.

This process holds the data folder's lock, the database (see embedded.py) and the local Slack; the bot is its child, so
that the page stays up while the bot is killed and started again. The order of starting is the order of the blocks, and
stopping is the same backwards: bot drained, local Slack, sample services, database.

Standard error tells what goes on; standard output has one line, `ready http://127.0.0.1:PORT`, when all of it answers.
If this process itself is killed, the local Slack is gone with it, the bot sees its standard input end and stops, and
the database is taken over by the next start.
"""

from .running import up

__all__ = ["up"]
