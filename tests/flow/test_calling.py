"""Who asked for something that did not end well is called to its card: once, with why, and with what stands now."""

from bot.domain.change import Change
from bot.domain.observation import Sample
from bot.ledger import cards
from bot.ledger.cards import Card
from bot.usecases import decisions
from bot.views.kit import Message
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import NDAPEWA, TOMAS, HealthBridge
from tests.fakes.shown import bare, in_thread
from tests.flow.conftest import Edited

HEALTH = "http://backend.staging/health"
SICK = Sample(ok=False, detail="HTTP 500")


async def deployed(house: HealthBridge, version: str) -> Change:
    house.source.commit("backend", version)
    return await house.deployed("staging", "backend")


async def called(house: HealthBridge, change: Change) -> tuple[Card, Card] | None:
    """Return the card of the call about a change's only operation, and the card in whose thread it hangs."""
    op = await house.op(change)
    async with house.world.ledger.transaction() as tx:
        call, live = (
            await cards.of(tx, f"operation:{op.id}", "call"),
            await cards.of(tx, f"change:{change.id}", "live"),
        )
    assert live is not None
    return (call, live) if call else None


async def call(house: HealthBridge, change: Change) -> Message:
    return await in_thread(house, await house.op(change), "call")


async def test_who_asked_is_called_when_it_failed_with_why_and_what_stands(house: HealthBridge) -> None:
    await deployed(house, "1.0.0")
    house.probe.sick(HEALTH, "HTTP 500: search is empty")
    change = await deployed(house, "1.1.0")

    assert bare(await call(house, change)).split("\n") == [
        f"❌ <@{NDAPEWA}> backend/staging 1.1.0: failed, and left running",
        "verify: no good answer within 5s; the last was: HTTP 500: search is empty",
        "What was left running serves until somebody rolls back, or deploys a mended release.",
    ]


async def test_the_call_hangs_in_the_thread_of_the_card_and_is_painted_once(house: HealthBridge) -> None:
    house.backend.then(Behaviour.REFUSE, "no room left")
    change = await deployed(house, "1.0.0")
    found = await called(house, change)

    assert found is not None
    card, live = found
    assert card.thread_of == live.id
    assert house.painted.count(card.id) == 1


async def test_what_is_unknown_calls_and_settling_it_does_not_call_again(house: HealthBridge) -> None:
    house.backend.then(Behaviour.FORGET)
    change = await deployed(house, "1.0.0")
    first = await call(house, change)
    await decisions.settle(house.world, (await house.op(change)).id, by=TOMAS, succeeded=False)
    await house.drain()

    assert bare(first).split("\n")[0] == f"❓ <@{NDAPEWA}> backend/staging 1.0.0: unknown"
    assert "Look at backend/staging, then say how it ended." in bare(first)
    found = await called(house, change)
    assert found is not None
    assert house.painted.count(found[0].id) == 1


async def test_going_back_by_itself_calls_when_it_is_over(house: HealthBridge, edited: Edited) -> None:
    house.with_catalog(edited(("    on_failure: ask\n", "    on_failure: roll_back\n")))
    await deployed(house, "1.0.0")
    house.probe.then(HEALTH, *[SICK] * 6)
    change = await deployed(house, "1.1.0")

    lines = bare(await call(house, change)).split("\n")
    assert lines[0] == f"↩ <@{NDAPEWA}> backend/staging 1.1.0: failed, and went back to 1.0.0"
    assert lines[1].startswith("verify: no good answer within 5s")
    assert lines[-1] == "1.1.0 is held off there until somebody names it."


async def test_what_went_well_or_was_taken_back_calls_nobody(house: HealthBridge) -> None:
    good = await deployed(house, "1.0.0")
    await deployed(house, "1.1.0")
    back = await house.rolled_back("staging")

    assert await called(house, good) is None
    assert await called(house, back) is None
