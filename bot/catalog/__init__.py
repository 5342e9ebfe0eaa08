"""The catalog: what Slipway may do, where, and who decides; read from `slipway.yml`, checked, and frozen.

A wrong catalog is refused as a whole, with every problem at once, each with its line, its column, what was found, what
was expected and the nearest right word. What backends, sources and steps understand is theirs to say: their models are
handed in, so that a new kind is a new file and no edit here.

To add a key to the catalog: add a field with a description to a model in models.py (the reference page is made from
it); if it names something that is written elsewhere in the file, add a line to `REFERENCES` in references.py.
"""

from .fields import Duration, Word
from .literals import literals
from .loading import load, models
from .models import Catalog, Environment, ImageRule, Policy, Prometheus, Section, Service, Step, TargetPlan, Team
from .nearest import nearest
from .problems import CatalogError, Problem
from .secret_names import secret_names
from .targeting import target_of

__all__ = [
    "Catalog",
    "CatalogError",
    "Duration",
    "Environment",
    "ImageRule",
    "Policy",
    "Problem",
    "Prometheus",
    "Section",
    "Service",
    "Step",
    "TargetPlan",
    "Team",
    "Word",
    "literals",
    "load",
    "models",
    "nearest",
    "secret_names",
    "target_of",
]
