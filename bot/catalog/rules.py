"""The rules of an environment beside its approvals: who may roll back and read logs, what is wanted, who is asked."""

from typing import Literal

from pydantic import Field

from .access import Access
from .fields import Model, Word


class RollbackRule(Model):
    """Who may roll back."""

    by: tuple[Word, ...] = Field(min_length=1, description="the teams that may roll back; without it, the deployers")


class ImageRule(Model):
    """What is wanted of the images that are deployed."""

    non_root: bool = Field(False, description="whether it must run as another user than root")  # noqa: FBT003 - pydantic's form
    limits: tuple[Literal["cpu", "memory"], ...] = Field((), description="of what it must have a limit")
    scanner: str | None = Field(
        None, min_length=1, description="the check, by a pattern such as `trivy*`, that must have passed for its commit"
    )


class LogsRule(Model):
    """Who may read what programs print."""

    by: tuple[Word, ...] = Field(
        min_length=1, description="the teams that may; without it, those that may deploy or roll back"
    )


class Prometheus(Access):
    """Where what a step `bake` asks about is known. Of secrets only the names stand here."""

    url: str = Field(pattern=r"^https?://.+$", description="its address, such as http://prometheus:9090")
