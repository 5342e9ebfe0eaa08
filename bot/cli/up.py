"""`slipway up`: start everything on this machine: a local Slack, a database, the bot, two sample services.

Open the printed address in a browser; Ctrl-C stops it all, and the next start finds everything as it was.
"""

from pathlib import Path
from typing import Annotated

import typer

from bot.settings import read
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
        str | None, typer.Option(help="First digits of the sample services' ports; 82 gives 8211, 8212, …")
    ] = None,
) -> None:
    """Start everything on this machine; when it is ready, say `ready http://127.0.0.1:PORT` and open the page."""
    given = {"data": data, "example_ports": example_ports}
    settings = read({name: value for name, value in given.items() if value is not None})
    raise typer.Exit(run(settings, port=port, browser=browser))
