"""The engine makes the world match the ledger: jobs that move changes, operations and cards along.

A job reads its subject, decides purely what is next, does that one thing, and records it; it may be killed at any
moment and run again on any replica. `worker.py` says which function does which job.
"""
