"""A wrong catalog is refused with every problem: where it is, what was found, what was expected."""

import re
from pathlib import Path

import pytest

from bot.catalog import CatalogError, load
from tests.unit.catalog.conftest import Wrong

SPOILT = [
    # what is replaced, by what, and what is then said (the line and column are those of the wrong word)
    ("organisation: HealthBridge", "", "“organisation” is missing; expected whose catalog this is"),
    ("organisation: H", "organisatoin: H", "“organisatoin” is unknown here; .*did you mean “organisation”?"),
    ("approvals: 2", "approvals: 0", "policies.two-of-production.approvals: “0” was found, expected at least 1"),
    ("approvals: 2", "approvals: two", "“two” was found, expected a whole number"),
    ("expires: 4h", "expires: 4 hours", "“4 hours” is not a duration; write for example 20s, 10m"),
    ("expires: 4h", "expires: 4", "“4” was found, expected a duration with its unit"),
    (
        "from: [production-team]",
        "from: [prod-team]",
        "no team is called “prod-team”; .*did you mean “production-team”?",
    ),
    ("from: [production-team]", "from: []", "an empty list was found, expected at least 1 in it"),
    ("from: [production-team]", "from: production-team", "“production-team” was found, expected a list"),
    ("after: [backend]", "after: [bakend]", r"services.frontend.after\[0\]: no service .*did you mean “backend”?"),
    ("after: [backend]", "after: [frontend]", "goes round in a circle: frontend → frontend"),
    ("promotes: staging", "promotes: stagin", "no environment is called “stagin”; .*did you mean “staging”?"),
    ("promotes: staging", "promotes: production", "goes round in a circle: production → production"),
    ("approval: two-of-production", "approval: two", "no policy is called “two”; expected one of “two-of-production”"),
    ("by: [production-team, on-call]", "by: [on-cal]", "rollback.by.*did you mean “on-call”?"),
    ("by: [developers, qa, on-call]", "by: [developers, q]", "logs.by.*no team is called “q”"),
    ("branch: main", "branch: main\n    checks: tests", "“tests” was found, expected a list, did you mean .tests."),
    ("branch: main", "branch: main\n    checks: ['']", r"checks\[0\]: empty text was found, expected at least 1"),
    ("branch: main", "branch: main\n    image: { limits: [ram] }", "“ram” was found, expected one of “cpu”, “memory”"),
    ("branch: main", "branch: main\n    image: { nonroot: true }", "“nonroot” is unknown .*did you mean “non_root”?"),
    (
        "branch: develop # every",
        "branch: develop\n    image: { non_root: true } # every",
        "staging.image: staging builds “backend”, “frontend”, and an image is looked at before that; ask for it in an",
    ),
    ("on_failure: ask", "on_failure: asc", "“asc” was found, expected one of “ask”, “roll_back”, did you mean “ask”?"),
    ("kind: process", "kind: proces", "no backend is called “proces”; .*did you mean “process”?"),
    ("kind: process, ", "", "“kind” is missing; expected one of “process”"),
    (
        "${SLIPWAY_EXAMPLE_PORTS}12",
        "${SLIPWAY_EXAMPLE_PORTS}11",
        "targets.frontend.backend.port: port 8211 of this machine is backend/development's already; expected another",
    ),
    ("kind: git", "kind: svn", "no source is called “svn”; expected one of “git”"),
    ("- build", "- bild", r"steps\[0\]: no step is called “bild”; .*did you mean “build”?"),
    ("- build", "- [build]", "a list was found, expected a word, or “word: {options}”"),
    ("- apply", "- verify: { http: / }", "no step “apply”, so nothing would be deployed"),
    ("- build", "- apply", "“apply” twice"),
    (", within: 15s", ", withn: 15s", r"steps\[2\].verify.withn: “withn” is unknown here; .*did you mean “within”?"),
    (", within: 15s", ", within: 15", r"steps\[2\].verify.within: “15” was found, expected a duration"),
    ("qa: { usergroup: qa }", "qa: {}", "nobody is in this team; give it a `usergroup` or `people`"),
    ("qa: { usergroup: qa }", "qa: { people: [bob] }", "“bob” was found, expected a Slack user id such as U012AB3CD"),
    ("qa: { usergroup: qa }", "QA Team: { usergroup: qa }", "“QA Team” was found, expected a name of lower-case"),
    ("  qa: { usergroup: qa }", "  qa: {usergroup: qa}\n  qa: {usergroup: q}", "“qa” is written twice; the first is"),
    ("${SLIPWAY_DATA}", "${SLIPWAY_DTA}", "no variable is called “SLIPWAY_DTA”; .*did you mean “SLIPWAY_DATA”?"),
    ("${SLIPWAY_DATA}", "${HOME}", "no variable is called “HOME”"),
    ("description: The API", "description: !secret x", "the tag !secret means nothing here"),
    ("description: The API", "description: &a [*a]", "this refers to itself"),
]


@pytest.mark.parametrize(("right", "spoilt", "said"), SPOILT, ids=[said for _, _, said in SPOILT])
def test_what_is_wrong_is_said_where_it_is(wrong: Wrong, example: str, right: str, spoilt: str, said: str) -> None:
    assert right in example
    problems = wrong(example.replace(right, spoilt, 1))

    assert any(re.search(said, problem) for problem in problems), problems
    assert all(re.match(r"slipway\.yml:\d+:\d+: ", problem) for problem in problems)


def test_the_position_is_that_of_the_wrong_word(wrong: Wrong, example: str) -> None:
    spoilt = example.replace("approvals: 2", "approvals: two")
    line = next(number for number, text in enumerate(spoilt.splitlines(), 1) if "approvals: two" in text)
    column = spoilt.splitlines()[line - 1].index("approvals: two") + len("approvals: ") + 1

    assert wrong(spoilt)[0].startswith(f"slipway.yml:{line}:{column}: ")


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file(wrong: Wrong, example: str) -> None:
    spoilt = example
    for right, by in [
        ("approvals: 2", "approvals: 0"),
        ("kind: git", "kind: svn"),
        ("promotes: staging", "promotes: x"),
    ]:
        spoilt = spoilt.replace(right, by, 1)
    problems = wrong(spoilt)
    lines = [int(problem.split(":")[1]) for problem in problems]

    assert len(problems) >= 3
    assert lines == sorted(lines)


def test_production_never_rebuilds(wrong: Wrong, example: str) -> None:
    head, tail = example.split("  production:")
    problems = wrong(head + "  production:" + tail.replace("- apply:", "- build\n          - apply:", 1))

    assert len(problems) == 1
    assert "production promotes what was good in staging and never builds" in problems[0]


def test_a_step_build_needs_to_know_how(wrong: Wrong, example: str) -> None:
    without = re.sub(r"    build: .*\n", "", example, count=1)

    assert "backend does not say how it is built" in wrong(without)[0]


def test_a_long_way_round_is_found_and_said_once(wrong: Wrong, example: str) -> None:
    circle = example.replace("description: The API", "description: The API\n    after: [frontend]")

    assert [problem.split(": ", 2)[2] for problem in wrong(circle)] == [
        "goes round in a circle: backend → frontend → backend"
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n- list", "words", "42"])
def test_a_file_that_is_no_mapping(wrong: Wrong, text: str) -> None:
    assert "empty or not a mapping" in wrong(text)[0]


def test_what_is_no_yaml_says_where(wrong: Wrong) -> None:
    assert wrong("a: [1\nb: 2")[0].startswith("slipway.yml:2:2: this is not YAML")
    assert "this is not YAML" in wrong("a: \x00")[0]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yml"
    latin.write_bytes(b"organisation: M\xfcller")
    nothing = {"backends": {}, "sources": {}, "step_kinds": {}, "variables": {}}

    with pytest.raises(CatalogError, match="no such file; SLIPWAY_CATALOG says where"):
        load(tmp_path / "gone.yml", **nothing)
    with pytest.raises(CatalogError, match="not UTF-8 text, at byte 15"):
        load(latin, **nothing)
    with pytest.raises(CatalogError, match="cannot be read"):
        load(tmp_path, **nothing)
