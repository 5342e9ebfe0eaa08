"""The buttons under the cards of a change: each says the same as a word in commands/, and is named as there."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.change import Change, State, can_be_again
from bot.domain.operation import Kind, Operation
from bot.views.kit import Block, Sure, button


def asking(change: Change) -> list[Block]:
    """Return what those who decide may press."""
    if change.state is not State.WAITING:
        return []
    named = [f"{op.service} {op.to.version}" for op in change.plan.operations]
    last = change.approvals_needed - len(change.approved_by) == 1
    then = "Yours is the last approval: it starts at once." if last else "It starts when the others have approved, too."
    what = f"{' and '.join(named)} {'goes' if len(named) == 1 else 'go'} to {change.environment}. {then}"
    sure = Sure(f"Approve change {change.id}?", what, "Approve")
    return [
        button("approve", "Approve", change.id, style="primary", sure=sure),
        button("reject", "Reject…", change.id, style="danger"),
    ]


@dataclass(frozen=True, slots=True)
class Stands:
    """What decides which buttons a change's card has, besides its state.

    `held`: the rest waits for a word. `serves`: something it brought is what is live, and can be left for another
    release: the way back from there is offered, and on no older card; `overtaken`: something was brought there since.
    `drifts`: it waits for a word on what it replaces. `ends` are the kinds of its backends that can end what they have
    under way.
    """

    held: bool = False
    serves: bool = False
    overtaken: bool = False
    drifts: bool = False
    ends: Sequence[str] = ()


def following(change: Change, lost: Operation | None, stands: Stands) -> list[Block]:
    """Return what one may do about a change as it stands; `lost` is its operation that is unknown, if one is."""
    if lost is not None:
        return [*_settle(lost), *([_rollback(change)] if stands.serves else [])]
    if stands.held:
        return [
            button("go_on", "Go on with the rest", change.id),
            _cancel(change, "Stop here"),
            *([_rollback(change)] if stands.serves else []),
        ]
    match change.state:
        case State.BLOCKED:
            again = button("check_again", "Check again", change.id)
            return [*([_replace(change)] if stands.drifts else []), again, _cancel(change)]
        case State.PROPOSED | State.WAITING | State.APPROVED:
            return [_cancel(change)]
        case State.RUNNING if not change.stop_asked_by:
            return [_cancel(change, ends=stands.ends)]
        case State.FAILED | State.CANCELLED if can_be_again(change) and not stands.overtaken:
            return [_again(change), *([_rollback(change)] if stands.serves else [])]
        case State.SUCCEEDED | State.FAILED | State.PARTLY_DONE if stands.serves:
            return [_rollback(change)]
        case _:
            return []


def _cancel(change: Change, words: str = "Cancel", *, ends: Sequence[str] = ()) -> Block:
    sure = Sure(
        "Stop this change?", f"What has not begun will not be done; {_going_on(change, ends)}", "Stop it", "Go on"
    )
    return button("cancel", words, change.id, sure=sure)


def _going_on(change: Change, ends: Sequence[str]) -> str:
    """Say what stopping a change does about what is under way: it is asked to end, or it is not."""
    if change.state is not State.RUNNING:
        return "what is live stays live."
    if not ends:
        return "what touches a target already runs to its end, and what is live stays live."
    back = " Then what was there before is brought back." if change.plan.on_failure == "roll_back" else ""
    asked = f"what {' and '.join(ends)} has under way is asked to end, and may end half-way"
    return f"{asked}. The card says how it ended.{back}"


def _again(change: Change) -> Block:
    named = " and ".join(f"{op.service} {op.to.version}" for op in change.plan.operations)
    asks = "It needs approval anew. " if change.approvals_needed else ""
    what = f"{change.kind.capitalize()} in {change.environment}: {named}. A new change with its own plan. {asks}"
    sure = Sure("Run this again?", what.strip(), "Run again")
    return button("again", "Run again", change.id, sure=sure)


def _replace(change: Change) -> Block:
    what = "You know what runs there, and why it is not what the ledger says. This change replaces it."
    return button(
        "replace", "Replace it", change.id, style="danger", sure=Sure("Replace what runs there?", what, "Replace it")
    )


def _rollback(change: Change) -> Block:
    """Return the way back: loud where something went wrong, quiet under what went well."""
    went_well = change.state is State.SUCCEEDED
    further = change.kind is Kind.ROLLBACK and went_well
    words = "Go further back…" if further else "Roll back…"
    return button("rollback", words, change.id, style=None if went_well else "danger")


def _settle(lost: Operation) -> list[Block]:
    target = str(lost.target)
    good = Sure("Mark as succeeded?", f"You have looked, and {target} runs what was asked for.", "It succeeded")
    bad = Sure("Mark as failed?", f"You have looked, and {target} does not run what was asked for.", "It failed")
    return [
        button("mark_succeeded", "Mark succeeded", lost.id, sure=good),
        button("mark_failed", "Mark failed", lost.id, sure=bad),
    ]
