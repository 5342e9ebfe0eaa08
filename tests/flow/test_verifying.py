"""`verify` in its four ways: over HTTP (see the other tests), over TCP, by the backend's own health, by a program."""

import pytest

from bot.domain.target import Target
from tests.fakes.backend import Ending
from tests.fakes.healthbridge import HealthBridge
from tests.flow.conftest import Edited

STEPS = "      backend: { backend: { kind: scripted }, steps: [build, apply] }"
HERE = Target("backend", "development")


def with_verify(options: str) -> tuple[str, str]:
    return STEPS, STEPS.replace("[build, apply]", f"[build, apply, verify: {{ {options} }}]")


async def outcome(house: HealthBridge) -> tuple[str, str]:
    """Deploy to development; return how that ended, and why."""
    house.source.commit("backend", "1.0.0")
    op = await house.op(await house.deployed("development", "backend"))
    return op.state, op.reason


async def test_over_tcp_a_connection_is_enough(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(with_verify("tcp: 'db.internal:5432'")))

    assert await outcome(house) == ("succeeded", "")
    assert house.probe.checks == ["db.internal:5432"]


async def test_over_tcp_nobody_there_fails_when_the_time_is_up(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(with_verify("tcp: 'db.internal:5432', within: 3s")))
    house.probe.sick("db.internal:5432", "connection refused")

    state, reason = await outcome(house)

    assert state == "failed"
    assert reason.startswith("verify: no good answer within 3")
    assert reason.endswith("; the last was: connection refused")


async def test_the_backend_says_that_all_of_it_is_ready(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(with_verify("backend: true")))

    assert await outcome(house) == ("succeeded", "")


async def test_a_backend_in_which_it_died_meanwhile_fails_in_its_words(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(
        edited(
            with_verify("backend: true, within: 3s"),
            ("steps: [build, apply, verify", "steps: [build, apply, command: { run: [crash] }, verify"),
        )
    )

    def crash(_: object) -> Ending:
        house.backend.crash(HERE, "OOMKilled")
        return Ending()

    house.runner._programs["crash"] = crash

    state, reason = await outcome(house)

    assert state == "failed"
    assert reason.endswith("the last was: OOMKilled")


async def test_a_program_that_ends_well_is_a_yes_and_its_output_is_in_the_log(
    house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(with_verify("run: [say, all three pages answer]")))

    house.source.commit("backend", "1.0.0")
    change = await house.deployed("development", "backend")

    assert change.state == "succeeded"
    assert "all three pages answer" in await house.log_of(await house.op(change))


async def test_a_program_that_does_not_is_a_no(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(with_verify("run: [exit, '4']")))

    assert await outcome(house) == ("failed", "verify: it ended with exit code 4")


async def test_a_program_that_takes_too_long_is_ended(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(with_verify("run: [hang], within: 3s")))

    state, reason = await outcome(house)

    assert state == "failed"
    assert "exit code 124" in reason


async def test_a_backend_that_cannot_be_asked_is_a_no_when_the_time_is_up(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(
        edited(
            with_verify("backend: true, within: 3s"),
            ("steps: [build, apply, verify", "steps: [build, apply, command: { run: [away] }, verify"),
        )
    )

    def away(_: object) -> Ending:
        house.backend.down = "its API cannot be reached"
        return Ending()

    house.runner._programs["away"] = away

    state, reason = await outcome(house)

    assert state == "failed"
    assert reason.endswith("the last was: its API cannot be reached")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("within: 5s", "nobody is asked; expected exactly one of `http`, `tcp`, `run` and `backend: true`"),
        ("http: 'http://x', backend: true", "there are `http` and `backend`; expected exactly one of"),
        ("tcp: db", "“db” is no place to connect to; write it as host:port, such as db.internal:5432"),
        ("tcp: 'db:99999'", "is no place to connect to"),
        ("tcp: 'db:1', contains: ok", "`contains` is about an answer over `http`, and this asks by `tcp`"),
        ("backend: true, where: target", "`where` is about a program (`run`), and this asks by `backend`"),
    ],
)
def test_what_cannot_be_is_said_when_the_catalog_is_read(edited: Edited, options: str, words: str) -> None:
    with pytest.raises(Exception, match="verify") as refused:  # a CatalogError, with every problem
        edited(with_verify(options))
    assert words in str(refused.value)
