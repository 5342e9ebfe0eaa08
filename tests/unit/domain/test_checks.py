"""What checks come to: one that is missing, goes on, or ended without a verdict does not pass."""

import pytest

from bot.domain.check import Check, Conclusion, judge
from bot.domain.gate import Verdict, worst

PASSED, FAILED, PENDING, NONE = Conclusion
URL = "https://ci.example/7"


@pytest.mark.parametrize(
    ("pattern", "checks", "verdict", "words"),
    [
        ("test*", [Check("tests", PASSED), Check("Test (3.11)", PASSED)], Verdict.PASS, "tests, Test (3.11)"),
        ("review", [Check("tests", PASSED)], Verdict.UNKNOWN, "no check called “review” is known"),
        ("test*", [], Verdict.UNKNOWN, "no check called “test*” is known"),
        ("snyk", [Check("snyk", FAILED, "2 issues", URL)], Verdict.FAIL, f"snyk failed (2 issues) {URL}"),
        ("snyk", [Check("snyk", PENDING, url=URL)], Verdict.UNKNOWN, f"snyk has not ended {URL}"),
        ("snyk", [Check("snyk", NONE, "cancelled")], Verdict.UNKNOWN, "snyk ended without a verdict (cancelled)"),
        ("*", [Check("a", PENDING), Check("b", FAILED), Check("c", PASSED)], Verdict.FAIL, "b failed"),
        ("*", [Check("a", PENDING), Check("c", PASSED)], Verdict.UNKNOWN, "a has not ended"),
        ("[ab", [Check("[ab", PASSED)], Verdict.PASS, "[ab"),
        (
            "*",
            [Check(name, FAILED) for name in "abcde"],
            Verdict.FAIL,
            "a failed; b failed; c failed; and 2 more",
        ),
    ],
)
def test_what_checks_come_to(pattern: str, checks: list[Check], verdict: Verdict, words: str) -> None:
    assert judge(pattern, checks) == (verdict, words)


def test_a_no_is_worse_than_what_cannot_be_told_and_nothing_asked_passes() -> None:
    assert worst([Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL]) is Verdict.FAIL
    assert worst([Verdict.PASS, Verdict.UNKNOWN]) is Verdict.UNKNOWN
    assert worst([]) is Verdict.PASS
