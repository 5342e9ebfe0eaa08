"""Adapters: one file = one outside system.

To add a backend: one file with a pydantic `Config` for a target's section of the catalog, a class with the two verbs
of `bot.ports.Backend`, and ``BACKEND = BackendKind("name", Config, open)``. Then add it to tests/contract/, which
holds every backend to the same promises. Adapters import neither Slack nor the database.
"""
