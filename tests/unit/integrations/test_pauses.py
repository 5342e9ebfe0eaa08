"""What comes up soon is seen soon, and what takes long is not asked all the time."""

from itertools import accumulate, islice, pairwise, takewhile

import pytest

from integrations._pauses import LONGEST, growing


def test_one_looks_often_at_first_and_then_every_so_often() -> None:
    pauses = list(islice(growing(), 40))

    assert pauses[0] == pytest.approx(0.01)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST


def test_one_may_grow_as_one_likes() -> None:
    assert list(islice(growing(0.5, 4, by=2), 5)) == [0.5, 1, 2, 4, 4]


def test_nobody_waits_much_longer_than_it_took() -> None:
    looks = list(takewhile(lambda at: at < 60, accumulate(growing())))

    assert all(later - sooner <= 0.25 * sooner + 0.011 for sooner, later in pairwise(looks))
    assert len(looks) < 700
