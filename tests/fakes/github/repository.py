"""What the fake GitHub holds: one repository, its workflows, runs, deployments, and what was said of its commits."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.ports import Clock

STAGES = ("queued", "in_progress", "completed")
FAILING_LOG = (
    "2026-03-02T09:00:01.0000000Z ##[group]Run ./deploy.sh\n"
    "2026-03-02T09:00:01.0000001Z ./deploy.sh\n"
    "2026-03-02T09:00:01.0000002Z ##[endgroup]\n"
    "2026-03-02T09:00:02.0000000Z cannot connect to the database\n"
    "2026-03-02T09:00:02.0000001Z ##[error]Process completed with exit code 3.\n"
    "2026-03-02T09:00:03.0000000Z Post job cleanup.\n"
    "2026-03-02T09:00:03.0000001Z [command]/usr/bin/git version\n"
)


@dataclass
class Workflow:
    """A workflow file: the inputs it declares, and whether its run-name shows them."""

    inputs: tuple[str, ...] = ("version", "slipway")
    shows: bool = True
    dispatchable: bool = True


@dataclass
class Run:
    """A run. It moves on one stage whenever somebody looks, unless it is held."""

    id: int
    number: int
    workflow: str
    title: str
    inputs: dict[str, str]
    created_at: datetime
    stage: int = -1
    conclusion: str = "success"
    status: str = ""  # instead of what its stage says
    hidden: int = 0  # lists that do not show it yet
    held: bool = False
    deaf: bool = False  # it goes on although it was cancelled, as with `if: always()`

    def looked_at(self) -> None:
        """Move on."""
        if not self.held and self.stage < len(STAGES) - 1:
            self.stage += 1

    def end(self, conclusion: str) -> None:
        """End now."""
        self.stage, self.conclusion, self.status = len(STAGES) - 1, conclusion, ""

    @property
    def stands(self) -> str:
        """Its status."""
        return self.status or STAGES[max(self.stage, 0)]


@dataclass
class Repository:
    """Everything there is."""

    name: str
    commits: set[str] = field(default_factory=set)
    refs: set[str] = field(default_factory=lambda: {"main", "develop"})
    workflows: dict[str, Workflow] = field(default_factory=lambda: {"deploy.yml": Workflow()})
    runs: list[Run] = field(default_factory=list)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    statuses: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    check_runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    commit_statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    analyses: list[dict[str, Any]] = field(default_factory=list)
    sarif: dict[int, dict[str, Any]] = field(default_factory=dict)
    dismissed: list[dict[str, Any]] = field(default_factory=list)
    awaited: list[dict[str, Any]] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)  # versions whose run fails
    lasting: set[str] = field(default_factory=set)  # versions whose run goes on until somebody ends it
    logs: dict[int, str] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1000))

    def by_hand(self, sha: str, environment: str, at: datetime, workflow: str = "deploy.yml") -> Run:
        """Somebody runs a workflow past Slipway, and GitHub Actions writes a deployment for its job, as it does."""
        run = Run(next(self.numbers), len(self.runs) + 1, workflow, "Deploy by hand", {}, at)
        run.end("success")
        self.runs.append(run)
        self.noted_by_actions(run, sha, environment, at)
        return run

    def noted_by_actions(self, run: Run, sha: str, environment: str, at: datetime) -> None:
        """Write the deployment that GitHub Actions writes for a job with an environment."""
        number = next(self.numbers)
        common = {"id": number, "sha": sha, "task": "deploy", "environment": environment, "payload": {}}
        self.deployments.append({**common, "created_at": at.isoformat()})
        url = f"https://github.example/{self.name}/actions/runs/{run.id}/job/1"
        status = {"id": next(self.numbers), "state": "success", "log_url": url, "created_at": at.isoformat()}
        self.statuses[number] = [status]


class Host(Protocol):
    """What the parts of the server know of the whole."""

    repository: Repository
    clock: Clock
    web: str
    hold: bool

    @property
    def url(self) -> str: ...
