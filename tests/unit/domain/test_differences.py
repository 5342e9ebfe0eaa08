"""What has changed since a plan was drawn, in words for those who approved it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.operation import Kind
from bot.domain.outdated import differences, outdated, overtaken
from bot.domain.plan import MOST_COMMITS, PlannedCommit, PlannedRelease, PlannedStep
from bot.domain.standing import Glance, Hold
from bot.domain.target import Target
from tests.unit.domain.samples import NOW, a_plan, a_planned, a_release


def test_a_plan_that_still_fits_has_no_differences() -> None:
    assert differences(a_plan(), a_plan()) == []


def test_what_only_informs_people_is_no_difference() -> None:
    assert differences(a_plan(), a_plan(a_planned(commits=(), backwards=True))) == []


def test_another_release_is_live_now() -> None:
    now = a_plan(a_planned(before=a_release("1.5.0", number=9)))

    assert differences(a_plan(), now) == ["backend/production ran 1.0.0 when this was planned; it runs 1.5.0 now."]


def test_nothing_was_live_and_something_is_now() -> None:
    then = a_plan(a_planned(before=None))

    assert differences(then, a_plan()) == ["backend/production ran nothing when this was planned; it runs 1.0.0 now."]


def test_the_artefact_is_another_one() -> None:
    now = a_plan(a_planned(to=replace(a_release(), digest=f"sha256:{'b' * 64}")))

    assert differences(a_plan(), now) == [
        "backend/production: 2.0.0 is not the artefact it was (aaaaaaaaaaaa → bbbbbbbbbbbb)."
    ]


def test_a_release_that_was_only_given_a_tag_since_is_the_same_artefact() -> None:
    now = a_plan(
        a_planned(to=replace(a_release(), version="2.0.1"), before=replace(a_planned().before, version="1.0.1"))
    )  # type: ignore[type-var]  # it has one

    assert differences(a_plan(), now) == []


def test_the_steps_or_the_configuration_have_been_edited() -> None:
    now = a_plan(a_planned(steps=(PlannedStep("apply", "apply", {"within": "2m"}),), config={}))

    assert differences(a_plan(), now) == [
        "backend/production: the steps have changed in the catalog.",
        "backend/production: its configuration has changed in the catalog.",
    ]


def test_the_policy_has_been_edited() -> None:
    assert differences(a_plan(), a_plan(approvals=1)) == ["The approval policy has changed."]
    assert differences(a_plan(), a_plan(on_failure="roll_back")) == ["What happens after a failure has changed."]


def test_the_target_is_gone_from_the_catalog() -> None:
    assert differences(a_plan(a_planned(), a_planned("frontend")), a_plan()) == [
        "frontend/production is no longer in the catalog."
    ]


# --- what nobody approves -------------------------------------------------------------------------------------------


def a_hold(number: int = 1, reason: str = "logins fail") -> Hold:
    return Hold(number, Target("backend", "production"), 2, 12, "U1", reason, NOW)


def dated(version: str, number: int, days: int) -> PlannedRelease:
    return replace(a_release(version, number=number), at=NOW + timedelta(days=days))


def test_where_nobody_approves_another_catalog_or_release_before_it_is_no_harm() -> None:
    then = a_plan(approvals=0)
    now = a_plan(a_planned(before=a_release(), steps=(), config={}), approvals=0)

    assert outdated(then, now) == []


def test_where_nobody_approves_nothing_newer_is_taken_away() -> None:
    then = a_plan(a_planned(commits=(PlannedCommit("2" * 40, "Ada", "Search", NOW.isoformat()),)), approvals=0)
    now = a_plan(a_planned(before=a_release("3.0.0", number=3)), approvals=0)

    assert outdated(then, now) == [
        "backend/production ran 1.0.0 when this was planned; it runs 3.0.0 now, which this would take away."
    ]


def test_what_is_unknown_now_is_waited_for() -> None:
    unknown = a_planned(before=a_release("3.0.0", number=3), seen=Glance(1, 1, unknown=5, bringing=3))

    assert outdated(a_plan(approvals=0), a_plan(unknown, approvals=0)) == []
    assert differences(a_plan(), a_plan(unknown)) == [
        "backend/production ran 1.0.0 when this was planned; whether it runs 3.0.0 now is unknown."
    ]


@pytest.mark.parametrize("approvals", [0, 2])
def test_a_hold_is_no_difference_only_to_who_named_the_release_in_spite_of_it(approvals: int) -> None:
    now = a_plan(a_planned(held=a_hold(2)), approvals=approvals)

    assert outdated(a_plan(a_planned(held=a_hold(2)), approvals=approvals), now) == []
    for then in (a_planned(), a_planned(held=a_hold(1))):
        assert outdated(a_plan(then, approvals=approvals), now) == [
            (
                "2.0.0 has been rolled back from backend/production since this was planned (change 12: “logins fail”). "
                "To bring it back all the same, name it again: /deploy production backend 2.0.0"
            )
        ]


def test_a_long_reason_of_a_hold_leaves_the_way_out_in_sight() -> None:
    (words,) = outdated(a_plan(), a_plan(a_planned(held=a_hold(reason="because " * 300))))

    assert len(words) < 500
    assert words.endswith("/deploy production backend 2.0.0")


@pytest.mark.parametrize(
    ("planned", "stops"),
    [
        (a_planned(before=dated("1.0.0", 1, 0), to=dated("2.0.0", 2, 9)), True),  # the commits are known
        (a_planned(before=None, to=dated("2.0.0", 2, 9)), False),  # they are not; time decides
        (a_planned(before=None, to=dated("2.0.0", 2, 5)), True),
        (a_planned(before=None), True),  # and where there is no time, nothing is risked
        (a_planned(commits=(), to=dated("2.0.0", 2, 9)), False),
        (a_planned(commits=a_planned().commits * MOST_COMMITS, to=dated("2.0.0", 2, 9)), False),
        (a_planned(commits=(), to=dated("2.0.0", 2, 9), before=dated("2.0.0", 2, 9)), True),  # it was to stay
        (a_planned(commits=(), to=dated("2.0.0", 2, 9), backwards=True), True),
        (a_planned(commits=(PlannedCommit(f"{3:040x}", "Ada", "x", NOW.isoformat()),)), False),  # it brings it along
        (a_planned(seen=Glance(live=3)), False),  # it was there, as far as anybody knew
        (a_planned(seen=Glance(live=1, unknown=5, bringing=3)), False),
    ],
)
def test_a_deploy_stops_where_it_might_take_something_newer_away(planned: object, *, stops: bool) -> None:
    live = dated("3.0.0", 3, 5)

    assert overtaken(Kind.DEPLOY, planned, live, Glance(live=3)) is stops  # type: ignore[arg-type]  # pytest has no types here


# --- what a rollback leaves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "now", "still"),
    [
        (Glance(1, 10), Glance(1, 10), True),
        (Glance(1, 10), Glance(1, 12), True),  # brought again: still the same release
        (Glance(1, 10), Glance(2, 12), False),
        (Glance(1, 10), Glance(1, 10, unknown=12, bringing=2), False),
        (Glance(1, 10, unknown=12, bringing=2), Glance(1, 10, unknown=12, bringing=2), True),
        (Glance(1, 10, unknown=12, bringing=2), Glance(2, 12), True),  # settled as succeeded
        (Glance(1, 10, unknown=12, bringing=2), Glance(1, 10), True),  # settled as failed
        (Glance(1, 10, unknown=12, bringing=2), Glance(1, 12), True),  # settled as gone back
        (Glance(1, 10, unknown=12, bringing=2), Glance(1, 14), False),  # somebody else went back
        (Glance(1, 10, unknown=12, bringing=2), Glance(3, 14), False),
        (Glance(1, 10, unknown=12, bringing=2), Glance(1, 10, unknown=14, bringing=3), False),
        (Glance(None, None, unknown=12, bringing=2), Glance(), True),
        (Glance(), Glance(), True),
        (Glance(), Glance(1, 10), False),
    ],
)
def test_a_rollback_leaves_what_was_seen_and_nothing_else(then: Glance, now: Glance, *, still: bool) -> None:
    assert then.still(now) is still
    assert overtaken(Kind.ROLLBACK, a_planned(seen=then), a_release(), now) is not still
    assert Glance.read(then.written) == then
