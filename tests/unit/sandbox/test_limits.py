"""How often the local Slack lets an app call, as time passes on a clock the test moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.limits import POST, TIERS, Limits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def allowed_in_a_row(limits: Limits, method: str, channel: str | None = None) -> int:
    """How many calls pass until the first is refused."""
    for count in range(10_000):
        if limits.take(method, channel=channel) is not None:
            return count
    pytest.fail(f"{method} is not limited")


@pytest.mark.parametrize(
    ("method", "per_minute"), [("conversations.list", 20), ("chat.update", 50), ("views.open", 100), ("auth.test", 600)]
)
def test_after_its_burst_a_method_goes_on_at_the_rate_of_its_tier(method: str, per_minute: int) -> None:
    clock = Clock()
    limits = Limits(clock)
    allowed_in_a_row(limits, method)

    passed = 0
    for _ in range(600):
        clock.now += 0.1
        passed += limits.take(method) is None

    assert per_minute - 1 <= passed <= per_minute


def test_a_refused_call_says_how_many_whole_seconds_to_wait_and_then_passes() -> None:
    clock = Clock()
    limits = Limits(clock)
    allowed_in_a_row(limits, "conversations.list")

    wait = limits.take("conversations.list")
    assert wait == 3.0
    clock.now += 2.9
    assert limits.take("conversations.list") == 1.0
    clock.now += 0.1
    assert limits.take("conversations.list") is None


def test_posting_is_limited_to_about_one_a_second_in_each_channel() -> None:
    clock = Clock()
    limits = Limits(clock)

    assert allowed_in_a_row(limits, POST, "C1") == 5
    assert allowed_in_a_row(limits, POST, "C2") == 5
    assert limits.take(POST, channel="C1") == 1.0
    clock.now += 1
    assert limits.take(POST, channel="C1") is None


def test_posting_to_many_channels_meets_the_workspaces_limit() -> None:
    limits = Limits(Clock())

    outcomes = [limits.take(POST, channel=f"C{number}") for number in range(101)]

    assert outcomes[:100] == [None] * 100
    assert outcomes[100] == 1.0


def test_methods_do_not_share_a_limit() -> None:
    limits = Limits(Clock())
    allowed_in_a_row(limits, "chat.update")

    assert limits.take("chat.delete") is None


def test_an_unknown_method_is_in_the_third_tier() -> None:
    assert allowed_in_a_row(Limits(Clock()), "chat.unheardOf") == 25


def test_a_tier_is_ten_times_as_generous_or_off() -> None:
    generous, off = Limits(Clock()), Limits(Clock())
    generous.scale = 10
    off.scale = 0

    assert allowed_in_a_row(generous, "chat.update") == 250
    assert [off.take("chat.update") for _ in range(1000)] == [None] * 1000


def test_a_stricter_scale_still_lets_one_call_through() -> None:
    clock = Clock()
    limits = Limits(clock, scale=0.01)

    assert limits.take("chat.update") is None
    wait = limits.take("chat.update")
    assert wait == 120.0
    clock.now += wait
    assert limits.take("chat.update") is None


@given(
    st.lists(st.floats(0, 30, allow_nan=False), max_size=200),
    st.sampled_from([*sorted(TIERS), POST]),
    st.floats(0.1, 20),
)
def test_waiting_as_long_as_told_is_always_enough(pauses: list[float], method: str, scale: float) -> None:
    clock = Clock()
    limits = Limits(clock, scale=scale)

    for pause in pauses:
        clock.now += pause
        wait = limits.take(method, channel="C1")
        if wait is not None:
            assert wait >= 1
            assert wait == int(wait)
            clock.now += wait
            assert limits.take(method, channel="C1") is None


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    clock = Clock()
    limits = Limits(clock)
    allowed_in_a_row(limits, "chat.update")
    clock.now -= 500

    assert limits.take("chat.update") is not None
    clock.now += 2
    assert limits.take("chat.update") is None
