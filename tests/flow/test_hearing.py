"""By button, by word, by reaction, by command: somebody is at it, and it is one state and one event."""

import asyncio
import itertools
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.command import Answer, Context, Heard
from bot.domain.alertgroup import State
from bot.domain.errors import Refused, Retry
from bot.ledger import cards
from bot.ledger.ledger import Ledger
from bot.ledger.schema import cards as cards_table
from bot.usecases import alerting
from bot.views.kit import Message
from bot.vocabulary import Vocabulary
from tests.fakes.healthbridge import JOHANNES, LAYLA, NDAPEWA, SELMA, HealthBridge
from tests.fakes.monitor import MINUTE, Monitor
from tests.fakes.shown import bare, buttons, typed

ALERTS = "C0ALERTSX4"
_moments = itertools.count(1_790_000_000)


@dataclass
class Thread:
    """The thread of a group's card, as those see it who talk there."""

    monitor: Monitor
    number: int
    ts: str

    @property
    def house(self) -> HealthBridge:
        return self.monitor.house

    async def say(self, person: str, text: str, *, at: str = "", ts: str = "") -> Answer:
        """Say something in the thread; return what is whispered."""
        return await self._hear("message", person, text, at, ts)

    async def react(self, person: str, name: str, *, at: str = "") -> Answer:
        return await self._hear("reaction_added", person, name, at)

    async def unreact(self, person: str, name: str, *, at: str = "") -> Answer:
        return await self._hear("reaction_removed", person, name, at)

    async def _hear(self, event: str, person: str, said: str, at: str, ts: str = "") -> Answer:
        heard = Heard(said, ALERTS, ts or self.ts, at or f"{next(_moments)}.000100")
        ctx = Context(self.house.world, person, ALERTS, "Ev1", ts or self.ts)
        (answer,) = [await one.hear(heard, ctx) for one in Vocabulary.found().heard if one.event == event]
        return answer

    async def state(self) -> tuple[State, str | None]:
        group = await self.monitor.group(self.number)
        return group.state, group.acked_by

    async def events(self, kind: str = "acked") -> int:
        return (await self.house.happened(f"alertgroup:{self.number}")).count(f"alertgroup.{kind}")


async def hung(monitor: Monitor, number: int) -> Thread:
    """Have a group's card hang in Slack."""
    ts = f"1790000000.00000{number}"
    async with monitor.house.world.ledger.transaction() as tx:
        card = await cards.of(tx, f"alertgroup:{number}", "live")
        assert card is not None
        values = {"ts": ts, "channel": ALERTS}
        await tx.connection.execute(cards_table.update().where(cards_table.c.id == card.id).values(values))
    return Thread(monitor, number, ts)


@pytest.fixture
async def thread(monitor: Monitor) -> Thread:
    return await hung(monitor, await monitor.told(monitor.alert()))


@pytest.mark.parametrize(
    "word", ["ack", "ACK", " Ack! ", "acknowledged.", "On it…", "*looking*", "<@U0SLIPWAY7> ack", "on  it :eyes:"]
)
async def test_a_word_in_the_thread_says_that_somebody_is_at_it(thread: Thread, word: str) -> None:
    answer = await thread.say(SELMA, word)

    assert await thread.state() == (State.ACKNOWLEDGED, SELMA)
    assert isinstance(answer, Message)
    assert "You are at alert group 1" in bare(answer)


@pytest.mark.parametrize("talk", ["looking good", "I ack that", "ack?! no idea", "", "?", "x" * 5000, "who is looking"])
async def test_talk_is_let_be(thread: Thread, talk: str) -> None:
    assert await thread.say(SELMA, talk) is None
    assert await thread.state() == (State.FIRING, None)


async def test_talk_asks_the_ledger_nothing(thread: Thread) -> None:
    house = thread.house
    away = Ledger("postgresql+psycopg://nobody@127.0.0.1:1/nothing", clock=house.clock, queue=house.queue, patience=1)
    house.world = replace(house.world, ledger=away)

    assert await thread.say(NDAPEWA, "the search is slow again") is None
    assert await thread.react(NDAPEWA, "tada") is None
    assert await thread.unreact(NDAPEWA, "tada") is None
    with pytest.raises(Retry):
        await thread.say(NDAPEWA, "ack")
    await away.close()


async def test_a_word_elsewhere_is_talk(thread: Thread) -> None:
    assert await thread.say(SELMA, "ack", ts="1790000000.999999") is None
    assert await thread.state() == (State.FIRING, None)


async def test_a_reaction_says_so_and_taking_it_away_takes_it_back(thread: Thread) -> None:
    assert await thread.react(SELMA, "eyes::skin-tone-3") is None
    assert await thread.state() == (State.ACKNOWLEDGED, SELMA)

    assert await thread.unreact(SELMA, "eyes") is None
    assert await thread.state() == (State.FIRING, None)
    assert await thread.events("unacked") == 1


async def test_only_ones_own_is_taken_back(thread: Thread) -> None:
    await alerting.acknowledge(thread.house.world, thread.number, by=SELMA)

    assert await thread.unreact(LAYLA, "eyes") is None
    with pytest.raises(Refused, match="Selma Nakale is at it, not you"):
        await thread.say(LAYLA, "unack")
    assert await thread.state() == (State.ACKNOWLEDGED, SELMA)

    answer = await thread.say(SELMA, "Unack.")
    assert isinstance(answer, Message)
    assert "no longer" in bare(answer)
    assert await thread.state() == (State.FIRING, None)


async def test_what_slack_tells_again_or_late_is_no_news(thread: Thread) -> None:
    await thread.say(SELMA, "ack", at="1790000100.000001")
    await alerting.take_back(thread.house.world, thread.number, by=SELMA)

    assert await thread.say(SELMA, "ack", at="1790000100.000001") is None
    assert await thread.state() == (State.FIRING, None)

    await thread.unreact(SELMA, "eyes", at="1790000300.000001")
    await thread.react(SELMA, "eyes", at="1790000200.000001")
    assert await thread.state() == (State.FIRING, None)


async def test_who_may_not_is_told_who_may_and_only_once(thread: Thread) -> None:
    with pytest.raises(Refused, match="Only production-team may acknowledge alerts"):
        await thread.say(NDAPEWA, "looking")

    assert await thread.say(NDAPEWA, "on it") is None
    assert await thread.react(NDAPEWA, "eyes") is None
    assert await thread.state() == (State.FIRING, None)


async def test_who_comes_second_is_told_who_is_at_it(thread: Thread) -> None:
    await thread.say(SELMA, "ack")

    with pytest.raises(Refused, match="Selma Nakale is at it already"):
        await thread.say(LAYLA, "on it")
    with pytest.raises(Refused, match="Selma Nakale is at it already"):
        await alerting.acknowledge(thread.house.world, thread.number, by=LAYLA)
    assert await thread.events() == 1


async def test_all_ways_at_one_moment_by_two_people_are_one_state_and_one_event(thread: Thread) -> None:
    world, number = thread.house.world, thread.number

    said: list[Awaitable[object]] = []
    for person in (SELMA, LAYLA):
        said += [
            alerting.acknowledge(world, number, by=person),
            thread.say(person, "ack"),
            thread.react(person, "eyes"),
            typed(thread.house, person, f"/ack {number}"),
            typed(thread.house, person, "/ack"),
        ]
    answers = await asyncio.gather(*said, return_exceptions=True)

    state, by = await thread.state()
    assert state is State.ACKNOWLEDGED
    assert by in {SELMA, LAYLA}
    assert await thread.events() == 1
    assert all(one is None or isinstance(one, Refused | Message) or not isinstance(one, Exception) for one in answers)


async def test_ack_without_a_number_means_the_only_one(thread: Thread) -> None:
    answer = await typed(thread.house, SELMA, "/ack")

    assert isinstance(answer, Message)
    assert "You are at alert group 1" in bare(answer)
    assert await thread.state() == (State.ACKNOWLEDGED, SELMA)
    with pytest.raises(Refused, match="No alert waits for somebody"):
        await typed(thread.house, SELMA, "/ack")


async def test_ack_without_a_number_lets_choose_among_several(thread: Thread) -> None:
    other = thread.monitor.payload(thread.monitor.alert("DiskFull", severity="critical")) | {"groupKey": "other"}
    await thread.monitor.tell(other)

    answer = await typed(thread.house, SELMA, "/ack")
    assert isinstance(answer, Message)
    rows = [block for block in answer.blocks if "accessory" in block]
    assert ["DiskFull" in str(rows[0]), "BackendDown" in str(rows[1])] == [True, True]
    assert [row["accessory"]["value"] for row in rows] == ["2", "1"]  # type: ignore[index]  # blocks are plain JSON
    assert await thread.state() == (State.FIRING, None)


async def test_unack_without_a_number_means_what_one_is_at(thread: Thread) -> None:
    with pytest.raises(Refused, match="You are at no alert"):
        await typed(thread.house, SELMA, "/unack")
    await typed(thread.house, SELMA, "/ack")

    await typed(thread.house, SELMA, "/unack")
    assert await thread.state() == (State.FIRING, None)


async def test_alerts_lists_the_worst_first_with_who_is_at_it(thread: Thread) -> None:
    monitor = thread.monitor
    for name, severity in (("DiskFull", "critical"), ("CertExpires", "low"), ("Slow", "medium")):
        alert = monitor.alert(name, severity=severity, service="frontend", began=-30)
        await monitor.tell(monitor.payload(alert, monitor.alert(f"{name}Too", severity="low")) | {"groupKey": name})
    await thread.say(SELMA, "ack")

    answer = await typed(thread.house, NDAPEWA, "/alerts")
    assert isinstance(answer, Message)
    lines = bare(answer).splitlines()[1:]
    assert [line.split(" ")[1] for line in lines] == ["DiskFull", "BackendDown", "Slow", "CertExpires"]
    assert lines[0] == "🔴 DiskFull and 1 more · group 2 · 2 firing · for 30m · nobody is at it"
    assert lines[1].endswith("Selma Nakale is at it")
    assert f"archives/{ALERTS}/p1790000000000001" in str(answer.blocks)


async def test_alerts_can_be_asked_for_by_severity_and_service(thread: Thread) -> None:
    monitor = thread.monitor
    await monitor.tell(monitor.payload(monitor.alert("Web", severity="low", service="frontend")) | {"groupKey": "w"})

    async def shown(line: str) -> str:
        answer = await typed(thread.house, NDAPEWA, line)
        assert isinstance(answer, Message)
        return bare(answer)

    assert "Web" not in await shown("/alerts high")
    assert "BackendDown" in await shown("/alerts HIGH")
    assert "BackendDown" not in await shown("/alerts frontend")
    assert "Nothing fires that is critical." in await shown("/alerts critical")
    assert "There is no page 2" in await shown("/alerts --page 2")

    await monitor.told(monitor.alert(ended=1))
    thread.house.clock.move(10 * MINUTE)
    assert "BackendDown" not in await shown("/alerts")
    assert "✅ BackendDown · group 1 · ended 10m ago · resolved" in await shown("/alerts --all")
    thread.house.clock.move(timedelta(days=2))
    assert "BackendDown" not in await shown("/alerts --all")


async def test_many_alerts_come_page_by_page(thread: Thread) -> None:
    monitor = thread.monitor
    for one in range(20):
        await monitor.tell(monitor.payload(monitor.alert(f"A{one}", severity="low")) | {"groupKey": str(one)})

    first, second = (
        await typed(thread.house, JOHANNES, "/alerts"),
        await typed(thread.house, JOHANNES, "/alerts --page 2"),
    )
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert "/alerts --page 2" in bare(first)
    shown = [line for page in (first, second) for line in bare(page).splitlines() if "· group " in line]
    assert len(shown) == len(set(shown)) == 21


async def test_no_alerts_says_so(monitor: Monitor) -> None:
    answer = await typed(monitor.house, NDAPEWA, "/alerts")

    assert isinstance(answer, Message)
    assert bare(answer).startswith("Nothing fires.")
    assert buttons(answer) == {}
