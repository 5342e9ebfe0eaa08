"""A plan that is only looked at: what `--dry-run` shows."""

from collections.abc import Mapping, Sequence

from bot.domain.gate import GateResult, obstacle
from bot.domain.plan import Plan, PlannedOperation, Preview
from bot.views import gates as gate_views
from bot.views.kit import Block, Message, code, context, literal, outside, preformatted, said, section
from bot.views.plans import across, commits, deed, held
from bot.views.plans import left_out as left_out_lines


def plan(
    drawn: Plan,
    gates: Sequence[GateResult],
    left_out: Sequence[str] = (),
    *,
    names: Mapping[str, str] | None = None,
    changes: Mapping[str, Preview] | None = None,
    refused: str = "",
) -> Message:
    """Return the plan as its card would show it, what would become of it, and that nothing was done.

    `changes` says by service what would change there, where the backend tells that; `refused` why the same, asked for,
    would not even be planned.
    """
    blocks: list[Block] = [
        section(f"🔍 *{outside(deed(drawn.kind, drawn.environment))}* · only looking: nothing was done"),
        context("asked for now, it would be *refused*:" if refused else _then(drawn, gates)),
        *([literal(refused)] if refused else []),
    ]
    blocks += gate_views.worth_reading(gate_views.without_holds(gates, drawn.operations))
    for op in drawn.operations:
        blocks += [*_operation(op, names or {}, refused=bool(refused)), *_changes((changes or {}).get(op.service))]
    return said([*blocks, *left_out_lines(left_out), *gate_views.passes(gates)])


def _operation(op: PlannedOperation, names: Mapping[str, str], *, refused: bool) -> list[Block]:
    before = code(op.before.version) if op.before else "nothing"
    steps = " → ".join(outside(step.name, 40) for step in op.steps)
    return [
        section(f"*{outside(op.service)}*  {before} → {code(op.to.version)}\n{steps}"),
        *held(op, names),
        *([] if refused else across(op)),  # what is refused says it already
        *(literal(text) for text in commits(op)),
    ]


def _changes(preview: Preview | None) -> list[Block]:
    """Return what would change there, as the backend says it; what it could not be asked is said, too."""
    if preview is None:
        return []
    if preview.unbuilt:
        return [context("it would be built first; what would change there can be told after that")]
    if preview.fault:
        return [literal(f"What would change could not be asked: {preview.fault}", 600)]
    if not preview.lines and not preview.more:
        return [context("nothing would change there")]
    more = [f"… and {preview.more} more lines" if preview.more > 1 else "… and 1 more line"] if preview.more else []
    return [preformatted("\n".join([*preview.lines, *more]))]


def _then(drawn: Plan, gates: Sequence[GateResult]) -> str:
    """Say what would happen if it were asked for now."""
    if obstacle(list(gates)) is not None:
        return "asked for now, it would be *blocked*:"
    if drawn.approvals:
        count = f"{drawn.approvals} {'approval' if drawn.approvals == 1 else 'approvals'}"
        return f"asked for now, it would wait for {count} from {' or '.join(drawn.approvers)}"
    return "asked for now, it would start at once"
