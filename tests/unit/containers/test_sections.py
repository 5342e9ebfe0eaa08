"""What a section of docker or compose may say: what is wrong names the field, the value, and what is right."""

import pytest
from pydantic import ValidationError

from integrations.compose import Config as ComposeConfig
from integrations.docker import Config


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"port": 8080}, "`port` needs `container_port`: the port the program has in its container"),
        ({"health": "/"}, "`health` needs `container_port`"),
        ({"health": "api", "container_port": 1}, "“api” is not a path: it begins with / and has no spaces"),
        ({"alias": "api"}, "`alias` needs `network`: the network that finds it under this name"),
        (
            {"image": "example/backend:1.0"},
            "“example/backend:1.0” is not a repository: write it without tag and digest",
        ),
        ({"image": "example/backend@sha256:00"}, "is not a repository"),
        ({"memory": "lots"}, "“lots” is not an amount of memory; write for example 256m or 1g"),
        ({"volumes": ["data"]}, "“data” is not a volume; write name:/folder, or /here:/folder:ro"),
        ({"volumes": ["data:folder"]}, "“data:folder” is not a volume"),
        ({"volumes": ["data:/folder:rx"]}, "“data:/folder:rx” is not a volume"),
        ({"environment": {"SLIPWAY_VERSION": "1"}}, "SLIPWAY_VERSION is set by Slipway: leave it out"),
        ({"secrets": {"a-b": "X"}}, "“a-b” is not a variable's name: letters, digits and _"),
        ({"cpus": 0}, "greater than or equal to 0.01"),
        ({"cpus": 1e-12}, "greater than or equal to 0.01"),
        ({"grace": "soon"}, "“soon” is not a duration"),
    ],
)
def test_a_section_is_refused_with_words(given: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("(", r"\(")):
        Config.model_validate(given)


def test_a_repository_may_have_a_host_with_a_port() -> None:
    assert Config.model_validate({"image": "127.0.0.1:5000/shop/api"}).image == "127.0.0.1:5000/shop/api"


@pytest.mark.parametrize("project", ["Shop", "", "-x"])
def test_a_project_is_named_as_compose_names_them(project: str) -> None:
    with pytest.raises(ValidationError, match="project"):
        ComposeConfig.model_validate({"files": ["a.yml"], "project": project, "service": "api"})


def test_sections_survive_being_written_as_json() -> None:
    config = Config.model_validate({"volumes": ["a:/b"], "grace": "1m30s", "cpus": 0.5, "secrets": {"A": "B"}})

    assert Config.model_validate_json(config.model_dump_json()) == config
