"""What has changed since a plan was drawn, in words for those who approved it."""

from dataclasses import replace

from bot.domain.plan import PlannedStep, differences
from tests.unit.domain.samples import a_plan, a_planned, a_release


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
        "frontend/production is no longer to be changed."
    ]
