"""Whatever is written wherever in a catalog: pydantic's own words are never shown, for every model there is."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.catalog.builds import Build
from bot.catalog.expected import said
from bot.catalog.models import Channels, Policy, Team
from bot.catalog.rules import RollbackRule
from bot.plugins import backend_kinds, introduced, source_kinds
from bot.settings import Settings
from bot.stepkind import StepKind

MODELS: dict[str, type[BaseModel]] = {
    **{model.__name__: model for model in (Build, Channels, Policy, RollbackRule, Team)},
    **{f"backend {kind.name}": kind.config for kind in backend_kinds().values()},
    **{f"source {kind.name}": kind.config for kind in source_kinds().values()},
    **{f"step {kind.name}": kind.options for kind in introduced("bot.steps", "STEP", StepKind)},
    "settings": Settings,
}
ODD = [
    None, True, -1, 0, 1, 10**30, 1.5, float("inf"), float("nan"), "", " ", "x", "5s", "-5s", "x" * 5000, "../x",
    [], [None], [5], ["x"], [["x"]], {}, {"x": None}, {"x": 5}, {"x": "y"}, {"PORT": "1"}, {5: "y"}, b"x", object(),
]  # fmt: skip
THEIRS = (
    "Input should",
    "String should",
    "List should",
    "Tuple should",
    "Value error",
    "should be",
    "should have",
    "valid",
)


def findings(model: type[BaseModel]) -> Iterator[ErrorDetails]:
    """Yield what pydantic finds when each field in turn holds each odd thing."""
    for name, field in model.model_fields.items():
        for odd in ODD:
            try:
                model.model_validate({field.alias or name: odd})
            except ValidationError as error:
                yield from error.errors(include_url=False)


@pytest.mark.parametrize("name", MODELS)
def test_no_word_of_pydantics_is_shown(name: str) -> None:
    told = {said(one) for one in findings(MODELS[name]) if one["type"] not in {"missing", "extra_forbidden"}}

    assert [sentence for sentence in told if any(word in sentence for word in THEIRS)] == []
    assert [sentence for sentence in told if "something else" in sentence] == []
