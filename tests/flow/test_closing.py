"""Somebody is given an alert group; somebody says that one is over: not while it is known to fire."""

import json

import pytest

from bot.command import Answer, Context, Open, Submission, Wrong
from bot.domain.alertgroup import State
from bot.domain.errors import Refused
from bot.ledger import alertgroups, chain
from bot.sandbox.validation import check_view
from bot.usecases import assigning, closing
from bot.views.kit import Message
from bot.vocabulary import Vocabulary
from tests.fakes.healthbridge import LAYLA, NDAPEWA, SELMA, TOMAS
from tests.fakes.monitor import ALERTS, MINUTE, Monitor
from tests.fakes.shown import bare, buttons, typed
from tests.flow.conftest import Edited

SILENT = ALERTS.replace("{ secret: ALERTS_TOKEN }", "{ secret: ALERTS_TOKEN, tells_end: false }")


async def pressed(monitor: Monitor, person: str, action: str, number: int) -> Answer:
    ctx = Context(monitor.house.world, person, "C0ALERTSX4", "press-1")
    return await Vocabulary.found().buttons[action].press(number, ctx)


async def sent(monitor: Monitor, by: str, form: str, number: int, **values: str) -> Answer:
    ctx = Context(monitor.house.world, by, "C0ALERTSX4", "sent-1")
    return await Vocabulary.found().forms[form].submit(Submission({**values}, str(number)), ctx)


async def payloads(monitor: Monitor, number: int, kind: str) -> list[dict[str, object]]:
    async with monitor.house.world.ledger.transaction() as tx:
        rows = await chain.of_subject(tx, f"alertgroup:{number}", kind=f"alertgroup.{kind}")
    return [json.loads(row["payload"]) | {"actor": row["actor"]} for row in rows]


async def test_who_is_given_it_is_at_it_and_is_called_once(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    window = await pressed(monitor, SELMA, "assign", number)
    assert isinstance(window, Open)
    assert check_view(window.modal) == []

    assert await sent(monitor, SELMA, "assign", number, person=LAYLA) is None
    group = await monitor.group(number)
    assert (group.state, group.acked_by) == (State.ACKNOWLEDGED, LAYLA)
    assert await payloads(monitor, number, "assigned") == [{"actor": SELMA, "state": "acknowledged", "to": LAYLA}]
    _, role = await monitor.roles(number)
    message = await monitor.card(number, role)
    assert json.dumps(list(message.blocks)).count(f"<@{LAYLA}>") == 1

    await monitor.told(monitor.alert(ended=1))
    later = await monitor.card(number, role)
    assert f"<@{LAYLA}>" not in json.dumps(list(later.blocks))


async def test_it_is_given_only_to_those_who_may_and_by_those_who_may(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())

    refused = await sent(monitor, SELMA, "assign", number, person=NDAPEWA)
    assert isinstance(refused, Wrong)
    assert "Ndapewa Shilongo may not acknowledge alerts: only production-team may" in refused.errors["person"]
    with pytest.raises(Refused, match="Only production-team may assign alerts"):
        await pressed(monitor, NDAPEWA, "assign", number)
    assert (await monitor.group(number)).state is State.FIRING


@pytest.mark.parametrize(
    ("words", "person"),
    [("me", SELMA), ("@layla", LAYLA), ("tomas", TOMAS), (f"<@{LAYLA}|layla>", LAYLA), (LAYLA, LAYLA)],
)
async def test_assign_takes_people_as_they_are_written(monitor: Monitor, words: str, person: str) -> None:
    names = monitor.house.directory
    names.people[LAYLA] = type(names.people[LAYLA])(LAYLA, "Layla Haddad")
    number = await monitor.told(monitor.alert())

    await typed(monitor.house, SELMA, f"/assign {number} {words}")
    assert (await monitor.group(number)).acked_by == person


async def test_who_takes_it_over_is_not_called(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await assigning.assign(monitor.house.world, number, LAYLA, by=LAYLA)

    await typed(monitor.house, SELMA, f"/assign {number} me")
    assert (await monitor.group(number)).acked_by == SELMA
    assert await monitor.roles(number) == ["live"]
    with pytest.raises(Refused, match="There are "):
        await typed(monitor.house, SELMA, f"/assign {number} nobody")


async def test_what_still_fires_is_named_and_no_silence_is_offered_where_none_can_be_made(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert("DiskFull"))

    answer = await pressed(monitor, SELMA, "resolve", number)
    assert isinstance(answer, Message)
    assert "BackendDown, DiskFull still fire, so it is not over." in bare(answer)
    assert "ilence" not in bare(answer)
    assert buttons(answer) == {}
    refused = await sent(monitor, SELMA, "resolve", number, why="it is fine")
    assert isinstance(refused, Wrong)
    assert (await monitor.group(number)).state is State.FIRING


async def test_of_a_monitor_that_never_tells_the_end_a_person_does(monitor: Monitor, edited: Edited) -> None:
    monitor.house.with_catalog(edited(("channels:", SILENT)))
    number = await monitor.told(monitor.alert())
    window = await pressed(monitor, SELMA, "resolve", number)
    assert isinstance(window, Open)
    assert check_view(window.modal) == []

    wrong = await sent(monitor, SELMA, "resolve", number, why=" ")
    assert isinstance(wrong, Wrong)
    await typed(monitor.house, SELMA, f"/resolve {number} the host is gone")
    group = await monitor.group(number)
    assert (group.state, group.closed_by, group.closed_why) == (State.RESOLVED, SELMA, "the host is gone")
    assert "Selma Nakale says that it is over: the host is gone" in bare(await monitor.card(number))
    assert [one.firing for one in await alertgroups.alerts_of(monitor.house.world.ledger.reading, number)] == [False]

    await monitor.told(monitor.alert())
    assert (await monitor.group(number)).state is State.RESOLVED
    monitor.house.clock.move(5 * MINUTE)
    assert await monitor.told(monitor.alert()) == number
    assert (await monitor.group(number)).closed_by is None


async def test_when_the_monitor_is_no_longer_in_the_catalog_a_person_says_that_it_is_over(
    monitor: Monitor, edited: Edited
) -> None:
    number = await monitor.told(monitor.alert())
    gone = ALERTS.replace("platform: { secret", "other: { secret")
    monitor.house.with_catalog(edited(("channels:", gone)))

    await closing.close(monitor.house.world, number, "that monitor is gone", by=SELMA)
    assert (await monitor.group(number)).state is State.RESOLVED
    with pytest.raises(Refused, match="resolved already"):
        await closing.close(monitor.house.world, number, "again", by=SELMA)


async def test_only_those_who_may_say_that_it_is_over(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())

    with pytest.raises(Refused, match="Only production-team may resolve alerts"):
        await typed(monitor.house, NDAPEWA, f"/resolve {number} done")
    with pytest.raises(Refused, match="There is no alert group 99"):
        await typed(monitor.house, SELMA, "/resolve 99 done")
