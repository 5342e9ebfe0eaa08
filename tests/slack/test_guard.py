"""Only what Slack signed just now, and shaped as Slack shapes it, comes past the guard."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from starlette.responses import Response

from bot.slack.guard import LARGEST, Admitted, Guard
from tests.fakes.clock import FakeClock
from tests.fakes.posted import FORM, JSON, Posted, command, interaction, signed

SECRET = "a-secret-of-the-tests"

# Slack's own example: docs.slack.dev/authentication/verifying-requests-from-slack
EXAMPLE_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
EXAMPLE_TIMESTAMP = 1531420618
EXAMPLE_SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
EXAMPLE_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def guard(clock: FakeClock) -> Guard:
    return Guard(SECRET, clock)


async def status(guard: Guard, posted: Posted, pieces: Iterable[bytes] | None = None) -> int:
    """Return 200 for what is admitted, else the status of the refusal."""
    said = await guard.admit(posted.request(pieces))
    return said.status_code if isinstance(said, Response) else 200


def now(clock: FakeClock) -> float:
    return clock.now().timestamp()


def posted(clock: FakeClock, body: bytes, content_type: str = FORM) -> Posted:
    return signed(body, secret=SECRET, at=now(clock), content_type=content_type)


async def test_slacks_own_example_is_admitted() -> None:
    guard = Guard(EXAMPLE_SECRET, FakeClock(datetime.fromtimestamp(EXAMPLE_TIMESTAMP, UTC)))
    request = signed(EXAMPLE_BODY, secret=EXAMPLE_SECRET, at=EXAMPLE_TIMESTAMP)
    said = await guard.admit(request.request())

    assert request.headers["x-slack-signature"] == EXAMPLE_SIGNATURE
    assert isinstance(said, Admitted)
    assert said.body == EXAMPLE_BODY
    assert said.payload["command"] == "/webhook-collect"


@pytest.mark.parametrize(("seconds", "expected"), [(0, 200), (-299, 200), (299, 200), (-302, 401), (302, 401)])
async def test_five_minutes_either_way(guard: Guard, clock: FakeClock, seconds: int, expected: int) -> None:
    request = signed(command(), secret=SECRET, at=now(clock) + seconds)

    assert await status(guard, request) == expected


@pytest.mark.parametrize(
    "timestamp", ["", "x", "12.5", "-5", "+5", "1_0", " 5", "0x10", "1e9", "²", "9" * 13, "9" * 6000]
)
async def test_a_timestamp_is_a_whole_number(guard: Guard, timestamp: str) -> None:
    request = signed(command(), secret=SECRET, at=timestamp)

    assert await status(guard, request) == 400


async def test_who_does_not_sign_is_not_heard(guard: Guard, clock: FakeClock) -> None:
    good = posted(clock, command())

    assert await status(guard, good.with_headers(x_slack_signature=None)) == 401
    assert await status(guard, good.with_headers(x_slack_request_timestamp=None)) == 401
    assert await status(guard, good.with_headers(x_slack_signature="")) == 401
    assert await status(guard, good.with_headers(x_slack_signature="v0=" + "0" * 64)) == 401
    assert await status(guard, good.with_headers(x_slack_signature="v0=é")) == 401
    assert await status(guard, signed(command(), secret="another", at=now(clock))) == 401
    assert await status(guard, Posted(good.body + b"&text=production", good.headers)) == 401


async def test_unsigned_rubbish_learns_nothing_about_the_inside(guard: Guard, clock: FakeClock) -> None:
    wrong = "v0=" + "0" * 64
    for body in (b"\xff", b"[1", b"payload=x", b"x" * 100_000):
        assert await status(guard, posted(clock, body, JSON).with_headers(x_slack_signature=wrong)) == 401


async def test_without_a_secret_nothing_is_admitted(clock: FakeClock) -> None:
    guard = Guard(None, clock)

    assert await status(guard, posted(clock, command())) == 401
    with pytest.raises(ValueError, match="empty"):
        Guard("", clock)


async def test_too_large_is_refused_by_its_length_without_reading(guard: Guard, clock: FakeClock) -> None:
    request = posted(clock, command()).with_headers(content_length=str(LARGEST + 1)).request()
    said = await guard.admit(request)

    assert isinstance(said, Response)
    assert said.status_code == 413
    assert await request.body() == command(), "nothing was read"


@pytest.mark.parametrize("length", [None, "12", "-1", "x", "9" * 50])
async def test_too_large_is_refused_whatever_its_length_was_said_to_be(
    guard: Guard, clock: FakeClock, length: str | None
) -> None:
    taken = 0

    def pieces() -> Iterable[bytes]:
        nonlocal taken
        for _ in range(64):
            taken += 1
            yield b"x" * 65_536

    request = posted(clock, command()).with_headers(content_length=length)

    assert await status(guard, request, pieces()) == 413


async def test_a_large_view_fits(guard: Guard, clock: FakeClock) -> None:
    padded = command(text="x" * (LARGEST - 2000))

    assert await status(guard, posted(clock, padded), [padded[:500_000], padded[500_000:]]) == 200


async def test_a_request_that_breaks_off_is_malformed(guard: Guard, clock: FakeClock) -> None:
    assert await status(guard, posted(clock, command()), []) == 400


async def test_the_same_request_again_is_a_repeat(guard: Guard, clock: FakeClock) -> None:
    request = posted(clock, command())
    first, second = await guard.admit(request.request()), await guard.admit(request.request())

    assert isinstance(first, Admitted)
    assert isinstance(second, Admitted)
    assert (first.repeat, second.repeat) == (False, True)


async def test_what_slack_signs_anew_is_no_repeat(guard: Guard, clock: FakeClock) -> None:
    event = json.dumps({"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_home_opened"}}).encode()
    first = await guard.admit(posted(clock, event, JSON).request())
    clock.move(timedelta(seconds=1))
    again = await guard.admit(posted(clock, event, JSON).request())

    assert isinstance(first, Admitted)
    assert isinstance(again, Admitted)
    assert not again.repeat


async def test_what_failed_may_be_tried_again(guard: Guard, clock: FakeClock) -> None:
    request = posted(clock, command())
    first = await guard.admit(request.request())
    assert isinstance(first, Admitted)
    guard.forget(first)
    again = await guard.admit(request.request())

    assert isinstance(again, Admitted)
    assert not again.repeat


async def test_what_is_no_longer_fresh_is_not_remembered(guard: Guard, clock: FakeClock) -> None:
    for number in range(50):
        await guard.admit(posted(clock, command(text=str(number))).request())
    clock.move(timedelta(seconds=700))
    await guard.admit(posted(clock, command()).request())

    assert len(guard._seen) == 1


async def test_a_refusal_repeats_nothing_of_what_was_sent(guard: Guard, clock: FakeClock) -> None:
    for request in (
        posted(clock, interaction({"type": "<script>"})),
        posted(clock, b"<script>", JSON),
        signed(b"<script>", secret=SECRET, at="<script>"),
        posted(clock, command()).with_headers(x_slack_signature="<script>"),
    ):
        said = await guard.admit(request.request())
        assert isinstance(said, Response)
        body = bytes(said.body)
        assert b"script" not in body
        assert SECRET.encode() not in body
        assert body.count(b"\n") == 0
        assert len(body) < 100
