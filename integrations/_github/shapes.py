"""What GitHub answers, as far as Slipway reads it. The words are GitHub's; what it may leave out has a default."""

import json
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True)


class Run(Shape):
    """A run of a workflow."""

    id: int
    status: str | None = None
    conclusion: str | None = None
    display_title: str = ""
    name: str | None = None
    path: str = ""
    html_url: str = ""
    run_number: int = 0
    created_at: datetime


class Step(Shape):
    """A step of a job."""

    name: str
    status: str
    conclusion: str | None = None


class Job(Shape):
    """A job of a run."""

    id: int
    name: str
    status: str
    conclusion: str | None = None
    steps: tuple[Step, ...] = ()


class Named(Shape):
    """Something that has a name: an environment, a person, a team."""

    name: str | None = None
    login: str | None = None
    slug: str | None = None


class Reviewer(Shape):
    """A person or a team that may let a job go on."""

    reviewer: Named = Named()


class Awaited(Shape):
    """An environment that a run waits for, and who may let it go on."""

    environment: Named = Named()
    reviewers: tuple[Reviewer, ...] = ()


class Wish(Shape):
    """What Slipway writes into a deployment: which key asked for which release on which target."""

    key: str
    target: str
    version: str
    digest: str | None = None


class Payload(Shape):
    """What a deployment carries. Other people's carry other things."""

    slipway: Wish | None = None


def _payload(value: object) -> object:
    """Return what is ours of what GitHub was given: an object, or text that holds one; other people's is anything."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    wish = value.get("slipway") if isinstance(value, dict) else None
    return {"slipway": wish} if isinstance(wish, dict) and set(Wish.model_fields) <= set(wish) else {}


class Deployment(Shape):
    """A deployment: a note that somebody wants a commit in an environment."""

    id: int
    sha: str = ""
    created_at: datetime
    payload: Annotated[Payload, BeforeValidator(_payload)] = Payload()

    @property
    def wish(self) -> Wish | None:
        """What Slipway asked for, if it was Slipway that asked."""
        return self.payload.slipway


class Status(Shape):
    """How a deployment stood at a time."""

    id: int
    state: str
    description: str | None = ""
    log_url: str | None = ""
    created_at: datetime


class Dispatched(Shape):
    """The run that GitHub began; older servers do not say which."""

    workflow_run_id: int
    html_url: str = ""


class Output(Shape):
    """What a check says of itself."""

    title: str | None = None


class CheckRun(Shape):
    """A check of a commit by an App."""

    id: int
    name: str
    status: str
    conclusion: str | None = None
    started_at: datetime | None = None
    html_url: str | None = ""
    output: Output = Output()


class CommitStatus(Shape):
    """A check of a commit as older tools report it."""

    id: int
    context: str
    state: str
    description: str | None = ""
    target_url: str | None = ""
    updated_at: datetime | None = None


class Head(Shape):
    """The newest commit of a pull request."""

    sha: str


class Pull(Shape):
    """A pull request."""

    number: int
    state: str
    html_url: str = ""
    merged_at: datetime | None = None
    head: Head


class Review(Shape):
    """What a person said of a pull request, at a commit of it."""

    id: int
    user: Named | None = None
    state: str
    commit_id: str | None = None
    author_association: str = ""


class Tool(Shape):
    """A scanner."""

    name: str


class Analysis(Shape):
    """A scanner's results for a commit."""

    id: int
    commit_sha: str
    ref: str = ""
    category: str | None = ""
    created_at: datetime
    results_count: int = 0
    error: str | None = ""
    tool: Tool


class Alert(Shape):
    """A finding that somebody may have dismissed."""

    number: int
