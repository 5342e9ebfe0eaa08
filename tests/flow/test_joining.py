"""What changes in a group of alerts is told in its card's thread: shortly, together, and without calling anybody."""

import json

from bot.ledger import cards
from bot.painter.pictures.joining import PICTURE
from tests.fakes.monitor import MINUTE, Monitor
from tests.fakes.shown import bare


async def told(monitor: Monitor) -> list[str]:
    """What the lines in the thread say, oldest first."""
    query = "SELECT id FROM cards WHERE subject LIKE 'joining:%%' ORDER BY id"
    rows = await monitor.house.world.ledger.single.say(query, {})
    said = []
    for row in rows:
        async with monitor.house.world.ledger.transaction() as tx:
            card = await cards.get(tx, row["id"])
            assert card is not None
            assert card.thread_of is not None
            message = await (await PICTURE.read(monitor.house.world, tx, card))()
        assert "<!" not in json.dumps(list(message.blocks))
        assert "<@" not in json.dumps(list(message.blocks))
        said.append(bare(message))
    return said


async def test_the_first_alerts_are_on_the_card_and_nowhere_else(monitor: Monitor) -> None:
    await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))

    assert await told(monitor) == []


async def test_what_joins_and_what_ends_within_a_minute_is_one_line(monitor: Monitor) -> None:
    await monitor.told(monitor.alert(instance="a"))
    await monitor.told(monitor.alert(instance="b"))
    await monitor.told(monitor.alert(instance="c"), monitor.alert(instance="a", ended=0))

    assert await told(monitor) == [
        "🔥 2 more fire: BackendDown (b), BackendDown (c) · ✅ 1 resolved: BackendDown (a)",
    ]


async def test_after_a_minute_it_is_another_line_and_the_end_is_said(monitor: Monitor) -> None:
    await monitor.told(monitor.alert(instance="a"))
    await monitor.told(monitor.alert(instance="b"))
    monitor.house.clock.move(MINUTE)
    await monitor.told(monitor.alert(instance="a", ended=0), monitor.alert(instance="b", ended=0))

    assert await told(monitor) == [
        "🔥 1 more fires: BackendDown (b)",
        "✅ 2 resolved: BackendDown (a), BackendDown (b) · nothing fires any more",
    ]


async def test_many_are_counted_and_a_few_named(monitor: Monitor) -> None:
    await monitor.told(monitor.alert(instance="a"))
    await monitor.told(*(monitor.alert(instance=f"db-{one}") for one in range(200)))

    (line,) = await told(monitor)
    assert line.startswith("🔥 200 more fire: BackendDown (db-0), ")
    assert line.endswith("BackendDown (db-4) and 195 more")


async def test_what_calls_people_is_not_told_twice(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a", severity="low"))
    await monitor.told(monitor.alert(instance="b", severity="critical"))

    assert await told(monitor) == []
    assert len(await monitor.roles(number)) == 2


async def test_odd_words_are_shown_as_words(monitor: Monitor) -> None:
    await monitor.told(monitor.alert(instance="a"))
    await monitor.told(monitor.alert("Ünïcode <!here>", instance="<@U0SELMANA3> *x*"))

    (line,) = await told(monitor)
    assert "Ünïcode &lt;!here&gt;" in line
