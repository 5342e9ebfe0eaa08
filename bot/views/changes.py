"""The card of a change: what is asked, how it stands, what one may do about it. Read on a phone, at night.

`live` pictures the change for everybody; `approval` asks those who decide. Both say the same of the plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.change import Change, State
from bot.domain.duration import spoken
from bot.domain.gate import GateResult
from bot.domain.operation import Kind, Operation
from bot.domain.operation import State as OperationState
from bot.domain.plan import PlannedOperation
from bot.domain.step import State as StepState
from bot.domain.step import Step
from bot.views.buttons import asking, following
from bot.views.kit import (
    Block,
    Message,
    actions,
    clip,
    code,
    context,
    escape,
    fitted,
    literal,
    moment,
    outside,
    section,
)
from bot.views.plans import commits, held

SIGNS = {
    State.PROPOSED: ("⚪", "planned"),
    State.BLOCKED: ("⛔", "blocked"),
    State.WAITING: ("🟡", "waiting for approval"),
    State.APPROVED: ("🔵", "approved"),
    State.RUNNING: ("🔵", "running"),
    State.SUCCEEDED: ("✅", "succeeded"),
    State.REJECTED: ("🚫", "rejected"),
    State.EXPIRED: ("⌛", "expired: nobody decided in time"),
    State.VOID: ("🚫", "void: the plan no longer fits the world"),
    State.CANCELLED: ("🚫", "cancelled"),
    State.FAILED: ("❌", "failed"),
    State.PARTLY_DONE: ("⚠️", "partly done"),
    State.UNKNOWN: ("❓", "unknown: somebody has to look"),
}
STEP_SIGNS = {
    StepState.PENDING: "·",
    StepState.STARTED: "⏳",
    StepState.ASKED: "⏳",
    StepState.SUCCEEDED: "✓",
    StepState.FAILED: "✗",
    StepState.UNKNOWN: "?",
    StepState.SKIPPED: "–",
}


@dataclass(frozen=True, slots=True)
class OperationPicture:
    """An operation with its steps and how many stand before it in its target's queue."""

    op: Operation
    planned: PlannedOperation
    steps: Sequence[Step]
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class Vote:
    """What one person said, and when."""

    person: str
    verdict: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ChangePicture:
    """Everything the card says. `names` are people's names by id; `groups` how the approvers are called to it."""

    change: Change
    operations: Sequence[OperationPicture]
    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)
    votes: Sequence[Vote] = ()
    gates: Sequence[GateResult] = ()
    groups: Sequence[str] = ()
    held: bool = False

    def name(self, person: str) -> str:
        """Return a person's name, escaped; a mention would ping them again with every new card."""
        return outside(self.names.get(person, person), 80)


def live(picture: ChangePicture) -> Message:
    """Return the card that follows a change from its plan to its end."""
    return _card(picture, _following(picture), asks=False)


def approval(picture: ChangePicture) -> Message:
    """Return the card that asks for approval, and says afterwards what became of the question."""
    return _card(picture, asking(picture.change), asks=True)


def _following(picture: ChangePicture) -> list[Block]:
    lost = next((one.op for one in picture.operations if one.op.state is OperationState.UNKNOWN), None)
    return following(picture.change, lost, held=picture.held)


def _card(picture: ChangePicture, buttons: list[Block], *, asks: bool) -> Message:
    change = picture.change
    blocks = [section(_head(picture)), context(_origin(picture))]
    if change.reason or change.trigger:
        said = (
            f"{change.trigger}: {change.reason}"
            if change.trigger and change.reason
            else change.trigger or change.reason
        )
        blocks.append(literal(f"“{clip(said, 900)}”"))
    for one in picture.operations:
        blocks += _operation(picture, one)
    blocks += _decision(picture, asks=asks)
    blocks += actions(buttons)
    return Message(_text(picture), fitted(blocks))


def title(change: Change) -> str:
    """Say what a change is for: `Deploy to staging`."""
    return f"Deploy to {change.environment}" if change.kind is Kind.DEPLOY else f"Roll back {change.environment}"


def _head(picture: ChangePicture) -> str:
    sign, words = SIGNS[picture.change.state]
    if picture.held:
        sign, words = "⚠️", "failed in part; the rest waits for you"
    elif picture.change.state is State.RUNNING and picture.change.stop_asked_by:
        words = "stopping"
    return f"{sign} *{title(picture.change)}* · {words}{_took(picture)}"


def _took(picture: ChangePicture) -> str:
    change = picture.change
    if change.started_at is None:
        return ""
    return f" · {spoken((change.finished_at or picture.now) - change.started_at)}"


def _origin(picture: ChangePicture) -> str:
    """Say which change it is and who wants it; when, says the message's own time."""
    return f"change {picture.change.id} · asked by {picture.name(picture.change.asked_by)}"


def _text(picture: ChangePicture) -> str:
    change = picture.change
    what = ", ".join(f"{one.planned.service} {_arrow(one.planned)}" for one in picture.operations)
    words = "failed in part, waits for you" if picture.held else SIGNS[change.state][1]
    return f"{title(change)}: {escape(what)} · {words} (change {change.id})"


def _arrow(planned: PlannedOperation) -> str:
    return f"{planned.before.version if planned.before else 'nothing'} → {planned.to.version}"


# --- operations ---------------------------------------------------------------------------------------------------


def _operation(picture: ChangePicture, one: OperationPicture) -> list[Block]:
    change, planned = picture.change, one.planned
    before = code(planned.before.version) if planned.before else "nothing"
    head = f"*{outside(planned.service)}*  {before} → {code(planned.to.version)}{_standing(one)}"
    blocks = [section(f"{head}\n{_steps(one)}".rstrip())]
    if one.op.reason and one.op.state is not OperationState.CANCELLED:
        blocks.append(literal(one.op.reason, 600))
    if not change.final and change.state is not State.UNKNOWN:
        blocks += held(planned, picture.names)
        blocks += [literal(line) for line in commits(planned)]
    return blocks


def _standing(one: OperationPicture) -> str:
    match one.op.state:
        case OperationState.QUEUED if one.ahead:
            return f" · waits for the target, {one.ahead} before it"
        case OperationState.ROLLING_BACK:
            return " · going back"
        case OperationState.ROLLED_BACK:
            return " · went back"
        case OperationState.CANCELLED:
            return " · not done"
        case OperationState.UNKNOWN:
            return " · unknown"
        case OperationState.FAILED if _is_left(one):
            return " · failed, and left running"
        case _:
            return ""


def _is_left(one: OperationPicture) -> bool:
    """Whether the release had been put there when something after it failed: it serves until somebody acts."""
    put = any(step.kind == "apply" and not step.back and step.state is StepState.SUCCEEDED for step in one.steps)
    return put and not any(step.back and step.state is not StepState.PENDING for step in one.steps)


def _steps(one: OperationPicture) -> str:
    shown = [step for step in one.steps if not step.back or one.op.going_back]
    if one.op.state is OperationState.CANCELLED and all(step.state is StepState.PENDING for step in shown):
        return ""
    return "   ".join(_step(step) for step in shown)


def _step(step: Step) -> str:
    """Return a step with its sign, which no line's end parts from it."""
    name = ("↩\u00a0" if step.back else "") + outside(step.name, 40)
    if step.state in {StepState.STARTED, StepState.ASKED}:
        name = f"*{name}*" + (f" ({outside(step.detail, 120)})" if step.detail else "")
    elif step.state is StepState.SUCCEEDED and step.started_at and step.finished_at:
        name += f"\u00a0{spoken(step.finished_at - step.started_at)}"
    return f"{STEP_SIGNS[step.state]}\u00a0{name}"


# --- the decision ---------------------------------------------------------------------------------------------------


def _decision(picture: ChangePicture, *, asks: bool) -> list[Block]:
    change = picture.change
    lines = [_vote(picture, vote) for vote in picture.votes]
    if change.state is State.WAITING:
        lines.append(_wanted(picture, asks=asks))
    if change.stop_asked_by and change.stop_asked_by != "engine":
        lines.append(f"Stopped by {picture.name(change.stop_asked_by)}")
    blocks = _gates(picture) if change.state in {State.BLOCKED, State.WAITING} else []
    blocks += [section("\n".join(lines))] if lines else []
    if change.words and change.state in {State.VOID, State.UNKNOWN}:
        blocks.append(literal(change.words, 600))
    return blocks


def _vote(picture: ChangePicture, vote: Vote) -> str:
    if vote.verdict == "approve":
        return f"👍 approved by {picture.name(vote.person)} · {moment(vote.at, '{time}')}"
    return f"👎 rejected by {picture.name(vote.person)}: {outside(vote.reason, 500)}"


def _wanted(picture: ChangePicture, *, asks: bool) -> str:
    """Say how many approvals are missing, whose, and until when."""
    change = picture.change
    missing = change.approvals_needed - len(change.approved_by)
    count = f"{missing}{' more' if change.approved_by else ''} {'approval' if missing == 1 else 'approvals'}"
    who = " or ".join(picture.groups if asks and picture.groups else change.plan.approvers)
    until = f" · until {moment(change.expires_at)}" if change.expires_at else ""
    return f"Needs *{count}* from {who}, not from {picture.name(change.asked_by)}{until}"


def _gates(picture: ChangePicture) -> list[Block]:
    """Say what stands in the way, and in small print what does not, a line for each service."""
    closed = [f"✗ {_place(gate)}: {outside(gate.words, 300)}" for gate in picture.gates if not gate.opens]
    open_: dict[str, list[str]] = {}
    for gate in picture.gates:
        if gate.opens:
            open_.setdefault(_place(gate), []).append(outside(gate.words, 300))
    lines = [f"✓ {place}: {', '.join(words)}" for place, words in open_.items()]
    return [
        *([section("\n".join(closed))] if closed else []),
        *([context("\n".join(lines))] if lines else []),
    ]


def _place(gate: GateResult) -> str:
    """Return which service a gate is about; its environment stands on top of the card."""
    return outside(gate.target.partition("/")[0])
