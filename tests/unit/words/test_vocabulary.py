"""The folder of commands is the vocabulary, and what the cards' buttons say is in it."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

import commands
from bot.domain.change import Change, State
from bot.domain.operation import Kind, Operation
from bot.domain.plan import Plan, PlannedOperation, PlannedRelease
from bot.domain.target import Target
from bot.manifest import render
from bot.sandbox.validation import check_manifest
from bot.views.buttons import Stands, asking, following
from bot.vocabulary import Vocabulary

ROOT = Path(commands.__file__).parent.parent
PLAN = Plan(Kind.DEPLOY, "staging", (PlannedOperation("backend", PlannedRelease(1, "1.0", "a" * 40, None), None, ()),))


def test_the_manifest_in_the_repository_is_the_one_the_code_makes() -> None:
    assert (ROOT / "app-manifest.yml").read_text(encoding="utf-8") == render(), (
        "say: slipway manifest > app-manifest.yml"
    )


def test_the_manifest_keeps_slacks_rules() -> None:
    assert list(check_manifest(YAML(typ="safe").load(render()))) == []


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("held", [False, True])
def test_every_button_on_a_card_does_something(state: State, held: bool) -> None:  # noqa: FBT001 - a parameter of the test
    change = Change(1, Kind.DEPLOY, "staging", "U1", PLAN, state=state)
    lost = Operation(1, 1, 0, Kind.DEPLOY, Target("backend", "staging"), None, 1) if state is State.UNKNOWN else None
    offered = [*asking(change), *following(change, lost, Stands(held=held, serves=True))]
    actions = {str(one["action_id"]) for one in offered}

    assert actions <= set(Vocabulary.found().buttons)


def test_every_example_in_the_help_can_be_read() -> None:
    vocabulary = Vocabulary.found()
    for line in vocabulary.lines():
        assert all(example.split()[0] == line.word for example in line.examples)
