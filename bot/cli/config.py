"""`slipway config`: check the catalog and the settings.

`slipway config check` says everything that is wrong at once, each with its line, and exits with 1.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot import address, writing
from bot.catalog import Catalog
from bot.catalog.holes import holes
from bot.clock import SystemClock
from bot.kinds import load_catalog, suspicions
from bot.settings import read

app = typer.Typer(
    help="Check the catalog and the settings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def config() -> None:
    """Check the catalog and the settings."""


@app.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(help="The catalog; without it, SLIPWAY_CATALOG or slipway.yml.")
    ] = None,
) -> None:
    """Read the catalog and say everything that is wrong with it, or in short what is in it."""
    settings = read({"catalog": path} if path else None)
    if settings.database_url is not None:
        address.read(settings.database_url.get_secret_value())
    settings.check_tokens()
    catalog = load_catalog(settings)
    text = settings.catalog.read_text(encoding="utf-8")
    for one in [*suspicions(settings), *holes(text, catalog, SystemClock().now())]:
        typer.echo(f"warning: {one.said(str(settings.catalog))}", err=True)
    faults = asyncio.run(writing.faults(catalog.incidents))
    for fault in faults:
        typer.echo(f"{settings.catalog}: incidents.templates: {fault}", err=True)
    if faults:
        typer.echo("A wrong template is never used: the one that comes with Slipway is, until it is right.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{settings.catalog} is in order: {catalog.organisation}")
    for name in catalog.environments:
        typer.echo(f"  {_described(catalog, name)}")


def _described(catalog: Catalog, name: str) -> str:
    environment, policy = catalog.environment(name), catalog.policy(name)
    source = f"what was good in {environment.promotes}" if environment.promotes else f"from {environment.branch}"
    wait = f"{policy.approvals} of {' or '.join(policy.from_)} approve" if policy else "no approval"
    return f"{name}: {', '.join(catalog.order(name))}; {source}; by {' or '.join(environment.deployers)}; {wait}"
