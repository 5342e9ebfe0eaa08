"""`slipway db`: bring the database to the version this Slipway knows."""

import typer

from bot.database import url_of, with_database
from bot.ledger.migrate import upgrade as migrate
from bot.settings import read

app = typer.Typer(
    help="Look after the database.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def db() -> None:
    """Look after the database."""


@app.command()
def upgrade() -> None:
    """Bring the database to the newest version; a newer one is left alone and said so."""
    with with_database(read()) as settings:
        typer.echo(f"The database is of version {migrate(url_of(settings))}.")
