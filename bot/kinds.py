"""The catalog with every kind that is found in the folders, for the words that need no more than that."""

from pydantic import BaseModel

from bot.catalog import Catalog, Problem, literals, load, models
from bot.plugins import backend_kinds, introduced, source_kinds
from bot.settings import Settings
from bot.stepkind import StepKind


def suspicions(settings: Settings) -> list[Problem]:
    """Return where the catalog seems to hold a secret itself; it is one that can be read."""
    kinds = models(backends=backend_kinds(), sources=source_kinds(), step_kinds=_steps())
    return list(literals(settings.catalog.read_text(encoding="utf-8"), kinds, settings.variables))


def _steps() -> dict[str, type[BaseModel]]:
    return {kind.name: kind.options for kind in introduced("bot.steps", "STEP", StepKind)}


def load_catalog(settings: Settings) -> Catalog:
    """Read the catalog that the settings name, as the bot would."""
    return load(
        settings.catalog,
        backends=backend_kinds(),
        sources=source_kinds(),
        step_kinds=_steps(),
        variables=settings.variables,
    )
