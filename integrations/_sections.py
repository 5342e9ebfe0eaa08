"""A target's section, as an adapter is given it: checked once more, because a plan may be older than the adapter."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.domain.errors import GaveUp
from bot.domain.target import Target
from bot.ports import Section

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], section: Section, target: Target) -> Model:
    """Return the section as the model; `GaveUp` says what no longer fits."""
    try:
        return model.model_validate(dict(section))
    except ValidationError as error:
        found = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise GaveUp(f"the backend section of {target} is wrong: {found}") from error
