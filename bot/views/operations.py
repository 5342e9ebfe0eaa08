"""An operation on a card: from what to what, how it stands, its steps, and what it brings."""

from bot.domain.change import State as ChangeState
from bot.domain.duration import spoken
from bot.domain.operation import State
from bot.domain.step import AT_WORK, Step
from bot.domain.step import State as StepState
from bot.views.kit import Block, code, literal, outside, section, small
from bot.views.pictures import ChangePicture, InLine, OperationPicture
from bot.views.plans import across, commits, held

STEP_SIGNS = {
    StepState.PENDING: "·",
    StepState.STARTED: "⏳",
    StepState.ASKED: "⏳",
    StepState.STOPPING: "⏹️",
    StepState.ENDING: "⏹️",
    StepState.SUCCEEDED: "✓",
    StepState.FAILED: "✗",
    StepState.UNKNOWN: "?",
    StepState.SKIPPED: "–",
}
WORTH_SAYING = 1.0  # seconds: what is over sooner took no time


def operation(picture: ChangePicture, one: OperationPicture, *, asks: bool) -> list[Block]:
    """Return the paragraphs of one operation; a card that only `asks` does not follow what comes after it."""
    change, planned = picture.change, one.planned
    standing = _standing(picture, one) if not (asks and change.final) else _ended(one)
    head = f"*{outside(planned.service)}*  {_from_to(one)}"
    words = " · ".join([head, *([standing] if standing else [])])
    blocks = [section(f"{words}\n{_steps(one)}".rstrip())]
    if one.op.reason and one.op.state not in {State.CANCELLED, State.UNKNOWN}:
        blocks.append(literal(one.op.reason, 1000))
    blocks += [small(f"{step.name} · {step.note}") for step in one.steps if step.note]
    if one.as_planned and not (one.op.final or change.final or change.state is ChangeState.UNKNOWN):
        blocks += [*held(planned, picture.names), *across(planned)]
        blocks += [literal(line) for line in commits(planned) if one.op.kind.brings]
    return blocks


def _from_to(one: OperationPicture) -> str:
    to = code(one.planned.to.version)
    return f"{_found(one)} → {to}" if one.op.kind.brings else to


def _found(one: OperationPicture) -> str:
    """Return what is, or was, there before: what the operation found, which the plan may not have known."""
    planned = one.planned.before.version if one.planned.before else None
    before = planned if one.as_planned else one.before
    return code(before) if before else "nothing"


def _standing(picture: ChangePicture, one: OperationPicture) -> str:
    if one.op.state is State.QUEUED and one.line is not None:
        return _waits(picture, one.line)
    if one.superseded_by is not None and one.superseded_by != picture.change.id:
        after = f"superseded by {picture.card(one.superseded_by)}"
        return f"failed, then {after}" if one.left else after
    return _ended(one)


def _ended(one: OperationPicture) -> str:
    match one.op.state:
        case State.ROLLING_BACK:
            return f"failed, going back to {_found(one)}"
        case State.ROLLED_BACK:
            return f"failed, and went back to {_found(one)}"
        case State.CANCELLED:
            return "not done"
        case State.UNKNOWN:
            return "unknown"
        case State.FAILED:
            return _failed(one)
        case _:
            return ""


def _failed(one: OperationPicture) -> str:
    """Say that it failed, and what that left there, as far as that is known."""
    if one.left:
        return "failed, and left running"
    if one.op.going_back:
        return f"failed, and going back to {_found(one)} failed, too"
    return f"failed; {_found(one)} stayed live" if one.untouched and one.begun else "failed"


def _waits(picture: ChangePicture, line: InLine) -> str:
    first = f"{picture.card(line.change)} by {picture.name(line.by)}"
    if line.lost:
        return f"waits until somebody has settled {first}: it is unknown there"
    return f"next, after {first}" if line.ahead == 1 else f"in line, {line.ahead} before it; now {first}"


def _steps(one: OperationPicture) -> str:
    shown = [step for step in one.steps if not step.back or one.op.going_back]
    if one.op.state is State.CANCELLED and not one.begun:
        return ""
    return "   ".join(_step(step) for step in shown)


def _step(step: Step) -> str:
    """Return a step with its sign, which no line's end parts from it."""
    name = ("↩\u00a0" if step.back else "") + outside(step.name, 40)
    if step.state in AT_WORK:
        name = f"*{name}*" + (f" ({outside(step.detail, 120)})" if step.detail else "")
    elif step.state is StepState.SUCCEEDED and step.started_at and step.finished_at:
        took = step.finished_at - step.started_at
        name += f"\u00a0{spoken(took)}" if took.total_seconds() >= WORTH_SAYING else ""
    return f"{STEP_SIGNS[step.state]}\u00a0{name}"
