"""`slipway doctor`: ask whether all that the catalog needs is there: backends, secrets, programs.

What is missing is said with what mends it, and the exit code is 1. Nothing is changed anywhere.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

import typer
from pydantic import BaseModel

from bot.adapters import learn_secrets
from bot.app import open_backends
from bot.catalog import Catalog, Step, secret_names
from bot.clock import SystemClock
from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from bot.domain.observation import Finding
from bot.domain.target import Target
from bot.kinds import load_catalog
from bot.plugins import Surroundings
from bot.ports import Backend, Examined, Secrets, Section
from bot.settings import Settings, read
from bot.stepkind import THERE
from integrations._environment import is_found
from integrations.environment_secrets import EnvironmentSecrets

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Found = tuple[str, Finding]


@app.command()
def doctor() -> None:
    """Ask whether all that the catalog needs is there; exit with 1 when something is missing."""
    settings = read()
    mask = Mask([])
    catalog = load_catalog(settings)
    typer.echo(f"catalog {settings.catalog}, data folder {settings.data}", err=True)
    found = asyncio.run(_examined(settings, catalog, mask))
    for where, one in found:
        typer.echo(mask(f"{'ok     ' if one.ok else 'MISSING'}  {where}: {one.words}"))
    for remedy in dict.fromkeys(one.remedy for _, one in found if one.remedy):
        typer.echo(f"\n# What grants it:\n{remedy}")
    if not all(one.ok for _, one in found):
        raise typer.Exit(1)


async def _examined(settings: Settings, catalog: Catalog, mask: Mask) -> list[Found]:
    settings.data.mkdir(parents=True, exist_ok=True)
    secrets = EnvironmentSecrets(settings.environment, mask.learn)
    surroundings = Surroundings(settings.data, SystemClock(), secrets, mask)
    learn_secrets(catalog, secrets)
    found: list[Found] = []
    async with AsyncExitStack() as stack:
        backends = await open_backends(stack, catalog, surroundings)
        for target, section in _targets(catalog):
            examined = await _examine(backends[str(section["kind"])], target, section)
            found += [(str(target), finding) for finding in examined]
    return [*found, *_programs(catalog), *_secrets(catalog, secrets)]


def _targets(catalog: Catalog) -> Iterator[tuple[Target, Section]]:
    for name, environment in catalog.environments.items():
        for service, plan in environment.targets.items():
            yield Target(service, name), plan.backend.plain()


async def _examine(backend: Backend, target: Target, section: Section) -> Sequence[Finding]:
    if not isinstance(backend, Examined):
        return [Finding(ok=True, words=f"a {section['kind']} backend needs nothing that could be asked about")]
    try:
        return await backend.examine(target, config=section)
    except (Retry, GaveUp) as no:
        return [Finding(ok=False, words=no.reason)]


def _steps(catalog: Catalog) -> Iterator[tuple[str, Step]]:
    for name, environment in catalog.environments.items():
        for service, plan in environment.targets.items():
            yield from ((f"{Target(service, name)}, step {step.word}", step) for step in plan.steps)


def _programs(catalog: Catalog) -> Iterator[Found]:
    """Look for the programs of steps that run beside Slipway."""
    for where, step in _steps(catalog):
        run = getattr(step.options, "run", ())
        if run and getattr(step.options, "where", "") != THERE:
            ok = is_found(run[0], getattr(step.options, "folder", None))
            yield where, Finding(ok, f"{run[0]} is {'there' if ok else 'not found'}")


def _secrets(catalog: Catalog, secrets: Secrets) -> Iterator[Found]:
    """Read every secret that the catalog names, once, and say of none what is in it."""
    needed: dict[str, list[str]] = {}
    for where, name in _named(catalog):
        needed.setdefault(name, []).append(where)
    for name, places in needed.items():
        where = " and ".join(dict.fromkeys(places))
        try:
            secrets.read(name)
        except GaveUp as no:
            yield where, Finding(ok=False, words=no.reason)
        else:
            yield where, Finding(ok=True, words=f"the secret {name} is set")


def _named(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield the secrets that the catalog names, each with the place that needs it."""
    places: list[tuple[str, BaseModel]] = [
        *((name, service.source.config) for name, service in catalog.services.items()),
        *((str(target), catalog.target(target).backend.config) for target, _ in _targets(catalog)),
        *((where, step.options) for where, step in _steps(catalog)),
    ]
    rotations = catalog.on_call.rotations if catalog.on_call else {}
    places += [(f"rotation {name}, import", one.import_) for name, one in rotations.items() if one.import_]
    alerts = catalog.alerts
    pagers = alerts.escalation.pagers if alerts and alerts.escalation else {}
    places += [(f"alerts, pager {name}", section.config) for name, section in pagers.items()]
    figures = {name: catalog.prometheus_of(name) for name in catalog.environments}
    places += [(f"{name}, prometheus", one) for name, one in figures.items() if one is not None]
    for where, model in places:
        let_in = getattr(model, "secret", None)  # of GitHub it depends on other keys which one lets us in
        yield from ((where, name) for name in ([let_in] if isinstance(let_in, str) else secret_names(model)))
