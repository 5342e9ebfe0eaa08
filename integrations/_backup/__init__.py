"""Copies of PostgreSQL databases: dumped, encrypted and read back by a program of its own, and restored.

A copy is pg_dump's custom format within an age file (age-encryption.org): whoever has the identity opens it with `age`
and `pg_restore` alone, should Slipway be what was lost. docs/decisions/0022-backups.md says why.
"""
