"""`slipway serve`: run the bot alone, for your real Slack.

It needs SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN for Socket Mode), and slipway.yml.
"""

import os
import signal
import threading
import time
from typing import Annotated

import typer
import uvloop

from bot import app as wiring
from bot.database import url_of, with_database
from bot.domain.errors import Refused
from bot.ledger.migrate import upgrade
from bot.listening import bound
from bot.settings import ENV_FILE, read

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

TRIAL = "slack"  # what the local Slack keeps in a data folder
_STDIN = 0
_GRACE = 10.0  # seconds an orphan has to drain before it ends at once


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="The address to listen on; else SLIPWAY_HOST or 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; else SLIPWAY_PORT or 8101.")] = None,
    with_parent: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run the bot alone until Ctrl-C; /healthz and /readyz say how it is."""
    # `slipway up` says everything in the environment: a .env for the real Slack must not leak into the local one
    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    asked = read(given, env_file=None if with_parent else ENV_FILE)
    asked.require_slack()
    signal.signal(signal.SIGTERM, _stop)
    if with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    elif (asked.data / TRIAL).is_dir():
        raise Refused(
            f"{asked.data} holds what `slipway up` tried, with the local Slack: its ledger is not your Slack's. "
            f"Set SLIPWAY_DATA to a folder for the real one, or give another to `slipway up --data`."
        )
    place = bound(asked.host, asked.port, instead="another with --host or --port (SLIPWAY_HOST, SLIPWAY_PORT)")
    with place as sockets, with_database(asked, own=True) as settings:
        upgrade(url_of(settings))
        status = uvloop.run(wiring.serve(settings, sockets))
    raise typer.Exit(status)


def _stop(*_: object) -> None:
    """Unwind as for Ctrl-C. The web server raises the signal once more when it has closed: by then all else is open."""
    raise SystemExit(0)


def _end_with_parent() -> None:
    """Wait until standard input ends, as it does when whoever started us is gone, however it went; then end too."""
    while os.read(_STDIN, 1):  # not through sys.stdin, whose lock an ending interpreter would trip over
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)
