"""Whose a container is: its labels say it, and its name that it is the one that was made with them."""

import pytest

from integrations._docker import labels
from integrations._docker.engine import Seen

OURS = {labels.TARGET: "backend/staging", labels.MARK: "ab12"}
NUMBERED = {
    **OURS,
    labels.COMPOSE_PROJECT: "the-shop",
    labels.COMPOSE_SERVICE: "api",
    labels.COMPOSE_NUMBER: "3",
}


@pytest.mark.parametrize(
    ("name", "borne", "made"),
    [
        ("backend-staging-ab12", OURS, True),
        ("quirky_hopper", OURS, False),
        ("backend-staging-cd34", OURS, False),
        ("the-shop-api-3", NUMBERED, True),
        ("the-shop_api_3", NUMBERED, True),
        ("the-shop-api-4", NUMBERED, False),
        ("quirky_hopper", NUMBERED, False),
    ],
)
def test_what_we_made_is_told_by_its_name(name: str, borne: dict[str, str], made: bool) -> None:  # noqa: FBT001 - what is expected
    assert labels.made(Seen("id", name, "running", 0, None, "", "image", borne)) is made
