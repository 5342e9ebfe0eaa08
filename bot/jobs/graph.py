"""Drawing a graph that is wanted; see `bot/usecases/graphing.py`."""

from bot.jobs import JobKind
from bot.usecases import graphing

JOB = JobKind("graph", graphing.draw)
