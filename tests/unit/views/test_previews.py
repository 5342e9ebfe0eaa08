"""A dry run says what would become of the plan, what is in its way, and what is not in it."""

from bot.domain.canonical import canonical
from bot.domain.gate import GateResult, Verdict
from bot.domain.operation import Kind
from bot.domain.plan import Plan, PlannedOperation, PlannedRelease, PlannedStep, Preview
from bot.painter.replies import drawn
from bot.sandbox.validation import check_blocks
from bot.views.previews import plan

OPERATION = PlannedOperation(
    "backend", PlannedRelease(2, "1.5.0", "b" * 40, None), None, (PlannedStep("build", "build"),)
)
STAGING = Plan(Kind.DEPLOY, "staging", (OPERATION,))
PRODUCTION = Plan(Kind.DEPLOY, "production", (OPERATION,), 2, ("production-team",))
REACHABLE = GateResult("reachable", "backend/staging", Verdict.PASS, "runs 1.4.0 now")


def lines(shown: Plan, *gates: GateResult, left_out: tuple[str, ...] = ()) -> list[str]:
    message = plan(shown, gates, left_out)
    assert check_blocks(list(message.blocks), surface="message") == []
    return message.text.split("\n")


def test_what_passes_is_one_line_at_the_end() -> None:
    promoted = GateResult("promoted", "backend/staging", Verdict.PASS, "good")

    assert lines(STAGING, REACHABLE, promoted) == [
        "🔍 Deploy to staging · only looking: nothing was done",
        "asked for now, it would start at once",
        "backend  nothing → 1.5.0",
        "build",
        "gates: reachable, promoted pass",
    ]


def test_what_is_held_off_and_was_named_is_said_in_full() -> None:
    held = GateResult("held", "backend/staging", Verdict.WAIVED, "1.5.0 is held off here, and was named all the same")

    told = lines(STAGING, REACHABLE, held)
    assert told[1:3] == [
        "asked for now, it would start at once",
        "⚠️ backend: 1.5.0 is held off here, and was named all the same",
    ]
    assert told[-1] == "gates: reachable pass"


def test_what_is_in_the_way_is_said_first_and_that_it_would_be_blocked() -> None:
    held = GateResult("held", "backend/staging", Verdict.FAIL, "1.5.0 was rolled back from staging")

    assert lines(STAGING, held, REACHABLE)[1:3] == [
        "asked for now, it would be blocked:",
        "✗ backend: 1.5.0 was rolled back from staging",
    ]


def test_what_would_change_stands_under_its_operation_exactly_as_it_was_said() -> None:
    said = Preview(("image: a → b", "- <!channel> *x*", "+ `y`"), more=3)
    message = plan(STAGING, [REACHABLE], changes={"backend": said})

    assert check_blocks(list(message.blocks), surface="message") == []
    assert message.text.split("\n")[2:] == [
        "backend  nothing → 1.5.0",
        "build",
        "image: a → b",
        "- &lt;!channel&gt; *x*",
        "+ `y`",
        "… and 3 more lines",
        "gates: reachable pass",
    ]


def test_what_would_not_change_and_what_could_not_be_asked_is_said() -> None:
    nothing = plan(STAGING, [], changes={"backend": Preview()})
    unbuilt = plan(STAGING, [], changes={"backend": Preview(unbuilt=True)})
    refused = plan(STAGING, [], changes={"backend": Preview(fault="connection refused")})

    assert nothing.text.split("\n")[-1] == "nothing would change there"
    assert unbuilt.text.split("\n")[-1] == "it would be built first; what would change there can be told after that"
    assert refused.text.split("\n")[-1] == "What would change could not be asked: connection refused"


def test_whose_approvals_it_would_wait_for() -> None:
    assert lines(PRODUCTION, REACHABLE)[1] == "asked for now, it would wait for 2 approvals from production-team"


def test_what_is_not_in_the_plan_is_counted_where_it_is_much() -> None:
    told = lines(STAGING, left_out=tuple(f"service-{number} is live." for number in range(9)))

    start = told.index("Not in this plan:")
    assert told[start + 1] == "service-0 is live."
    assert told[start + 6] == "… and 4 more."


class Nobody:
    """A world in which nobody is asked for their name."""

    async def names(self, people: list[str]) -> dict[str, str]:
        assert not people
        return {}


async def test_an_answer_that_an_older_version_wrote_down_is_still_shown() -> None:
    answer = canonical({"plan": {"kind": "deploy", "environment": "staging", "operations": []}, "gates": []})

    assert (await drawn(Nobody(), answer)).text.startswith("🔍 Deploy to staging")
