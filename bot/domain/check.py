"""What others have said of a commit, as values: test runs, scanners, reviews."""

from dataclasses import dataclass
from enum import StrEnum


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
