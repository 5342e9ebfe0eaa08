"""What is wanted of images, and what they lack of it."""

import pytest

from bot.domain.image import findings
from bot.domain.observation import ImageFacts

WHERE = {"user_field": "USER in the Dockerfile", "limits_field": "spec.containers[0].resources.limits"}


@pytest.mark.parametrize("user", ["1000", "app", "app:app", "65532:0", "0app", "10", "0x0"])
def test_who_is_not_root(user: str) -> None:
    assert findings(ImageFacts("d", user), non_root=True, limits=()) == []


@pytest.mark.parametrize("user", ["0", "root", "0:0", "root:app", "", ":1000", "00", "+0", "-0", "000:5", " 0"])
def test_who_is_root(user: str) -> None:
    (found,) = findings(ImageFacts("d", user, **WHERE), non_root=True, limits=())  # type: ignore[arg-type]  # words

    assert found == f"it would run as “{user}”: set USER in the Dockerfile to another user"


def test_where_no_user_is_set_it_is_root() -> None:
    assert findings(ImageFacts("d"), non_root=True, limits=()) == [
        "no user is set, so it would run as root: set the user of its image to another user"
    ]


def test_limits_that_are_missing_name_the_field() -> None:
    facts = ImageFacts("d", limits={"cpu": "1"}, **WHERE)  # type: ignore[arg-type]  # the words of the fields

    assert findings(facts, non_root=False, limits=("cpu", "memory")) == [
        "it has no limit of memory: set it in spec.containers[0].resources.limits"
    ]


@pytest.mark.parametrize("nothing", ["0", "0m", "0.0", ".0", "0Gi", "", "-1", "none"])
def test_a_limit_of_nothing_is_none(nothing: str) -> None:
    (found,) = findings(ImageFacts("d", limits={"memory": nothing}), non_root=False, limits=("memory",))

    assert found.startswith("it has no limit of memory")


@pytest.mark.parametrize("amount", ["64m", "0.5", ".5", "500m", "1Gi", "100", "1e3"])
def test_an_amount_is_a_limit(amount: str) -> None:
    assert findings(ImageFacts("d", limits={"memory": amount}), non_root=False, limits=("memory",)) == []


def test_nothing_wanted_is_nothing_lacking() -> None:
    assert findings(ImageFacts("d"), non_root=False, limits=()) == []
