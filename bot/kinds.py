"""The catalog with every kind that is found in the folders, for the words that need no more than that."""

from bot.catalog import Catalog, load
from bot.plugins import backend_kinds, introduced, source_kinds
from bot.settings import Settings
from bot.stepkind import StepKind


def load_catalog(settings: Settings) -> Catalog:
    """Read the catalog that the settings name, as the bot would."""
    steps = introduced("bot.steps", "STEP", StepKind)
    return load(
        settings.catalog,
        backends=backend_kinds(),
        sources=source_kinds(),
        step_kinds={kind.name: kind.options for kind in steps},
        variables=settings.variables,
    )
