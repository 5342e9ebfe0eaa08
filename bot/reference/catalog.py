"""The page about `slipway.yml`: every key of every model, and every kind of backend, source and step that is found."""

from pydantic import BaseModel

from bot.catalog.alerting import Acknowledging, AlertRoute, Alerts
from bot.catalog.builds import Build, Image
from bot.catalog.causes import AlertTarget, Causes
from bot.catalog.escalation import Escalating, EscalationAgain, EscalationPolicy, EscalationStep, Severities
from bot.catalog.graphs import Figures, Graphs
from bot.catalog.incidents import Elsewhere, Incidents
from bot.catalog.models import Catalog, Channels, Environment, Policy, Service, TargetPlan, Team
from bot.catalog.monitors import AlertmanagerApi, JsonIntake, Watchdog, WorkingHours
from bot.catalog.oncall import (
    Contact,
    DutyHours,
    Fallback,
    IcalImport,
    Import,
    OnCall,
    PagerDutyImport,
    QuietHours,
    RotaHoliday,
    RotaLayer,
    Rotation,
)
from bot.catalog.rules import ImageRule, LogsRule, Prometheus, RollbackRule
from bot.conditions import Condition
from bot.plugins import backend_kinds, introduced, pager_kinds, source_kinds
from bot.reference._tables import first_paragraph, inner, table
from bot.stepkind import StepKind

HEAD = """# The catalog: `slipway.yml`

What Slipway may do, where, and who decides. `slipway config check` reads it and says everything that is wrong with it
at once: the line, the column, what was found, what was expected, and the nearest right word.

- A **duration** is written with its unit: `20s`, `10m`, `1h30m`, `2d`.
- A **name** is of lower-case letters, digits and hyphens, at most 40.
- `${SLIPWAY_DATA}` stands for the data folder and `${SLIPWAY_EXAMPLE_PORTS}` for the first digits of the example
  services' ports; there are no other variables, and `$$` is a dollar. Secrets do not belong here.
"""
MODELS = (
    Team,
    Channels,
    Policy,
    Service,
    Build,
    Image,
    Environment,
    TargetPlan,
    RollbackRule,
    ImageRule,
    LogsRule,
    Prometheus,
    Condition,
    Alerts,
    AlertRoute,
    Acknowledging,
    Escalating,
    EscalationPolicy,
    EscalationStep,
    EscalationAgain,
    Severities,
    OnCall,
    Contact,
    Rotation,
    RotaLayer,
    DutyHours,
    RotaHoliday,
    Fallback,
    Import,
    IcalImport,
    PagerDutyImport,
    QuietHours,
    AlertmanagerApi,
    Watchdog,
    WorkingHours,
    JsonIntake,
    Causes,
    AlertTarget,
    Incidents,
    Elsewhere,
    Graphs,
    Figures,
)


def render() -> str:
    """Return the page."""
    parts = [HEAD, "## The whole file\n", table(Catalog)]
    for model in MODELS:
        parts += [f"\n## {model.__name__}\n", f"{first_paragraph(model.__doc__)}\n", table(model)]
    parts += ["\n# Backends\n\nWhere services run: a target's `backend`, by its `kind`."]
    for backend in backend_kinds().values():
        parts.append(
            _described(f"kind: {backend.name}", backend.config.__doc__, table(backend.config, without=["kind"]))
        )
        parts += [_part(model) for model in inner(backend.config)]
    parts += ["\n# Sources\n\nWhere releases come from: a service's `source`, by its `kind`."]
    for source in source_kinds().values():
        parts.append(
            _described(f"kind: {source.name}", source.config.__doc__, table(source.config, without=["kind", "build"]))
        )
    parts += ["\n# Pagers\n\nWays outside of Slack: those of `alerts.escalation.pagers`, by their `kind`."]
    for pager in pager_kinds().values():
        parts.append(_described(f"kind: {pager.name}", pager.config.__doc__, table(pager.config)))
    parts += ["\n# Steps\n\nWhat a deploy does, in the order of a target's `steps`: a word, or `word: {options}`."]
    for step in introduced("bot.steps", "STEP", StepKind):
        parts.append(_described(step.name, step.options.__doc__, table(step.options)))
    return "\n".join(parts) + "\n"


def _part(model: type[BaseModel]) -> str:
    return f"\n### {model.__name__}\n\n{first_paragraph(model.__doc__)}\n\n{table(model)}"


def _described(name: str, docstring: str | None, keys: str) -> str:
    return f"\n## `{name}`\n\n{first_paragraph(docstring)}\n\n{keys}"
