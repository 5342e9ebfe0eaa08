"""What begins long after its change did is held to its gates again, and what was stopped meanwhile never begins."""

from datetime import timedelta

import pytest

from bot.domain.errors import Refused
from bot.domain.observation import Phase
from bot.domain.operation import Started
from bot.engine import changes as starting
from bot.engine.stepping import Stepper
from bot.ledger import operations
from bot.usecases import decisions, picture
from bot.usecases.planning import step_kinds
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import NDAPEWA, HealthBridge
from tests.flow.conftest import Edited

SECOND = timedelta(seconds=1)


async def two_in_production(house: HealthBridge) -> None:
    """Have 1.0.0 of both services in production, and 1.1.0 of both good in staging."""
    for service in ("backend", "frontend"):
        await house.live_in_production("1.0.0", service)
        await house.good_in_staging("1.1.0", service)


async def test_who_goes_on_with_the_rest_is_refused_what_has_been_found_faulty_meanwhile(house: HealthBridge) -> None:
    await two_in_production(house)
    house.backend.then(Behaviour.FAIL)
    change = await house.approved(await house.deployed("production"))
    await house.rolled_back("staging", "frontend")

    with pytest.raises(Refused) as no:
        await decisions.go_on(house.world, change.id, by=NDAPEWA)
    await house.drain()

    assert str(no.value).startswith(f"Change {change.id} cannot go on. frontend/production: ")
    assert await house.live("frontend", "production") == "1.0.0"


async def test_an_operation_whose_gate_has_closed_while_another_ran_fails_and_nothing_is_touched(
    house: HealthBridge,
) -> None:
    await two_in_production(house)
    house.backend.then(Behaviour.HANG)
    house.clock.at(3 * SECOND, lambda: _source_goes_away(house))
    house.clock.at(8 * SECOND, lambda: _serves(house))

    change = await house.approved(await house.deployed("production"))

    ops = await house.ops(change)
    assert [(op.target.service, op.state) for op in ops] == [("backend", "succeeded"), ("frontend", "failed")]
    assert "its history cannot be read: the source is away" in ops[1].reason
    assert await house.live("frontend", "production") == "1.0.0"
    assert house.effects("frontend", "production") == ["1.0.0"]


async def _source_goes_away(house: HealthBridge) -> None:
    house.source.down = "the source is away"


async def _serves(house: HealthBridge) -> None:
    house.backend.settle(house.backend.asks[-1][1], Phase.LIVE)


async def test_who_cancels_between_the_last_look_and_the_intent_is_told_what_is_so(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]}))
    change = await house.newest_change()
    await starting.start(house.world, change.id)
    op = await house.op(change)
    await house.put_off("advance", op.id)
    async with house.world.ledger.transaction() as tx:
        taken = await operations.take_target(tx, op, Started())
    async with house.world.ledger.transaction() as tx:
        seen = await picture.take(tx, op.id)
    assert taken is not None
    assert seen is not None
    assert seen.next_step is not None

    await decisions.cancel(house.world, change.id, by=NDAPEWA)
    await Stepper(house.world, step_kinds()).move(seen, seen.next_step)
    await house.drain()

    assert house.runner.starts == []
    assert house.effects() == []
    assert (await house.change(change.id)).state == "cancelled"


WORKER = "  worker:\n    after: [frontend]\n    source: { kind: scripted }\n    build: { run: [build], output: dist }\n"
STEPS = 'steps: [build, apply: { within: 10s }, verify: { http: "http://frontend.staging/", within: 5s }]\n'
A_WORKER = "      worker: { backend: { kind: scripted }, steps: [build, apply: { within: 10s }] }\n"


async def test_the_way_back_of_a_change_is_not_taken_back_in_turn(house: HealthBridge, edited: Edited) -> None:
    goes_back = ("on_failure: ask", "on_failure: roll_back")
    house.with_catalog(edited(goes_back, ("services:\n", "services:\n" + WORKER), (STEPS, STEPS + A_WORKER)))
    for version in ("1.0.0", "1.1.0"):
        for service in ("backend", "frontend", "worker"):
            house.source.commit(service, version)
        if version == "1.0.0":
            assert (await house.deployed("staging")).state == "succeeded"
    work, fail = Behaviour.WORK, Behaviour.FAIL
    for behaviour in (
        work,
        work,
        fail,
        work,
        work,
        fail,
    ):  # the worker fails and goes back; then the backend's way back
        house.backend.then(behaviour)

    change = await house.deployed("staging")
    back = await house.change(change.id + 1)

    assert (change.state, back.state, back.kind) == ("partly_done", "partly_done", "rollback")
    assert {op.change_id for op in (await house.recent())[:2]} == {back.id}
    assert house.effects("frontend", "staging") == ["1.0.0", "1.1.0", "1.0.0"]
