"""`slipway doctor`: ask every backend of the catalog whether it has what it needs, such as rights in a cluster.

What is missing is said with what mends it, and the exit code is 1. Nothing is changed anywhere.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

import typer

from bot.adapters import learn_secrets
from bot.app import open_backends
from bot.catalog import Catalog
from bot.clock import SystemClock
from bot.domain.errors import GaveUp, Retry
from bot.domain.masking import Mask
from bot.domain.observation import Finding
from bot.domain.target import Target
from bot.kinds import load_catalog
from bot.plugins import Surroundings
from bot.ports import Backend, Examined, Section
from bot.settings import Settings, read
from integrations.environment_secrets import EnvironmentSecrets

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def doctor() -> None:
    """Ask every backend whether it has what it needs; exit with 1 when something is missing."""
    settings = read()
    mask = Mask([])
    findings = asyncio.run(_examined(settings, load_catalog(settings), mask))
    for target, found in findings:
        for one in found:
            typer.echo(mask(f"{'ok     ' if one.ok else 'MISSING'}  {target}: {one.words}"))
    for remedy in dict.fromkeys(one.remedy for _, found in findings for one in found if one.remedy):
        typer.echo(f"\n# What grants it:\n{remedy}")
    if not all(one.ok for _, found in findings for one in found):
        raise typer.Exit(1)


async def _examined(settings: Settings, catalog: Catalog, mask: Mask) -> list[tuple[Target, Sequence[Finding]]]:
    settings.data.mkdir(parents=True, exist_ok=True)
    surroundings = Surroundings(
        settings.data, SystemClock(), EnvironmentSecrets(settings.environment, mask.learn), mask
    )
    learn_secrets(catalog, surroundings.secrets)
    async with AsyncExitStack() as stack:
        backends = await open_backends(stack, catalog, surroundings)
        return [
            (target, await _examine(backends[str(section["kind"])], target, section))
            for target, section in _targets(catalog)
        ]


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
