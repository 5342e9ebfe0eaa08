"""Values that the tests of the domain start from: one of each, to be varied."""

from datetime import UTC, datetime

from bot.domain.change import Change
from bot.domain.change import State as ChangeState
from bot.domain.operation import Kind, Operation
from bot.domain.operation import State as OperationState
from bot.domain.plan import Plan, PlannedCommit, PlannedOperation, PlannedRelease, PlannedStep
from bot.domain.target import Target

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DIGEST = f"sha256:{'a' * 64}"


def a_release(version: str = "2.0.0", *, number: int = 2, digest: str | None = DIGEST) -> PlannedRelease:
    return PlannedRelease(number, version, f"{number:040x}", digest)


def a_planned(service: str = "backend", **others: object) -> PlannedOperation:
    values: dict[str, object] = {
        "service": service,
        "to": a_release(),
        "before": a_release("1.0.0", number=1),
        "steps": (PlannedStep("apply", "apply", {"within": "1m"}),),
        "config": {"backend": {"kind": "process", "port": 8211}},
        "commits": (PlannedCommit("2" * 40, "Ada", "Faster search", NOW.isoformat()),),
    }
    return PlannedOperation(**(values | others))  # type: ignore[arg-type]  # the words of the fields


def a_plan(*operations: PlannedOperation, approvals: int = 2, on_failure: str = "ask") -> Plan:
    approvers = ("production-team",) if approvals else ()
    return Plan(Kind.DEPLOY, "production", operations or (a_planned(),), approvals, approvers, on_failure)


def a_change(state: ChangeState = ChangeState.WAITING, **others: object) -> Change:
    values: dict[str, object] = {
        "id": 42,
        "kind": Kind.DEPLOY,
        "environment": "production",
        "asked_by": "U_ASKER",
        "plan": a_plan(),
        "state": state,
        "approvals_needed": 2,
    }
    return Change(**(values | others))  # type: ignore[arg-type]  # the words of the fields


def an_operation(state: OperationState = OperationState.QUEUED, **others: object) -> Operation:
    values: dict[str, object] = {
        "id": 7,
        "change_id": 42,
        "position": 0,
        "kind": Kind.DEPLOY,
        "target": Target("backend", "production"),
        "from_release": 1,
        "to_release": 2,
        "state": state,
    }
    return Operation(**(values | others))  # type: ignore[arg-type]  # the words of the fields
