"""A plan that is only looked at: what `--dry-run` shows."""

from collections.abc import Mapping

from bot.domain.gate import GateResult
from bot.domain.operation import Kind
from bot.domain.plan import Plan
from bot.views.kit import Block, Message, code, context, escape, fitted, literal, outside, section
from bot.views.plans import commits, held


def plan(drawn: Plan, gates: list[GateResult], names: Mapping[str, str]) -> Message:
    """Return the plan as its card would show it, and that nothing was done."""
    deed = f"Deploy to {drawn.environment}" if drawn.kind is Kind.DEPLOY else f"Roll back {drawn.environment}"
    blocks: list[Block] = [section(f"🔍 *{outside(deed)}* · only looking: nothing was done")]
    for op in drawn.operations:
        before = code(op.before.version) if op.before else "nothing"
        steps = " → ".join(outside(step.name, 40) for step in op.steps)
        blocks.append(section(f"*{outside(op.service)}*  {before} → {code(op.to.version)}\n{steps}"))
        blocks += [*held(op, names), *(literal(text) for text in commits(op))]
    blocks += [
        section(f"{'✓' if one.opens else '✗'} {outside(one.target)}: {outside(one.words, 300)}") for one in gates
    ]
    if drawn.approvals:
        blocks.append(context(f"would wait for {drawn.approvals} from {' or '.join(drawn.approvers)}"))
    what = ", ".join(f"{op.service} {op.to.version}" for op in drawn.operations)
    return Message(f"{deed}, only looking: {escape(what)}", fitted(blocks))
