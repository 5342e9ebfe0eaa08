"""`python -m bot.sandbox`: one local Slack by itself, for anybody's Bolt app.

python -m bot.sandbox --port 8100 --data ./slack --request-url http://localhost:3000/slack/events --manifest app.yml
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from .config import SandboxConfig, from_manifest
from .serving import HOST, Serving, listening, serving
from .store import Unusable
from .validation import check_manifest
from .wire import Json


def main(words: list[str] | None = None) -> int:
    """Run until interrupted; return the exit code."""
    asked = _parser().parse_args(words)
    try:
        config = SandboxConfig(data=asked.data, request_url=asked.request_url, **_manifest(asked.manifest))
        bound = listening(asked.port)
    except OSError as error:
        return _refused(f"Port {asked.port} cannot be used: {error.strerror}.")
    except ValueError as error:
        return _refused(str(error))
    try:
        asyncio.run(_run(config, bound))
    except Unusable as error:
        return _refused(str(error))
    return 0


async def _run(config: SandboxConfig, bound: socket.socket) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with serving(config, bound) as running:
        _say(_introduction(running))
        await stop.wait()


def _introduction(running: Serving) -> str:
    """Return what an app's environment needs."""
    credentials = running.slack.credentials
    return "\n".join(
        [
            f"SLACK_API_URL={running.base_url}/api/",
            f"SLACK_BOT_TOKEN={credentials.bot_token}",
            f"SLACK_APP_TOKEN={credentials.app_token}",
            f"SLACK_SIGNING_SECRET={credentials.signing_secret}",
            f"ready {running.base_url}",
        ]
    )


def _manifest(path: Path | None) -> Json:
    """Return what the manifest file decides. Raises ValueError with every problem of it."""
    if path is None:
        return {}
    try:
        manifest = YAML(typ="safe").load(path.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError, FileNotFoundError) as error:
        raise ValueError(f"The manifest {path} cannot be read: {error}") from error
    problems = check_manifest(manifest)
    if problems:
        raise ValueError("\n".join([f"The manifest {path} is not valid:", *(f"  {p.message}" for p in problems)]))
    return from_manifest(manifest)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A stand-in for Slack on this machine.")
    parser.add_argument("--port", type=int, default=8100, help=f"the port on {HOST} (default: 8100; 0: any free one)")
    parser.add_argument("--data", type=Path, help="the folder to keep everything in (default: memory only)")
    parser.add_argument("--request-url", help="where signed HTTP goes")
    parser.add_argument("--manifest", type=Path, help="the app's manifest (YAML or JSON): commands, scopes, events")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _refused(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
