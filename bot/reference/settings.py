"""The page about what is set outside the catalog."""

from bot.settings import Settings

HEAD = """# Settings

From the environment, or from a file `.env` in the folder Slipway is started in; the environment goes first. Secrets are
never written to logs, the ledger or messages.

`slipway up` is the exception: it reads no `.env`, because that is for your real Slack, and nothing that is tried on a
laptop may reach the database, the catalog or the data folder that are named there. Of the environment it takes
`SLIPWAY_CATALOG` (not with `--docker`, which has a catalog of its own), `SLIPWAY_DATA` and `SLIPWAY_EXAMPLE_PORTS`, and
the secrets that the catalog names. It says which catalog it uses. Its database is the embedded one of its data folder;
`slipway up --external-database` uses the PostgreSQL of `DATABASE_URL` (from the environment) instead.

`DATABASE_URL` is written `postgresql://user:password@host:5432/name` (`postgres://` is the same), for PostgreSQL 16 or
newer. In the user name and the password, `@` is written `%40`, `/` is `%2F`, `:` is `%3A`, `?` is `%3F`, `%` is `%25`.

The data folder keeps `SLIPWAY_EXAMPLE_PORTS`: what `slipway up` was first started with holds for the next starts, until
something else is said. Once a sample service is deployed, other digits are refused, because a start moves nothing.

| variable | without it | meaning |
|---|---|---|
"""


def render() -> str:
    """Return the page."""
    rows = []
    for field in Settings.model_fields.values():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `{field.alias}` | {default} | {field.description} |")
    return HEAD + "\n".join(rows) + "\n"
