"""What is taken out of the catalog while changes of it are open: they end, in words, and nothing stumbles over them."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.command import Context
from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.engine.advance import Mover
from bot.engine.changes import start
from bot.ledger import cards, changes
from bot.painter.pictures.change import PICTURE
from bot.schedules import blocked, drift, outdated
from bot.usecases import decisions
from commands import releases, status
from tests.fakes.backend import Behaviour
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.healthbridge import JOHANNES, LAYLA, MARIA, NDAPEWA, SELMA, TOMAS, HealthBridge

SECOND = timedelta(seconds=1)
GONE = "backend/{} is no longer in the catalog."


def without_environment(name: str) -> str:
    """Return the example catalog without one of its environments."""
    return re.sub(rf"(?m)^  {name}:\n(?:    .*\n)+", "", EXAMPLE)


def without_backend(name: str) -> str:
    """Return the example catalog with an environment where the backend has no place any more."""
    return re.sub(rf"(?m)(^  {name}:\n(?:    .*\n)*?)      backend:\n(?:        .*\n)+", r"\1", EXAMPLE)


def restarted(house: HealthBridge, text: str) -> None:
    """The bot has been started again with another catalog."""
    house.with_catalog(read(text))


async def shown(house: HealthBridge, change: Change) -> str:
    """Return what every card of a change shows."""
    seen = ""
    for role in ("live", "approval"):
        async with house.world.ledger.transaction() as tx:
            card = await cards.of(tx, changes.subject(change.id), role)
            draw = await PICTURE.read(house.world, tx, card) if card is not None else None
        seen += str((await draw()).blocks) if draw is not None else ""
    return seen


async def waiting(house: HealthBridge) -> Change:
    await house.good_in_staging("1.0.0")
    return await house.deployed("production", "backend")


async def stuck(house: HealthBridge) -> Change:
    """Have a deploy to staging under way whose apply hangs, and the bot stopped meanwhile."""
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.HANG)
    await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]}))
    change = await house.newest_change()
    await start(house.world, change.id)
    mover = Mover(house.world)

    async def stop() -> None:
        mover.stop()

    house.clock.at(SECOND, stop)
    await mover.advance((await house.op(change)).id)
    assert (await house.op(change)).state == "running"
    return change


@pytest.mark.parametrize("text", [without_environment("production"), without_backend("production")])
async def test_a_change_that_waits_is_void_and_its_cards_say_why(house: HealthBridge, text: str) -> None:
    change = await waiting(house)
    restarted(house, text)

    await outdated.run(house.world)

    after = await house.change(change.id)
    assert (after.state, after.words) == ("void", GONE.format("production"))
    assert "backend/production is no longer in the catalog." in await shown(house, after)


@pytest.mark.parametrize("text", [without_environment("production"), without_backend("production")])
async def test_what_was_approved_does_not_begin(house: HealthBridge, text: str) -> None:
    change = await waiting(house)
    house.idle()
    for person in (SELMA, LAYLA):
        await decisions.approve(house.world, change.id, by=person)
    restarted(house, text)

    await house.drain()

    after = await house.change(change.id)
    assert after.state == "void"
    assert after.words.startswith(GONE.format("production"))
    assert house.effects(environment="production") == []


async def test_what_nobody_approves_does_not_begin_either(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "development"}))
    change = await house.newest_change()
    restarted(house, without_environment("development"))

    await start(house.world, change.id)

    assert (await house.change(change.id)).state == "void"
    assert house.runner.starts == []


async def test_a_blocked_change_is_void_and_the_others_are_checked_as_ever(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.down = "connection refused"
    gone = await house.deployed("development", "backend")
    stays = await house.deployed("staging", "backend")
    house.backend.down = ""
    restarted(house, without_environment("development"))

    await blocked.run(house.world)
    await drift.run(house.world)
    await house.drain()

    after = await house.change(gone.id)
    assert (after.state, after.words) == ("void", GONE.format("development"))
    assert (await house.change(stays.id)).state == "succeeded"


async def test_what_waits_in_line_does_not_begin(house: HealthBridge) -> None:
    change = await stuck(house)
    house.source.commit("backend", "1.1.0")
    await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]}))
    later = await house.newest_change()
    await start(house.world, later.id)
    restarted(house, without_backend("staging"))
    house.backend.settle(house.backend.asks[-1][1])

    await house.restart()
    await house.drain()

    assert (await house.change(change.id)).state == "succeeded"
    op = await house.op(later)
    assert (op.state, op.reason) == ("failed", GONE.format("staging"))
    assert house.effects() == ["1.0.0"]


async def test_what_runs_comes_to_its_end_by_its_plan(house: HealthBridge) -> None:
    change = await stuck(house)
    restarted(house, without_backend("staging"))
    house.backend.settle(house.backend.asks[-1][1])

    await house.restart()
    await house.drain()

    assert (await house.change(change.id)).state == "succeeded"
    assert "1.0.0" in await shown(house, change)


async def test_what_runs_on_a_backend_that_is_not_open_any_more_is_unknown_and_can_be_settled(
    house: HealthBridge,
) -> None:
    change = await stuck(house)
    restarted(house, without_backend("staging"))
    house.world = replace(house.world, backends={})

    await house.restart()
    await house.drain()

    op = await house.op(change)
    assert (op.state, op.reason) == (
        "unknown",
        "apply: backend/staging ran on scripted, and the catalog has no target on that any more",
    )
    assert "scripted, and the catalog has no target on that any more" in await shown(house, change)
    await decisions.settle(house.world, op.id, by=MARIA, succeeded=False)
    await house.drain()
    assert (await house.change(change.id)).state == "failed"


async def test_a_build_that_has_not_begun_says_that_its_service_is_gone(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.plan_only(await house.take("deploy", NDAPEWA, {"environment": "staging", "words": ["backend"]}))
    change = await house.newest_change()
    house.world = replace(house.world, sources={})

    await house.drain()

    assert (await house.op(change)).reason == (
        "build: backend is no longer in the catalog, which says where its releases come from"
    )


async def test_where_an_environment_is_gone_those_of_the_others_say_how_it_ended_and_nobody_else(
    house: HealthBridge,
) -> None:
    house.source.commit("backend", "1.0.0")
    house.backend.then(Behaviour.FORGET)
    op = await house.op(await house.deployed("development", "backend"))
    restarted(house, without_environment("development"))
    house.directory.groups["on-call"] = house.directory.groups["on-call"] - {JOHANNES}

    with pytest.raises(Refused, match="may say how an operation in development ended, and you are not in"):
        await decisions.settle(house.world, op.id, by=JOHANNES, succeeded=True)
    with pytest.raises(Refused, match=f"may cancel change {op.change_id}, which somebody else asked for"):
        await decisions.cancel(house.world, op.change_id, by=JOHANNES)
    await decisions.cancel(house.world, op.change_id, by=TOMAS)
    await decisions.settle(house.world, op.id, by=MARIA, succeeded=True)
    await house.drain()

    assert (await house.change(op.change_id)).state == "succeeded"


async def test_who_approves_or_rolls_back_what_is_gone_is_told_so(house: HealthBridge) -> None:
    change = await waiting(house)
    restarted(house, without_environment("production"))

    with pytest.raises(Refused, match="There is no environment “production”"):
        await decisions.approve(house.world, change.id, by=SELMA)
    answer = await house.rollback("production")
    assert "There is no environment “production”" in (answer.reply or "")


async def test_what_was_there_is_still_read(house: HealthBridge) -> None:
    change = await waiting(house)
    op = await house.op(await house.deployed("development", "backend"))
    restarted(house, without_environment("production"))
    ctx = Context(house.world, NDAPEWA, "C0DEPLOYM2", "deed-of-reading")

    board = await status.run(status.Args(), ctx)
    history = await releases.run(releases.Args(), ctx)

    assert f"change {change.id} · Deploy to production" in str(board)
    assert f"change {op.change_id}" in str(history)
    assert "production" not in str(board).split("Going on")[0]
