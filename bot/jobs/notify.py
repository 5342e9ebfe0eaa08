"""`notify`: tell one thing to one, of alerts that nobody is at; what cannot be done now is put back by the queue."""

from bot.jobs import JobKind
from bot.usecases import notifying

JOB = JobKind("notify", notifying.notify)
