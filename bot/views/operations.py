"""An operation on a card: from what to what, how it stands, its steps, and what it brings."""

from bot.domain.change import State as ChangeState
from bot.domain.duration import spoken
from bot.domain.operation import Kind, State
from bot.domain.step import AT_WORK, Step
from bot.domain.step import State as StepState
from bot.views.causes import after
from bot.views.kit import Block, code, context, literal, outside, section, small
from bot.views.pictures import ChangePicture, InLine, OperationPicture
from bot.views.plans import across, commits, held
from bot.views.reasons import shown

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
STUCK = frozenset({State.FAILED, State.ROLLING_BACK, State.ROLLED_BACK, State.UNKNOWN})
WORTH_SAYING = 1.0  # seconds: what is over sooner took no time


def operation(picture: ChangePicture, one: OperationPicture, *, asks: bool) -> list[Block]:
    """Return the paragraphs of one operation; a card that only `asks` does not follow what comes after it."""
    change, planned = picture.change, one.planned
    standing = _standing(picture, one) if not (asks and change.final) else ended(picture, one)
    head = f"*{outside(planned.service)}*  {_from_to(one)}"
    words = " · ".join([head, *([standing] if standing else [])])
    blocks = [section(f"{words}\n{_steps(one)}".rstrip())]
    if one.op.reason and one.op.state not in {State.CANCELLED, State.UNKNOWN}:
        blocks += shown(one.op.reason)
    blocks += after(picture.alerts.get(one.op.id, ()))
    if one.op.settled_by:
        blocks.append(context(f"{picture.name(one.op.settled_by)} looked, and said that it {_settled(one)}"))
    blocks += [small(f"{step.name} · {step.note}") for step in one.steps if step.note]
    if warned(picture, one):
        blocks += [*held(planned, picture.names), *across(planned)]
    if one.as_planned and one.op.kind.brings and (one.op.state in STUCK or _open(picture, one)):
        blocks += [literal(line) for line in commits(planned)]
    return blocks


def warned(picture: ChangePicture, one: OperationPicture) -> bool:
    """Whether a card says of an operation what to know before it: of what has ended that is no longer news."""
    return one.as_planned and _open(picture, one) and picture.change.state is not ChangeState.UNKNOWN


def _open(picture: ChangePicture, one: OperationPicture) -> bool:
    return not (one.op.final or picture.change.final)


def _settled(one: OperationPicture) -> str:
    if one.op.state is State.FAILED:
        return "failed"
    return "went back" if one.op.state is State.ROLLED_BACK else "succeeded"


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
    return ended(picture, one)


def ended(picture: ChangePicture, one: OperationPicture) -> str:
    """Say how an operation ended, where that is not simply well."""
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
            return _failed(picture, one)
        case _:
            return ""


def _failed(picture: ChangePicture, one: OperationPicture) -> str:
    """Say that it failed, and what that left there, as far as that is known."""
    if one.left:
        return "failed, and left running"
    if one.op.going_back:
        return f"failed, and going back to {_found(one)} failed, too"
    if not one.untouched or not one.begun:
        return "failed"
    over = f", which had failed, too ({picture.card(one.over_failed)})" if one.over_failed else ""
    return f"failed; {_found(one)} stayed live{over}"


def next_step(picture: ChangePicture, one: OperationPicture) -> str:
    """Say what one may do about an operation that did not end well."""
    op, environment = one.op, picture.change.environment
    place = outside(f"{environment} {one.planned.service}", 100)
    match op.state:
        case State.UNKNOWN:
            where = outside(str(op.target))
            return f"Look at {where}, then say how it ended. Nothing else goes there until somebody has."
        case State.ROLLED_BACK:
            return f"{code(one.planned.to.version)} is held off there until somebody names it."
        case State.FAILED if op.kind is Kind.RESTART:
            return f"Look what serves there now; `/rollback {environment}` leads to another release."
        case State.FAILED if op.going_back:
            return f"Look what serves there now; from there, `/rollback {environment}` leads back."
        case State.FAILED if one.left:
            serves = "What was left running serves until somebody rolls back, or deploys a mended release."
            return serves if one.live else ""
        case State.FAILED if one.over_failed is not None:
            return f"`/rollback {place}` leaves what failed there before; a mended release replaces it."
        case State.FAILED if op.kind is Kind.DEPLOY and one.begun:
            again = f"To try the same again: `/deploy {place} {outside(one.planned.to.version, 60)}`"
            found = one.before if not one.untouched and one.before != one.planned.to.version else None
            return f"{again}; what ran before: `/deploy {place} {outside(found, 60)}`." if found else f"{again}."
        case _:
            return ""


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
