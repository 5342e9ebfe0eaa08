"""The card of a change: what is asked, how it stands, what one may do about it. Read on a phone, at night.

`live` pictures the change for everybody; `approval` asks those who decide. Both say the same of the plan. On top
stands what it is, how it stands and why; at the end what one may do.
"""

from dataclasses import replace

from bot.domain.change import Change, State
from bot.domain.duration import spoken as lasted
from bot.domain.operation import Kind
from bot.domain.operation import State as OperationState
from bot.domain.report import went_back
from bot.views import gates
from bot.views.buttons import Stands, asking, following
from bot.views.kit import (
    Block,
    Message,
    actions,
    button,
    clip,
    code,
    context,
    fitted,
    literal,
    moment,
    outside,
    section,
    spoken,
)
from bot.views.operations import next_step, operation, warned
from bot.views.pictures import ChangePicture, Vote
from bot.views.plans import deed, left_out

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
STARTED = frozenset({State.APPROVED, State.RUNNING, State.SUCCEEDED, State.FAILED, State.PARTLY_DONE, State.UNKNOWN})
ASKED_AGAIN = frozenset({State.REJECTED, State.EXPIRED, State.VOID})


def live(picture: ChangePicture) -> Message:
    """Return the card that follows a change from its plan to its end."""
    return _card(picture, _following(picture), asks=False)


def approval(picture: ChangePicture) -> Message:
    """Return the card that asks for approval, and says afterwards what became of the question."""
    return _card(picture, asking(picture.change), asks=True)


def _following(picture: ChangePicture) -> list[Block]:
    lost = next((one.op for one in picture.operations if one.op.state is OperationState.UNKNOWN), None)
    stands = Stands(
        held=picture.held,
        serves=any(one.leaves or (one.op.state is OperationState.UNKNOWN and one.back) for one in picture.operations),
        overtaken=any(one.owner and one.owner.change > picture.change.id for one in picture.operations),
        drifts=any(one.gate == "drift" and not one.opens for one in picture.gates),
        ends=picture.ends,
    )
    change = picture.change
    back = went_back(change, [one.op.state for one in picture.operations])
    report = [button("incident_report_of_change", "Incident report…", change.id)] if back else []
    return [*following(change, lost, stands), *report]


def _card(picture: ChangePicture, buttons: list[Block], *, asks: bool) -> Message:
    blocks = [*_blocks(picture, asks=asks), *actions(buttons)]
    text = spoken(_blocks(replace(picture, groups=()), asks=asks))  # a group is called by the blocks, and called once
    return Message(text, fitted(blocks))


def _blocks(picture: ChangePicture, *, asks: bool) -> list[Block]:
    change = picture.change
    blocks = [section(_head(picture)), context(_origin(picture)), *_why(picture)]
    if change.reason or change.trigger:
        blocks.append(literal(f"“{clip(': '.join(filter(None, (change.trigger, change.reason))), 900)}”"))
    for one in picture.operations:
        blocks += operation(picture, one, asks=asks)
    return [
        *blocks,
        *left_out(picture.left_out),
        *_gates(picture),
        *_decision(picture, asks=asks),
        *_way_on(picture),
    ]


def title(change: Change) -> str:
    """Say what a change is for: `Deploy to staging`."""
    return deed(change.kind, change.environment)


def standing(change: Change) -> tuple[str, str]:
    """Return the sign and the words for how a change stands."""
    match change.state:
        case State.APPROVED if not change.approvals_needed:
            return "🔵", "about to start"
        case State.EXPIRED if change.words:
            return "⌛", "expired: the way did not become free in time"
        case State.RUNNING if change.stop_asked_by:
            return "🔵", "stopping"
        case _:
            return SIGNS[change.state]


def _head(picture: ChangePicture) -> str:
    change = picture.change
    sign, words = standing(change)
    if picture.held:
        sign, words = "⚠️", "failed in part; the rest waits for you"
    elif picture.in_line and not change.stop_asked_by:
        return f"⏳ *{title(change)}* · waiting in line"
    elif change.state is State.FAILED and all(_gone_back(one.op.state) for one in picture.operations):
        words = "failed, and went back"
    return f"{sign} *{title(change)}* · {words}{_took(picture)}"


def _gone_back(state: OperationState) -> bool:
    return state in {OperationState.ROLLED_BACK, OperationState.CANCELLED}


def _took(picture: ChangePicture) -> str:
    change = picture.change
    if change.started_at is None:
        return ""
    return f" · {lasted((change.finished_at or picture.now) - change.started_at)}"


def _origin(picture: ChangePicture) -> str:
    """Say which change it is and who wants it; when, says the message's own time."""
    return f"change {picture.change.id} · asked by {picture.name(picture.change.asked_by)}"


def _why(picture: ChangePicture) -> list[Block]:
    """Say why it stands as it stands, where that is not said by one of its operations."""
    change = picture.change
    if change.state is State.BLOCKED:
        return gates.worth_reading(picture.gates) or [literal(change.words, 600)]
    told = change.words and change.state in {State.VOID, State.UNKNOWN, State.EXPIRED}
    return [literal(change.words, 600)] if told else []


def _gates(picture: ChangePicture) -> list[Block]:
    """Say what the gates said; of a change that never started, and no longer will, that says nothing of today."""
    match picture.change.state:
        case State.WAITING:
            return [*_worth_reading(picture), *gates.passes_in_words(picture.gates)]
        case State.BLOCKED:
            return gates.passes(picture.gates)
        case state if state in STARTED:
            return [*_worth_reading(picture), *gates.passes(picture.gates)]
        case _:
            return []


def _worth_reading(picture: ChangePicture) -> list[Block]:
    """Return what does not simply pass, without the holds of which the card says more already."""
    told = [one.planned for one in picture.operations if warned(picture, one)]
    return gates.worth_reading(gates.without_holds(picture.gates, told))


# --- the decision ---------------------------------------------------------------------------------------------------


def _decision(picture: ChangePicture, *, asks: bool) -> list[Block]:
    change = picture.change
    lines = [_vote(picture, vote) for vote in picture.votes]
    if change.state is State.WAITING:
        lines.append(_wanted(picture, asks=asks))
    if change.stop_asked_by and change.stop_asked_by != "engine":
        lines.append(f"Stopped by {picture.name(change.stop_asked_by)}")
    return [section("\n".join(lines))] if lines else []


def _vote(picture: ChangePicture, vote: Vote) -> str:
    if vote.verdict == "approve":
        return f"👍 approved by {picture.name(vote.person)} · {moment(vote.at, '{time}')}"
    if vote.verdict == "lapsed":
        return f"~👍~ the approval of {picture.name(vote.person)} no longer counts: {outside(vote.reason, 200)}"
    return f"👎 rejected by {picture.name(vote.person)}: {outside(vote.reason, 500)}"


def _wanted(picture: ChangePicture, *, asks: bool) -> str:
    """Say how many approvals are missing, whose, and until when."""
    change = picture.change
    missing = change.approvals_needed - len(change.approved_by)
    count = f"{missing}{' more' if change.approved_by else ''} {'approval' if missing == 1 else 'approvals'}"
    who = " or ".join(picture.groups if asks and picture.groups else change.plan.approvers)
    until = f" · until {moment(change.expires_at)}" if change.expires_at else ""
    return f"Needs *{count}* from {who}, not from {picture.name(change.asked_by)}{until}"


def _way_on(picture: ChangePicture) -> list[Block]:
    """Say what happens next, or what one may do, where the buttons do not say it."""
    change = picture.change
    match change.state:
        case State.BLOCKED:
            until = f", until {moment(change.expires_at, '{time}')}" if change.expires_at else ""
            return [context(f"It is checked again by itself{until}.")]
        case state if state in ASKED_AGAIN:
            return [context(f"To ask again: {code(picture.typed or _words(change), 200)}")]
        case State.SUCCEEDED if change.kind is Kind.ROLLBACK and change.trigger:
            left = [code(one.before) for one in picture.operations if one.before]
            return [context(f"Marked as faulty, and held off until somebody names it: {', '.join(left)}")]
        case _:
            on = dict.fromkeys(next_step(picture, one) for one in picture.operations)
            return [context(line) for line in on if line]


def _words(change: Change) -> str:
    """Return what to type to ask for the same again."""
    services = [op.service for op in change.plan.operations]
    return f"/{' '.join([change.kind, change.environment, *(services if len(services) == 1 else [])])}"
