"""Reports on what went wrong: about an alert group or a change, one for each template; people fill them in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.change import Change, State
from bot.domain.operation import Kind
from bot.domain.operation import State as OperationState

FIRST = "incident-report"  # the template that is taken where nobody says which
TITLES = {
    FIRST: "Incident report",
    "root-cause-analysis": "Root cause analysis",
    "post-mortem": "Post-mortem",
}


def title_of(template: str) -> str:
    """Return what a report by a template is called."""
    return TITLES.get(template, template.replace("-", " ").capitalize())


@dataclass(frozen=True, slots=True)
class Question:
    """What a template leaves open for people to say."""

    key: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said to a question. Whoever writes it anew replaces what they saw, and nothing else."""

    id: int
    question: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report: what it is about (`alertgroup:7`, `change:42`), by which template, and as it was written last.

    `asked_by` is None where Slipway wrote it by itself. `fault` is why the organisation's own template was not used.
    """

    id: int
    template: str
    subject: str
    channel: str
    asked_by: str | None
    created_at: datetime
    written_at: datetime | None = None
    title: str = ""
    markdown: str = ""
    parts: Sequence[Mapping[str, object]] = field(default_factory=tuple)
    questions: Sequence[Question] = field(default_factory=tuple)
    fault: str = ""
    revision: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        return title_of(self.template)


def went_back(change: Change, states: Sequence[OperationState]) -> bool:
    """Whether a change that has ended took something back: a person's rollback, or by itself after a failure.

    What the engine undoes of a change that went back in part is told with that change.
    """
    if change.kind is Kind.ROLLBACK:
        return change.state is State.SUCCEEDED and bool(change.trigger)
    return change.final and OperationState.ROLLED_BACK in states
