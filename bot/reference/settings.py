"""The page about what is set outside the catalog."""

from bot.settings import Settings

HEAD = """# Settings

From the environment, or from a file `.env` in the folder Slipway is started in; the environment goes first. Secrets are
never written to logs, the ledger or messages.

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
