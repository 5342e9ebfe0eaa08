"""The catalog with every kind that is found in the folders, for the words that need no more than that."""

from bot.catalog import Catalog, load
from bot.plugins import BackendKind, SourceKind, introduced
from bot.settings import Settings
from bot.stepkind import StepKind


def load_catalog(settings: Settings) -> Catalog:
    """Read the catalog that the settings name, as the bot would."""
    steps = introduced("bot.steps", "STEP", StepKind)
    return load(
        settings.catalog,
        backends=introduced("integrations", "BACKEND", BackendKind, group="slipway.backends"),
        sources=introduced("integrations", "SOURCE", SourceKind, group="slipway.sources"),
        step_kinds={kind.name: kind.options for kind in steps},
        variables=settings.variables,
    )
