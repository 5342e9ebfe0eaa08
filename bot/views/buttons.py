"""The buttons under the cards of a change: each says the same as a word in commands/, and is named as there."""

from bot.domain.change import Change, State
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


def following(change: Change, lost: Operation | None, *, held: bool, serves: bool, drifts: bool = False) -> list[Block]:
    """Return what one may do about a change as it stands.

    `lost` is its operation that is unknown, if one is; `serves` says that something it brought is what is live, and
    can be left for another release: the way back from there is offered, and on no older card. `drifts` says that it
    waits for a word on what it replaces.
    """
    if lost is not None:
        return [*_settle(lost), *([_rollback(change)] if serves else [])]
    if held:
        return [
            button("go_on", "Go on with the rest", change.id),
            _cancel(change, "Stop here"),
            *([_rollback(change)] if serves else []),
        ]
    match change.state:
        case State.BLOCKED:
            again = button("check_again", "Check again", change.id)
            return [*([_replace(change)] if drifts else []), again, _cancel(change)]
        case State.PROPOSED | State.WAITING | State.APPROVED:
            return [_cancel(change)]
        case State.RUNNING if not change.stop_asked_by:
            return [_cancel(change)]
        case State.SUCCEEDED | State.FAILED | State.PARTLY_DONE if serves:
            return [_rollback(change)]
        case _:
            return []


def _cancel(change: Change, words: str = "Cancel") -> Block:
    sure = Sure(
        "Stop this change?", "What has not begun will not be done; what is live stays live.", "Stop it", "Go on"
    )
    return button("cancel", words, change.id, sure=sure)


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
