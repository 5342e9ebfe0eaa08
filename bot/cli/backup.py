"""`slipway backup`: list the copies of databases, bring one back, or make a key for them.

`restore` replaces everything in a database by what is in a copy, in one transaction, after you have typed its name.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.catalog import CatalogError
from bot.domain.backup import size_in_words, tables_in_words
from bot.domain.errors import Refused
from bot.kinds import load_catalog
from bot.ports.secret_names import is_name
from bot.settings import Settings, read
from integrations._backup import address, restoring, sealing, shelf
from integrations.environment_secrets import EnvironmentSecrets
from integrations.postgres_backups import folder_of

app = typer.Typer(
    help="Look after the copies of databases.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def backup() -> None:
    """Look after the copies of databases that the step `backup` makes."""


@app.command("list")
def list_() -> None:
    """List the copies there are, newest first."""
    found = [one for folder in _folders(read()) for one in shelf.copies(folder)]
    for path, facts in sorted(found, key=lambda one: one[1].at, reverse=True):
        at = datetime.fromisoformat(facts.at)
        typer.echo(f"{at:%Y-%m-%d %H:%M:%S} UTC  {facts.owner}  {size_in_words(str(facts.size))}  {path}")
    if not found:
        typer.echo("There are no copies yet; a step `backup: { database: … }` in the catalog makes them.")


@app.command()
def key() -> None:
    """Make an age identity, to be kept as a secret; whoever has it can read the copies made with it."""
    typer.echo(sealing.fresh_identity())


@app.command()
def restore(
    copy: Annotated[str, typer.Argument(help="The copy: its path, or its name as `list` shows it.")],
    into: Annotated[str, typer.Option("--into", help="The name of the secret with the address of the database.")],
    key_name: Annotated[str, typer.Option("--key", help="The name of the secret with the identity.")] = "",
    programs: Annotated[str | None, typer.Option("--programs", help="The folder of pg_restore and psql.")] = None,
    no_owners: Annotated[bool, typer.Option("--no-owners", help="Leave out who owns what.")] = False,  # noqa: FBT002 - typer's form
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - typer's form
) -> None:
    """Replace everything in a database by what is in a copy: all of it, or nothing."""
    _check_names(into, key_name)
    settings = read()
    path = _found(settings, copy)
    facts = shelf.known(path)
    secrets = EnvironmentSecrets(settings.environment, lambda _: None)
    where = address.variables(secrets.read(into), secret=into)
    key_name = key_name or (facts.key if facts else "")
    if not key_name:
        raise Refused(f"Nothing beside {path} says with which key it was made; name the secret: --key NAME.")
    identity = sealing.identity(secrets.read(key_name), secret=key_name)
    typer.echo(_described(path, facts))
    programs = programs or (facts.programs if facts else None) or None
    place = restoring.look(where, programs=programs)
    if not yes:
        _confirm(place.database, _server(where, place))
    restoring.restore(path, identity, where, place, programs=programs, owners=not no_owners)
    typer.echo(f"Done: {place.database} is what it was when the copy was made.")


def _server(where: Mapping[str, str], place: restoring.Place) -> str:
    """Say which server it is: as the address names it, and as it does itself, where that says more."""
    named = where.get("PGHOST") or where.get("PGHOSTADDR") or f"{where.get('PGSERVICE', 'this machine')}"
    return named if place.host in {"", named} else f"{named} (the server at {place.host}, port {place.port})"


def _check_names(into: str, key_name: str) -> None:
    """Refuse what is no name of a secret, and leave unsaid what it is."""
    for option, named in (("--into", into), ("--key", key_name)):
        if named and not is_name(named):
            raise Refused(f"{option} wants the name of a secret, such as DATABASE_URL_STAGING, and not what is in it.")


def _confirm(name: str, server: str) -> None:
    said = typer.prompt(
        f"Everything in the database {name} on {server} is replaced; what was written since is lost.\n"
        "Stop the service that writes to it first. Type the database's name to go on"
    )
    if said != name:
        raise Refused(f"“{said}” is not {name}; nothing was done.")


def _described(path: Path, facts: shelf.Facts | None) -> str:
    if facts is None:
        return f"{path}: nothing beside it says what it is."
    tables = "" if facts.tables is None else f", {tables_in_words(str(facts.tables))}"
    return f"{facts.name}: {facts.owner}, {facts.at}, {size_in_words(str(facts.size))}{tables}, of {facts.database}."


def _found(settings: Settings, copy: str) -> Path:
    places = [Path(copy), *(folder / copy for folder in _folders(settings))]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise Refused(f"There is no copy “{copy}”; `slipway backup list` says which there are.")
    return found


def _folders(settings: Settings) -> list[Path]:
    """Return the folders that copies are in; a catalog that cannot be read keeps nobody from the usual one."""
    folders = {folder_of(settings.data): None}
    try:
        catalog = load_catalog(settings)
    except CatalogError as error:
        typer.echo(f"Only {folder_of(settings.data)} was looked at, for the catalog is wrong: {error}", err=True)
        return list(folders)
    for place in catalog.environments.values():
        for plan in place.targets.values():
            own = [getattr(step.options, "folder", None) for step in plan.steps if step.word == "backup"]
            folders |= {Path(folder).absolute(): None for folder in own if folder}
    return list(folders)
