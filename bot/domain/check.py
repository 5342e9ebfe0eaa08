"""What others have said of a commit, as values: test runs, scanners, reviews; and what that comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.domain.gate import Verdict

MOST_NAMED = 3


class Conclusion(StrEnum):
    """How a check ended. What has not ended is `pending`; what ended without a verdict (cancelled, stale) is `none`."""

    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Check:
    """A named check of a commit: `words` are the checker's own, `url` is where a person reads more."""

    name: str
    conclusion: Conclusion
    words: str = ""
    url: str = ""


def judge(pattern: str, checks: Sequence[Check]) -> tuple[Verdict, str]:
    """Say what the checks have come to that a pattern (`test*`) means: there must be one, and all must have passed.

    What is missing, goes on, or ended without a verdict cannot be told, and does not pass.
    """
    meant = [one for one in checks if fnmatchcase(one.name.casefold(), pattern.casefold())]
    if not meant:
        return Verdict.UNKNOWN, f"no check called “{pattern}” is known"
    failed = [one for one in meant if one.conclusion is Conclusion.FAILED]
    if failed:
        return Verdict.FAIL, _listed(failed)
    open_ = [one for one in meant if one.conclusion is not Conclusion.PASSED]
    if open_:
        return Verdict.UNKNOWN, _listed(open_)
    return Verdict.PASS, ", ".join(one.name for one in meant)


def _listed(checks: Sequence[Check]) -> str:
    more = len(checks) - MOST_NAMED
    return "; ".join([*map(_said, checks[:MOST_NAMED]), *([f"and {more} more"] if more > 0 else [])])


def _said(check: Check) -> str:
    how = {Conclusion.FAILED: "failed", Conclusion.PENDING: "has not ended", Conclusion.NONE: "ended without a verdict"}
    words = f" ({check.words})" if check.words else ""
    return f"{check.name} {how.get(check.conclusion, 'passed')}{words}" + (f" {check.url}" if check.url else "")
