"""Figures against a yardstick measured in the same run: `make bench` prints one table and says what is missed.

Absolute times say more about a machine than about a program, so each bound is a ratio between two things that were
measured in turns, round after round, by one load generator in a process of its own.

    acks        a slash command's answer, against Bolt's own
    approvals   from the click to the first call of a backend, against the queue's own start of a job
    reading     /status and /releases over a million operations, against a thousand
    standing    memory at rest and cold start, against the bare libraries
    swaps       a release takes over from another, against the same by hand; and what is lost under a constant load
    many        fifty operations at once: whether all end well, and memory against the same bot at rest
    logs        a step prints 200 MB: what memory grows by, against 20 MB
"""
