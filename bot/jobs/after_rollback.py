"""`after_rollback`: open an incident report about a change that took something back, where the catalog wants one."""

from bot.jobs import JobKind
from bot.usecases import reporting

JOB = JobKind("after_rollback", reporting.after_rollback)
