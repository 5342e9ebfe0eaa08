"""`slipway version`: say which Slipway this is."""

import platform

import typer

from bot import __version__

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def version() -> None:
    """Say which Slipway this is, and on which Python it runs."""
    typer.echo(f"Slipway {__version__} on Python {platform.python_version()}")
