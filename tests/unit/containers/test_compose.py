"""Which compose is used, what it is told, and what an override says. v2 is not on every machine: its words are here."""

import json
from pathlib import Path

import pytest

from bot.domain.errors import GaveUp
from integrations._docker.compose import head, plain, write
from integrations._docker.program import V1, V2, Program, arguments, chosen, environment
from integrations._docker.section import Service


def a_section(*files: Path, **more: object) -> Service:
    given = {"files": [str(file) for file in files] or ["compose.yaml"], "project": "shop", "service": "api", **more}
    return Service.model_validate(given)


def a_file(folder: Path, text: str) -> Path:
    file = folder / "compose.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(("there", "wanted"), [((V1, V2), V2), ((V2,), V2), ((V1,), V1)])
def test_v2_goes_before_v1(there: tuple[Program, ...], wanted: Program) -> None:
    assert chosen(there.__contains__) == wanted


def test_where_there_is_none_it_says_so() -> None:
    with pytest.raises(GaveUp, match="neither “docker compose” nor “docker-compose” is installed"):
        chosen(lambda _: False)


@pytest.mark.parametrize(("program", "pull"), [(V1, []), (V2, ["--pull", "never"])])
def test_a_service_is_scaled_and_nothing_else_is_touched(program: Program, pull: list[str]) -> None:
    assert program.up("api", 2) == [
        *["up", "--detach", "--no-deps", "--no-recreate", "--no-build", *pull, "--scale", "api=2", "api"]
    ]


def test_the_files_come_in_their_order_and_ours_is_last() -> None:
    section = a_section(Path("/a.yml"), Path("/b.yml"))

    assert arguments(section, Path("/ours.json")) == [
        *["--project-name", "shop", "--file", "/a.yml", "--file", "/b.yml", "--file", "/ours.json"]
    ]


@pytest.mark.parametrize(("program", "limits"), [(V1, {}), (V2, {"memory": "256M", "cpu": "0.5"})])
def test_v1_does_not_heed_what_is_said_for_deploying(program: Program, limits: dict[str, str]) -> None:
    deploy = {"resources": {"limits": {"memory": "256M", "cpus": "0.5"}}}

    assert program.limits({"deploy": deploy}) == limits
    assert program.limits({"mem_limit": "1g", "cpus": 2.0}) == {"memory": "1g", "cpu": "2.0"}


def test_limits_are_mended_where_the_program_heeds_them() -> None:
    assert V1.limits_field("api") == "services.api.mem_limit and services.api.cpus"
    assert V2.limits_field("api") == "services.api.deploy.resources.limits"


@pytest.mark.parametrize(
    ("text", "says"),
    [("version: '3.8'\nservices: {api: {}}", {"version": "3.8"}), ("services: {api: {}}", {})],
)
def test_an_override_has_the_version_of_the_file_it_goes_over(tmp_path: Path, text: str, says: object) -> None:
    assert head(a_section(a_file(tmp_path, text))) == says


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("services: {web: {}}", "has no service called api"),
        ("- 1", "has no service called api"),
        ("services: {api: [}", "cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_meant_says_so(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(GaveUp, match=words):
        head(a_section(a_file(tmp_path, text)))
    with pytest.raises(GaveUp, match=r"nowhere\.yaml cannot be read: No such file"):
        head(a_section(tmp_path / "nowhere.yaml"))


def test_an_override_names_secrets_and_does_not_hold_them(tmp_path: Path) -> None:
    section = a_section(a_file(tmp_path, "services: {api: {}}"))
    write(tmp_path / "override.json", section, "sha256:1", {"A": "$x"}, {"PASSWORD": "invented"}, {"labels": {}})
    written = (tmp_path / "override.json").read_text(encoding="utf-8")

    assert "invented" not in written
    assert json.loads(written) == {
        "services": {"api": {"image": "sha256:1", "environment": {"A": "$$x", "PASSWORD": None}, "labels": {}}}
    }


def test_compose_looks_for_no_variables_in_what_we_say() -> None:
    assert plain({"a": "${HOME} $1"}) == {"a": "$${HOME} $$1"}


def test_the_sections_engine_is_the_programs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "an-invention")
    found = environment(a_section(engine="unix:///x.sock"), {"PASSWORD": "invented"})

    assert found["DOCKER_HOST"] == "unix:///x.sock"
    assert found["PASSWORD"] == "invented"
    assert "SLACK_BOT_TOKEN" not in found
