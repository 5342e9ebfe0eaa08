"""`cause`: look which operation touched what an alert group is about, shortly before it began."""

from bot.jobs import JobKind
from bot.usecases import causing

JOB = JobKind("cause", causing.find)
