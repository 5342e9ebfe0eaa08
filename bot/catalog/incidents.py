"""The catalog's `incidents`: the templates of reports, when one is written by itself, and where it must not hang."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from bot.domain.alert import Alert
from bot.domain.trigger import TRIGGERS

from .fields import Model, Word


class Elsewhere(Model):
    """Which incidents are not for everybody, and the channel where their reports hang instead."""

    severity: Literal["critical", "high", "medium", "low"] | None = Field(None, description="alerts that are this bad")
    labels: Mapping[str, str] = Field(default_factory=dict, description="alerts that have all of these labels")
    trigger: Literal["bug", "performance", "security", "data", "unavailable"] | None = Field(
        None, description="rollbacks for this trigger"
    )
    channel: str = Field(min_length=1, description="where their reports hang; such a report never hangs anywhere else")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.severity is None and not self.labels and self.trigger is None:
            raise ValueError("it does not say which incidents; give it a `severity`, `labels` or a `trigger`")
        return self

    @property
    def words(self) -> str | None:
        """The trigger as a change has it."""
        return TRIGGERS[self.trigger] if self.trigger else None

    def fits(self, alert: Alert) -> bool:
        """Whether an alert is meant."""
        if self.severity is None and not self.labels:
            return False
        bad = self.severity is None or alert.severity.word == self.severity
        return bad and all(alert.labels.get(name) == value for name, value in self.labels.items())


class Incidents(Model):
    """Reports on what went wrong."""

    templates: Mapping[Word, str] = Field(
        default_factory=dict,
        description="by name: the file, from the catalog's folder, that replaces or adds a template",
    )
    after_rollback: bool = Field(
        default=True, description="whether an incident report is written by itself after a rollback that succeeded"
    )
    after_rollback_in: tuple[Word, ...] = Field(
        (), description="the environments after whose rollbacks; all, where none is named"
    )
    elsewhere: tuple[Elsewhere, ...] = Field((), description="which reports hang elsewhere; the first that fits counts")
    _folder: Path = PrivateAttr(default=Path())

    def read_from(self, folder: Path) -> None:
        """Note the folder of the file that this was read from: what it names by a path is looked for from there."""
        self._folder = folder

    def file(self, template: str) -> Path | None:
        """Return the file of an organisation's own template; None where it has none."""
        named = self.templates.get(template)
        return self._folder / named if named is not None else None

    def elsewhere_of(self, alerts: Iterable[Alert], triggers: Iterable[str] = ()) -> str | None:
        """Return the channel where what concerns these alerts and triggers hangs; None where it is for everybody."""
        told, said = list(alerts), set(triggers)
        fitting = (one for one in self.elsewhere if one.words in said or any(map(one.fits, told)))
        return next((one.channel for one in fitting), None)

    def wants_one(self, environment: str) -> bool:
        """Whether a report is written by itself after a rollback in an environment."""
        return self.after_rollback and (not self.after_rollback_in or environment in self.after_rollback_in)
