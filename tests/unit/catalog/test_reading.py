"""A right catalog is read, and answers what the rest asks of it."""

from datetime import timedelta

import pytest

from bot.catalog import nearest
from bot.domain.errors import Refused
from bot.domain.target import Target
from tests.unit.catalog.conftest import Read
from tests.unit.catalog.kinds import Process, Verify


def test_the_example_is_read_as_it_is_written(read: Read, example: str) -> None:
    catalog = read(example)

    assert catalog.organisation == "HealthBridge"
    assert list(catalog.environments) == ["development", "staging", "production"]
    assert catalog.environment("production").promotes == "staging"
    assert catalog.environment("staging").on_failure == "ask"
    assert set(catalog.deployers("staging")) == {"developers", "qa"}
    assert catalog.deployers("staging")["qa"].usergroup == "qa"


def test_a_section_and_a_step_hold_the_model_of_their_own_kind(read: Read, example: str) -> None:
    plan = read(example).target(Target("backend", "staging"))

    assert plan.backend.kind == "process"
    assert isinstance(plan.backend.config, Process)
    assert plan.backend.config.port == 8221
    assert [step.word for step in plan.steps] == ["build", "apply", "verify", "bake"]
    assert isinstance(plan.steps[2].options, Verify)
    assert plan.steps[2].options.within == timedelta(seconds=15)


def test_variables_are_filled_in_and_two_dollars_are_one(read: Read, example: str) -> None:
    catalog = read(example.replace("The API", "costs $$5 in ${SLIPWAY_DATA}"))

    assert catalog.service("backend").description == "costs $5 in /data"


def test_services_go_after_those_they_come_after_whatever_the_order_of_the_file(read: Read, example: str) -> None:
    turned = example.replace("after: [backend]", "after: []").replace(
        "description: The API", "description: The API\n    after: [frontend]"
    )

    assert read(example).order("staging") == ("backend", "frontend")
    assert read(turned).order("staging") == ("frontend", "backend")
    assert read(turned).targets("staging")[0] == Target("frontend", "staging")


def test_whoever_is_not_named_may_not(read: Read, example: str) -> None:
    catalog = read(example)

    assert set(catalog.approvers("production")) == {"production-team"}
    assert catalog.approvers("staging") == {}
    assert set(catalog.rollers_back("production")) == {"production-team", "on-call"}
    assert set(catalog.rollers_back("staging")) == {"developers", "qa"}


def test_a_policy_says_how_many_and_for_how_long(read: Read, example: str) -> None:
    policy = read(example).policy("production")

    assert policy is not None
    assert (policy.approvals, policy.from_, policy.expires) == (2, ("production-team",), timedelta(hours=4))


def test_a_wrong_word_is_refused_with_the_nearest_right_one(read: Read, example: str) -> None:
    catalog = read(example)

    with pytest.raises(Refused, match=r"no environment “prodution”; did you mean “production”\?"):
        catalog.environment("prodution")
    with pytest.raises(Refused, match="no service “zzz”; there are “backend”, “frontend”"):
        catalog.service("zzz")


def test_a_service_without_a_place_in_an_environment_is_said(read: Read, example: str) -> None:
    production = example.index("  production:")
    without = example[: example.index("      frontend:", production)]
    catalog = read(without)

    with pytest.raises(Refused, match="frontend has no place in production; there are “backend”"):
        catalog.target(Target("frontend", "production"))


def test_a_snapshot_is_the_same_for_the_same_text_and_another_for_another(read: Read, example: str) -> None:
    target = Target("backend", "production")
    before = read(example).snapshot(target)

    assert read(example + "\n# a remark\n").snapshot(target) == before
    assert read(example.replace("within: 1m", "within: 2m")).snapshot(target) != before


def test_a_snapshot_covers_secrets(read: Read, example: str) -> None:
    spoken = example.replace("health: /api/health }", "health: /api/health, token: hunter2 }")

    assert "hunter2" not in str(read(spoken).snapshot(Target("backend", "staging")))


def test_shared_parts_may_be_written_once(read: Read, example: str) -> None:
    shared = example.replace("developers: { usergroup: developers }", "developers: &dev { usergroup: developers }")
    merged = shared.replace("qa: { usergroup: qa }", "qa: { <<: *dev, people: [U012AB3CD] }")
    team = read(merged).teams["qa"]

    assert (team.usergroup, team.people) == ("developers", ("U012AB3CD",))


@pytest.mark.parametrize(("word", "meant"), [("stagin", "staging"), ("PROD", None), ("Prodution", "production")])
def test_nearest(word: str, meant: str | None) -> None:
    assert nearest(word, ["staging", "production"]) == meant
