"""What happens by the calendar: one file = one thing.

To add one: a file with an async `run(world)` that calls a use case, and ``SCHEDULE = Schedule(name, trigger, run)``.
Every replica ticks. Housekeeping that is safe to do twice at once is done by each of them; what one alone should do
(`alone`) takes its due time in the ledger first, so that however many tick, one acts.
"""
