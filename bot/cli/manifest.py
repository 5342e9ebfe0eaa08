"""`slipway manifest`: print the Slack app manifest that goes with this code.

Paste it at https://api.slack.com/apps (Create New App, From a manifest).
"""

import typer

from bot import manifest as made

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def manifest() -> None:
    """Print the app manifest (YAML) to create or update the app at https://api.slack.com/apps."""
    typer.echo(made.render(), nl=False)
