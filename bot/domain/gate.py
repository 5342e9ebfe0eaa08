"""Gates: what must hold before a change starts. They run at the request and again at the start."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a gate says. Only `pass` and `waived` let a change start."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate says of one target, in words for people."""

    gate: str
    target: str
    verdict: Verdict
    words: str

    @property
    def opens(self) -> bool:
        """Whether this gate lets the change start."""
        return self.verdict in {Verdict.PASS, Verdict.WAIVED}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what several verdicts come to: a no, else what cannot be told, else a pass."""
    found = set(verdicts)
    return next((one for one in (Verdict.FAIL, Verdict.UNKNOWN) if one in found), Verdict.PASS)


def obstacle(results: list[GateResult]) -> str | None:
    """Say what keeps a change from starting, or None when every gate opens."""
    closed = [f"{one.target}: {one.words}" for one in results if not one.opens]
    return "; ".join(closed) or None
