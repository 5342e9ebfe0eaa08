"""What the gates of a plan said: what is in the way in full, and what is not in one line."""

from collections.abc import Sequence

from bot.domain.gate import GateResult, Verdict
from bot.domain.plan import PlannedOperation
from bot.views.kit import Block, context, outside, section

SIGNS = {Verdict.FAIL: "✗", Verdict.UNKNOWN: "❓", Verdict.WAIVED: "⚠️", Verdict.PASS: "✓"}


def worth_reading(gates: Sequence[GateResult]) -> list[Block]:
    """Return what does not simply pass, each in full: a no, what cannot be told, and what was waived."""
    lines = [_said(gate) for gate in gates if gate.verdict is not Verdict.PASS]
    return [section("\n".join(lines))] if lines else []


def without_holds(gates: Sequence[GateResult], told: Sequence[PlannedOperation]) -> list[GateResult]:
    """Leave out that a held release was named all the same, where the plan's own words (`told`) say so, and more."""
    said = {planned.service for planned in told if planned.held is not None}
    return [one for one in gates if not (one.gate == "held" and one.verdict is Verdict.WAIVED and _place(one) in said)]


def passes(gates: Sequence[GateResult]) -> list[Block]:
    """Return the names of the gates that pass everywhere they were asked, in one line."""
    stopped = {gate.gate for gate in gates if gate.verdict is not Verdict.PASS}
    names = [name for name in dict.fromkeys(gate.gate for gate in gates) if name not in stopped]
    return [context(f"gates: {', '.join(outside(name, 40) for name in names)} pass")] if names else []


def passes_in_words(gates: Sequence[GateResult]) -> list[Block]:
    """Return what passes as those who decide want to read it, a line for each service."""
    open_: dict[str, list[str]] = {}
    for gate in gates:
        if gate.verdict is Verdict.PASS:
            open_.setdefault(_place(gate), []).append(outside(gate.words, 300))
    lines = [f"✓ {place}: {', '.join(words)}" for place, words in open_.items()]
    return [context("\n".join(lines))] if lines else []


def _said(gate: GateResult) -> str:
    return f"{SIGNS[gate.verdict]} {_place(gate)}: {outside(gate.words, 700)}"


def _place(gate: GateResult) -> str:
    """Return which service a gate is about; its environment stands on top of the card."""
    return outside(gate.target.partition("/")[0])
