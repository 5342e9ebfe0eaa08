"""Two people deploy at once: who comes second is told whose change is on its way there, and how far it has come."""

import asyncio
from datetime import timedelta

from bot.usecases import decisions
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import NDAPEWA, TOMAS, HealthBridge

SECOND = timedelta(seconds=1)


async def told_meanwhile(house: HealthBridge, environment: str, *words: str, after: timedelta) -> list[str]:
    """Have Tomas ask for a deploy when so much time has passed; the list is what he is told."""
    replies: list[str] = []

    async def ask() -> None:
        args = {"environment": environment, "words": list(words)}
        number = await house.take("deploy", TOMAS, args)
        await house.plan_only(number)
        replies.append(await house.reply(number) or "")

    house.clock.at(after, ask)
    return replies


async def test_who_asks_for_what_is_baking_is_told_whose_it_is_and_how_far(house: HealthBridge) -> None:
    house.source.commit("backend", "1.4.0")
    replies = await told_meanwhile(house, "staging", "backend", after=2 * SECOND)

    change = await house.deployed("staging", "backend")

    assert change.state == "succeeded"
    assert replies[0] == (
        f"Nothing to deploy to staging. Change {change.id} by Ndapewa Shilongo is bringing 1.4.0 to backend/staging "
        "right now (step bake, 2s)."
    )


async def test_who_asks_while_it_is_built_does_not_have_it_done_twice(house: HealthBridge) -> None:
    house.source.commit("backend", "1.4.0")
    house.backend.then(Behaviour.HANG)
    replies = await told_meanwhile(house, "staging", "backend", after=2 * SECOND)
    house.clock.at(3 * SECOND, lambda: _settle(house))

    await house.deployed("staging", "backend")

    assert "is bringing 1.4.0 to backend/staging right now (step apply, " in replies[0]
    assert house.effects() == ["1.4.0"]


async def _settle(house: HealthBridge) -> None:
    house.backend.settle(house.backend.asks[-1][1])


async def test_what_only_another_service_is_busy_with_is_deployed(house: HealthBridge) -> None:
    house.source.commit("backend", "1.4.0")
    house.source.commit("frontend", "1.0.0")
    replies = await told_meanwhile(house, "staging", after=2 * SECOND)

    first = await house.deployed("staging", "backend")

    assert replies == ['{"change":2}']
    second = await house.change(2)
    assert [op.service for op in second.plan.operations] == ["frontend"]
    assert (first.state, second.state) == ("succeeded", "succeeded")


async def test_who_names_it_gets_in_line_all_the_same(house: HealthBridge) -> None:
    house.source.commit("backend", "1.4.0")
    replies = await told_meanwhile(house, "staging", "backend", "1.4.0", after=2 * SECOND)

    await house.deployed("staging", "backend")

    assert replies == ['{"change":2}']
    assert (await house.change(2)).state == "succeeded"


async def test_something_newer_than_what_is_on_its_way_gets_in_line(house: HealthBridge) -> None:
    house.source.commit("backend", "1.4.0")

    async def news() -> None:
        house.source.commit("backend", "1.5.0")

    house.clock.at(SECOND, news)
    replies = await told_meanwhile(house, "staging", "backend", after=2 * SECOND)

    await house.deployed("staging", "backend")

    assert replies == ['{"change":2}']
    assert house.effects() == ["1.4.0", "1.5.0"]


async def test_who_deploys_while_a_rollback_takes_the_newest_away_does_not_bring_it_back(house: HealthBridge) -> None:
    house.source.commit("backend", "1.3.0")
    await house.deployed("staging", "backend")
    house.source.commit("backend", "1.4.0")
    await house.deployed("staging", "backend")
    house.backend.then(Behaviour.HANG)
    replies = await told_meanwhile(house, "staging", "backend", after=2 * SECOND)
    house.clock.at(3 * SECOND, lambda: _settle(house))

    change = await house.rolled_back("staging")

    assert change.state == "succeeded"
    assert len(replies) == 1
    assert f"Change {change.id} by Tomas Müller is taking backend/staging back from 1.4.0 to 1.3.0 right" in replies[0]
    assert await house.live("backend", "staging") == "1.3.0"


async def test_what_is_unknown_is_not_said_to_be_live(house: HealthBridge) -> None:
    house.source.commit("backend", "1.4.0")
    house.backend.then(Behaviour.FORGET)
    change = await house.deployed("staging", "backend")

    reply = (await house.deploy("staging", "backend", by=TOMAS)).reply

    assert reply == (
        f"Nothing to deploy to staging. Change {change.id} by Ndapewa Shilongo was bringing 1.4.0 to backend/staging, "
        "and how that ended is unknown: somebody has to look, and settle it on its card first."
    )


async def test_the_rest_of_a_change_that_waits_for_a_word_is_not_brought_by_another(house: HealthBridge) -> None:
    house.source.commit("backend", "1.4.0")
    house.source.commit("frontend", "1.0.0")
    house.backend.then(Behaviour.REFUSE, "no room")
    change = await house.deployed("staging")

    reply = (await house.deploy("staging", "frontend", by=TOMAS)).reply
    await decisions.cancel(house.world, change.id, by=NDAPEWA)
    await house.drain()
    after = await house.deploy("staging", "frontend", by=TOMAS)

    assert reply == (
        f"Nothing to deploy to staging. Change {change.id} by Ndapewa Shilongo failed in part; bringing 1.0.0 to "
        "frontend/staging waits until somebody goes on with it or stops it."
    )
    assert after.change is not None


async def test_two_who_ask_for_the_same_at_one_moment_have_it_done_once(house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    args = {"environment": "staging", "words": ["backend"]}
    asked = [await house.take("deploy", person, args) for person in (NDAPEWA, TOMAS)]

    await asyncio.gather(*(house.plan_only(one) for one in asked))
    await house.drain()

    replies = [await house.reply(one) for one in asked]
    assert sorted(reply == '{"change":1}' for reply in replies) == [False, True]
    assert any(
        "Change 1 by" in (reply or "") and "bringing 1.0.0 to backend/staging" in (reply or "") for reply in replies
    )
    assert house.effects() == ["1.0.0"]
