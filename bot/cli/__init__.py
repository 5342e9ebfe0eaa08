"""`slipway`: the words that are typed in a terminal. One file of this folder = one word.

A file's docstring begins with its word and the line that `slipway --help` shows; its `app` is a typer application. It
is imported only when its word is typed, so that `slipway version` does not wait for a database driver.

`main` is where a `Refused` becomes a sentence: on standard error, with exit code 1.
"""

import ast
import importlib
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from bot.domain.errors import GaveUp, Refused

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended
_FIRST = ("up", "serve")  # the order in which a newcomer meets them; the rest by name
_FORWARD = {"ignore_unknown_options": True, "allow_extra_args": True}


def words() -> list[str]:
    """Return the words of the folder."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    rest = sorted(name for name in found if not name.startswith("_") and name not in _FIRST)
    return [*_FIRST, *rest]


def summary(word: str) -> str:
    """Return the line that says what a word does: the first of its file's docstring, read without importing it."""
    source = (Path(__file__).parent / f"{word}.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or ""
    line = docstring.partition("\n")[0].partition(": ")[2]
    return line[:1].upper() + line[1:]


def application(word: str) -> typer.Typer:
    """Import a word's file and return its application."""
    app = importlib.import_module(f"{__name__}.{word}").app
    if not isinstance(app, typer.Typer):
        raise TypeError(f"bot/cli/{word}.py: `app` is a {type(app).__name__}, not a typer application")
    return app


def _forward(word: str) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        application(word)(args=context.args, prog_name=f"slipway {word}")

    return run


def root() -> typer.Typer:
    """Return `slipway` itself, which knows the words by name only."""
    app = typer.Typer(
        help="Slipway, the ChatOps bot for Slack that engineers trust with production.",
        epilog="New here? Type: slipway up",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for word in words():
        app.command(word, help=summary(word), context_settings=_FORWARD, add_help_option=False)(_forward(word))
    return app


def main() -> None:
    """Run the word that was typed."""
    try:
        root()(prog_name="slipway")
    except (Refused, GaveUp) as no:
        typer.echo(str(no), err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
