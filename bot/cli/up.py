"""`slipway up`: start everything on this machine: a local Slack, a database, the bot, two sample services.

Open the printed address in a browser; Ctrl-C stops it all, and the next start finds everything as it was.

It reads no `.env`: that is for your real Slack, and what is tried here must not reach what is said there. For the same
reason it uses DATABASE_URL only when that is asked for.
"""

from pathlib import Path
from typing import Annotated

import typer

from bot import sample_stack
from bot.domain.errors import Refused
from bot.sample_folder import CONTAINERS
from bot.settings import Settings, read
from bot.up import up as run

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def up(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the local Slack's page is.")] = 8100,
    data: Annotated[
        Path | None, typer.Option(help="The folder for everything kept; else SLIPWAY_DATA or .data.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page when it is ready.")] = True,
    example_ports: Annotated[
        str | None,
        typer.Option(
            help="First digits of the sample services' ports; 82 gives 8211, 8212, …; the data folder keeps them."
        ),
    ] = None,
    docker: Annotated[
        bool, typer.Option("--docker", help="Run the sample services as containers of the Docker Engine.")
    ] = False,
    external_database: Annotated[
        bool, typer.Option("--external-database", help="Use the PostgreSQL of DATABASE_URL, not the embedded one.")
    ] = False,
) -> None:
    """Start everything on this machine; when it is ready, say `ready http://127.0.0.1:PORT` and open the page."""
    given = {"data": data, "example_ports": example_ports}
    settings = read({name: value for name, value in given.items() if value is not None}, env_file=None)
    if docker:
        _check_catalog(settings)
        folder = settings.data if data else settings.data / CONTAINERS
        settings = settings.model_copy(update={"catalog": sample_stack.CATALOG, "data": folder})
    settings = _with_database(settings, external=external_database)
    raise typer.Exit(run(settings, port=port, browser=browser, docker=docker))


def _check_catalog(settings: Settings) -> None:
    """Refuse another catalog where the sample services are to be containers: they have one of their own."""
    if "catalog" in settings.model_fields_set and settings.catalog.resolve() != sample_stack.CATALOG.resolve():
        raise Refused(
            f"--docker runs the sample services by a catalog of their own, and SLIPWAY_CATALOG names "
            f"{settings.catalog}; leave out one of the two."
        )


def _with_database(settings: Settings, *, external: bool) -> Settings:
    """Return the settings without a DATABASE_URL that was not asked for."""
    if external and settings.database_url is None:
        raise Refused("--external-database uses the PostgreSQL of DATABASE_URL, and that is not set; export it first.")
    if not external and settings.database_url is not None:
        typer.echo("DATABASE_URL is set, and not used here; --external-database uses it.", err=True)
        return settings.model_copy(update={"database_url": None})
    return settings
