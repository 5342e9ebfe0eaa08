"""Somebody silences what fires: it is made once whatever is lost on the way, shown as it is, and ends with a word."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.command import Context, Open, Submission, Wrong
from bot.domain.alertgroup import State as GroupState
from bot.domain.errors import GaveUp, Refused, Retry
from bot.domain.silence import Held, Matcher, Silence, State
from bot.ledger import cards, silences
from bot.painter.pictures.silence import PICTURE
from bot.ports import Unclear
from bot.sandbox.validation import check_blocks, check_view
from bot.schedules import reconcile
from bot.schedules import silences as schedule
from bot.usecases import alerting, silencing
from bot.usecases.silencing import Wish
from bot.views.kit import Message
from bot.vocabulary import Vocabulary
from bot.web import alertmanager
from tests.fakes.healthbridge import NDAPEWA, SELMA, HealthBridge
from tests.fakes.monitor import ALERTS, MINUTE, TOKEN, Monitor
from tests.fakes.shown import bare, buttons, typed
from tests.fakes.silences import FakeAlertmanager
from tests.flow.conftest import Edited

HOUR = timedelta(hours=1)
WITH_API = ALERTS.replace("alerts:\n", "alerts:\n  alertmanager: { url: http://alertmanager.example:9093 }\n")


@pytest.fixture
def away(house: HealthBridge) -> FakeAlertmanager:
    return FakeAlertmanager(house.clock)


@pytest.fixture
def monitor(house: HealthBridge, edited: Edited, away: FakeAlertmanager) -> Monitor:
    house.with_catalog(edited(("channels:", WITH_API)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    house.world = replace(house.world, silences={"*": away})
    return Monitor(house, alertmanager.route(house.world))


async def silenced(monitor: Monitor, number: int, length: timedelta | None = HOUR, **how: object) -> Silence:
    """Have Selma silence a group, and everything that follows from it."""
    made = await silencing.ask(monitor.house.world, Wish(number, length, **how), by=SELMA)  # type: ignore[arg-type]  # the wish's words
    await monitor.house.drain()
    return await now(monitor, made.id)


async def now(monitor: Monitor, silence: int) -> Silence:
    """A silence as it stands."""
    found = await silences.get(monitor.house.world.ledger.reading, silence)
    assert found is not None
    return found


async def later(monitor: Monitor, by: timedelta) -> None:
    """Let time pass, and have done what is due then."""
    monitor.house.clock.move(by)
    await schedule.run(monitor.house.world)
    await monitor.house.drain()


async def notices(monitor: Monitor, silence: int) -> list[Message]:
    """The notices in threads about a silence, as they would be painted now."""
    house = monitor.house
    query = "SELECT role FROM cards WHERE subject = %(subject)s ORDER BY id"
    rows = await house.world.ledger.single.say(query, {"subject": f"silence:{silence}"})
    found = []
    for row in rows:
        async with house.world.ledger.transaction() as tx:
            card = await cards.of(tx, f"silence:{silence}", str(row["role"]))
            assert card is not None
            assert card.thread_of is not None
            draw = await PICTURE.read(house.world, tx, card)
        message = await draw()
        assert check_blocks(list(message.blocks), surface="message") == []
        found.append(message)
    return found


async def test_a_silence_is_made_in_alertmanager_by_what_the_alerts_share(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))
    assert buttons(await monitor.card(number))["silence"] == "Silence…"

    silence = await silenced(monitor, number, reason="the disk is being changed")

    assert silence.state is State.LIVE
    (held,) = away.held.values()
    assert {one.words for one in held.matchers} == {"alertname=BackendDown", "severity=high", "service=backend"}
    assert held.ends_at == monitor.house.clock.now() + HOUR
    assert held.key == silence.key
    assert "the disk is being changed" in held.comment
    card = await monitor.card(number)
    said = bare(card)
    assert f"Silence {silence.id} by Selma" in said
    assert "alertname=BackendDown" in said
    beside = [one for one in card.blocks if "accessory" in one]
    assert "alertname" not in str(beside)  # beside a button, on a phone, each label would be a line
    assert await monitor.house.happened(f"silence:{silence.id}") == ["silence.asked", "silence.made"]


async def test_who_would_resolve_what_still_fires_is_offered_a_silence(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())

    answer = await typed(monitor.house, SELMA, f"/resolve {number}")

    assert isinstance(answer, Message)
    assert "Silence it, if nobody is to hear of it until then." in bare(answer)
    assert buttons(answer) == {"silence": "Silence…"}


async def test_one_alert_and_chosen_labels(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))

    one = await silenced(monitor, number, alert="BackendDown-a")
    some = await silenced(monitor, number, labels={"instance": "b"})

    assert "instance=a" in {each.words for each in one.matchers}
    assert [each.words for each in some.matchers] == ["instance=b"]
    assert "1 of 2 that fire" in bare(await monitor.card(number))
    assert len(away.held) == 2


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"labels": {"service": "frontend"}}, "No alert of group 1 has service=frontend"),
        ({"labels": {}}, "That would silence everything"),
        ({"labels": {"empty": ""}}, "That would silence everything"),
        ({"alert": "gone"}, "not in the group any more"),
    ],
)
async def test_what_would_match_everything_or_nothing_is_refused(
    monitor: Monitor, wish: dict[str, object], words: str
) -> None:
    number = await monitor.told(monitor.alert(empty=""))

    with pytest.raises(Refused, match=words):
        await silencing.ask(monitor.house.world, Wish(number, HOUR, **wish), by=SELMA)  # type: ignore[arg-type]  # the wish's words


async def test_alerts_that_share_nothing_are_not_silenced_as_one(monitor: Monitor) -> None:
    number = await monitor.told(
        monitor.alert("A", service="x", severity="low"), monitor.alert("B", service="y", severity="high")
    )

    with pytest.raises(Refused, match="no label in common"):
        await silencing.ask(monitor.house.world, Wish(number, HOUR), by=SELMA)


@pytest.mark.parametrize("length", [timedelta(minutes=14), timedelta(days=32), timedelta(0), -HOUR])
async def test_a_length_that_is_none_is_refused(monitor: Monitor, length: timedelta) -> None:
    number = await monitor.told(monitor.alert())

    with pytest.raises(Refused, match="from 15 minutes to a month"):
        await silencing.ask(monitor.house.world, Wish(number, length), by=SELMA)


async def test_who_may_not_acknowledge_may_not_silence(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    silence = await silenced(monitor, number)

    for deed in (
        silencing.ask(monitor.house.world, Wish(number, HOUR), by=NDAPEWA),
        silencing.extend(monitor.house.world, silence.id, by=NDAPEWA, length=HOUR),
        silencing.end(monitor.house.world, silence.id, by=NDAPEWA),
    ):
        with pytest.raises(Refused, match="Only production-team may"):
            await deed


async def test_until_work_begins_is_of_the_persons_own_zone(monitor: Monitor) -> None:
    people = monitor.house.directory.people
    people[SELMA] = replace(people[SELMA], zone="America/New_York")
    number = await monitor.told(monitor.alert())

    silence = await silenced(monitor, number, None)  # it is Monday, 9:00 UTC: night in New York

    assert silence.ends_at == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


# --- what is lost on the way --------------------------------------------------------------------------------------


async def test_a_lost_answer_is_found_by_its_key_and_nothing_is_made_twice(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    away.lost = Unclear("the connection broke")

    silence = await silenced(monitor, number)
    assert silence.state is State.UNKNOWN
    assert "It is not known whether Silence 1 by Selma Nakale was made" in bare(await monitor.card(number))

    await later(monitor, timedelta(seconds=6))
    assert (await now(monitor, silence.id)).state is State.LIVE
    assert away.made == 1
    assert (await now(monitor, silence.id)).held_id in away.held


async def test_what_was_surely_not_made_is_made_but_not_before_that_is_sure(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    away.lost = Unclear("the connection broke")
    silence = await silenced(monitor, number)
    away.held.clear()  # it never arrived

    await later(monitor, timedelta(seconds=6))
    assert (away.made, (await now(monitor, silence.id)).state) == (1, State.UNKNOWN)
    await later(monitor, timedelta(seconds=40))

    assert (away.made, (await now(monitor, silence.id)).state) == (2, State.LIVE)


async def test_while_a_peer_is_away_what_got_no_answer_stays_unknown(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert())
    away.lost = Unclear("the connection broke")
    silence = await silenced(monitor, number)
    away.held.clear()
    away.whole = False

    await later(monitor, timedelta(minutes=5))

    assert (away.made, (await now(monitor, silence.id)).state) == (1, State.UNKNOWN)


async def test_a_bot_killed_between_the_wish_and_the_deed_does_it_after(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    made = await silencing.ask(monitor.house.world, Wish(number, HOUR), by=SELMA)
    await monitor.house.put_off("silence", made.id)

    await later(monitor, timedelta(seconds=6))

    assert ((await now(monitor, made.id)).state, away.made) == (State.LIVE, 1)


async def test_an_alertmanager_that_is_away_is_told_and_tried_again(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert())
    away.fails = Retry("Alertmanager cannot be reached: refused")

    silence = await silenced(monitor, number)
    assert silence.state is State.ASKED
    said = bare(await monitor.card(number))
    assert "is being made" in said
    assert "Alertmanager cannot be reached: refused; it is tried again" in said

    away.fails = None
    await later(monitor, timedelta(seconds=6))
    assert (await now(monitor, silence.id)).state is State.LIVE
    assert "cannot be reached" not in bare(await monitor.card(number))


async def test_what_alertmanager_does_not_take_is_said_in_its_words(monitor: Monitor) -> None:
    class Refusing(FakeAlertmanager):
        async def make(self, *_: object, **__: object) -> str:
            raise GaveUp("Alertmanager: silence invalid: invalid label name")

    number = await monitor.told(monitor.alert())
    monitor.house.world = replace(monitor.house.world, silences={"*": Refusing(monitor.house.clock)})

    silence = await silenced(monitor, number)

    assert silence.state is State.REFUSED
    assert "Silence 1 by Selma Nakale was not made" in bare(await monitor.card(number))
    assert "invalid label name" in bare(await monitor.card(number))


# --- what a silence does -------------------------------------------------------------------------------------------


async def test_what_is_silenced_and_fires_again_calls_nobody(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    assert "<!subteam" in str((await monitor.card(number)).blocks)
    await silenced(monitor, number, timedelta(hours=8))

    for _ in range(3):
        await monitor.told(monitor.alert(began=-2, ended=0))
        monitor.house.clock.move(5 * MINUTE)
        assert await monitor.told(monitor.alert()) == number
    assert await monitor.roles(number) == ["live"]

    await monitor.told(monitor.alert(began=-2, ended=0))
    monitor.house.clock.move(HOUR)
    another = await monitor.told(monitor.alert())
    assert another != number
    assert await monitor.roles(another) == ["live"]
    card = await monitor.card(another)
    assert "<!subteam" not in str(card.blocks)
    assert "Silence 1 by Selma" in bare(card)


async def test_what_a_silence_does_not_cover_calls_and_what_it_covers_leaves_an_ack_alone(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a", severity="low"))
    await silenced(monitor, number, labels={"instance": "a"})
    await monitor.told(monitor.alert(instance="b", severity="low"))
    assert len(await monitor.roles(number)) == 2

    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    await monitor.told(monitor.alert("Worse", instance="a", severity="critical"))
    assert (await monitor.group(number)).state is GroupState.ACKNOWLEDGED
    assert len(await monitor.roles(number)) == 2


async def test_when_a_silence_ends_and_it_still_fires_people_are_called_once(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await silenced(monitor, number)

    await later(monitor, HOUR + timedelta(seconds=1))
    await later(monitor, MINUTE)

    assert (await now(monitor, 1)).state is State.OVER
    roles = await monitor.roles(number)
    assert len(roles) == 2
    assert roles[1].startswith("call/")


async def test_notice_is_given_before_the_end_and_extend_works_after_a_restart(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    silence = await silenced(monitor, number)
    await later(monitor, 44 * MINUTE)
    assert await notices(monitor, silence.id) == []

    await later(monitor, 2 * MINUTE)
    await later(monitor, MINUTE)
    (notice,) = await notices(monitor, silence.id)
    assert f"<@{SELMA}>" in str(notice.blocks)
    assert buttons(notice) == {"extend": "Extend by 1 hour", "prolong": "Extend…", "unsilence": "End silence"}

    await monitor.house.restart()
    press = Vocabulary.found().buttons["extend"].press
    assert await press(silence.id, Context(monitor.house.world, SELMA, "C1", "key")) is None
    await monitor.house.drain()
    extended = await now(monitor, silence.id)
    assert extended.ends_at == silence.ends_at + HOUR
    assert [one.ends_at for one in away.held.values()] == [extended.ends_at]
    assert "was extended until" in bare((await notices(monitor, silence.id))[0])

    await later(monitor, HOUR)
    assert len(await notices(monitor, silence.id)) == 2
    await later(monitor, HOUR)
    assert "Silence 1 by Selma Nakale is over" in bare((await notices(monitor, silence.id))[1])


async def test_no_notice_where_nothing_fires_any_more(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    silence = await silenced(monitor, number)
    await monitor.told(monitor.alert(ended=1))

    await later(monitor, 50 * MINUTE)

    assert await notices(monitor, silence.id) == []


async def test_unsilence_ends_it_in_alertmanager_and_calls_for_what_fires(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    silence = await silenced(monitor, number)

    answer = await typed(monitor.house, SELMA, f"/unsilence {silence.id}")
    assert isinstance(answer, Message)
    await monitor.house.drain()

    assert (await now(monitor, silence.id)).state is State.REMOVED
    assert not any(one.active for one in away.held.values())
    assert len(await monitor.roles(number)) == 2
    with pytest.raises(Refused, match="over already"):
        await silencing.end(monitor.house.world, silence.id, by=SELMA)
    with pytest.raises(Refused, match="Silence 1 is over"):
        await silencing.extend(monitor.house.world, silence.id, by=SELMA, length=HOUR)


async def test_what_was_ended_before_it_was_made_is_never_made(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert())
    away.fails = Retry("away")
    silence = await silenced(monitor, number)
    await silencing.end(monitor.house.world, silence.id, by=SELMA)
    away.fails = None

    await later(monitor, MINUTE)

    assert (away.made, (await now(monitor, silence.id)).state) == (0, State.REMOVED)


async def test_an_extension_that_gets_no_answer_is_looked_for_and_the_silence_holds_meanwhile(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    silence = await silenced(monitor, number)
    away.lost = Unclear("no answer")
    await silencing.extend(monitor.house.world, silence.id, by=SELMA, length=HOUR)
    await monitor.house.drain()
    assert "to be until" in bare(await monitor.card(number))

    await later(monitor, timedelta(seconds=10))

    found = await now(monitor, silence.id)
    assert (found.settled, found.held_until) == (True, silence.ends_at + HOUR)
    assert away.made == 2


async def test_no_silence_is_longer_than_a_month(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    silence = await silenced(monitor, number, timedelta(days=30))

    with pytest.raises(Refused, match="to a month"):
        await silencing.extend(monitor.house.world, silence.id, by=SELMA, length=timedelta(days=3))


# --- what happens in Alertmanager's own page ---------------------------------------------------------------------


async def look(monitor: Monitor) -> None:
    await reconcile.run(monitor.house.world)
    await monitor.house.drain()


async def test_a_silence_made_in_alertmanager_is_seen_shown_and_calls_nobody(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert(instance="a"))
    away.fire("BackendDown-a", alertname="BackendDown", instance="a", service="backend")
    until = monitor.house.clock.now() + HOUR
    away.held["x"] = Held("x", [Matcher("instance", "a|b", regex=True)], until, "layla", "kernel update")
    away.held["y"] = Held("y", [Matcher("instance", "nowhere")], until, "layla", "elsewhere")

    await look(monitor)
    await look(monitor)

    said = bare(await monitor.card(number))
    assert "Silence 1 by layla in Alertmanager" in said
    assert "instance=~a|b" in said
    assert "kernel update" in said
    assert "elsewhere" not in said
    assert "<!subteam" not in str((await monitor.card(number)).blocks)
    assert await monitor.house.happened("silence:1") == ["silence.seen"]


async def test_what_is_ended_or_moved_in_alertmanager_is_seen(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert())
    away.fire("BackendDown-", alertname="BackendDown")
    silence = await silenced(monitor, number)
    held = away.held[silence.held_id]
    away.held[held.id] = replace(held, ends_at=held.ends_at + HOUR)
    await look(monitor)
    assert (await now(monitor, silence.id)).ends_at == silence.ends_at + HOUR

    await away.end(held.id)
    await look(monitor)
    assert (await now(monitor, silence.id)).state is State.REMOVED
    assert len(await monitor.roles(number)) == 2


async def test_an_alertmanager_that_has_lost_its_silences_is_given_ours_again(
    monitor: Monitor, away: FakeAlertmanager
) -> None:
    number = await monitor.told(monitor.alert())
    silence = await silenced(monitor, number)
    away.held.clear()

    away.whole = False
    await look(monitor)
    assert away.held == {}
    away.whole = True
    await look(monitor)

    assert (await now(monitor, silence.id)).state is State.LIVE
    assert len(away.held) == 1


# --- what people type and fill in --------------------------------------------------------------------------------


async def test_the_command_with_everything_said_and_with_less(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert(instance="a"))

    answer = await typed(monitor.house, SELMA, f"/silence {number} 1w instance=a --reason we know")
    assert isinstance(answer, Message)
    await monitor.house.drain()
    (held,) = away.held.values()
    assert held.ends_at == monitor.house.clock.now() + timedelta(weeks=1)

    asked = await typed(monitor.house, SELMA, f"/silence {number}")
    assert isinstance(asked, Open)
    assert check_view(asked.modal) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/silence 1 soon", "“soon” is not how long"),
        ("/silence 1 1h 2h", "One length at a time"),
        ("/silence 1 1m", "from 15 minutes to a month"),
        ("/silence 99 1h", "There is no alert group 99"),
        ("/unsilence 99", "There is no silence 99"),
    ],
)
async def test_what_is_typed_wrongly_is_said(monitor: Monitor, line: str, words: str) -> None:
    await monitor.told(monitor.alert())

    with pytest.raises(Refused, match=words):
        await typed(monitor.house, SELMA, line)


async def test_the_window(monitor: Monitor, away: FakeAlertmanager) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))
    submit = Vocabulary.found().forms["silence"].submit
    ctx = Context(monitor.house.world, SELMA, "C1", "key")
    filled: dict[str, str | tuple[str, ...] | None] = {"what": "labels", "labels": (), "length": "2h", "reason": None}

    async def sent(**more: str | tuple[str, ...]) -> object:
        return await submit(Submission(filled | more, str(number)), ctx)

    assert isinstance(await sent(), Wrong)
    assert isinstance(await sent(labels=("instance=a", "instance=b")), Wrong)
    assert await sent(labels=("instance=a",)) is None
    assert await sent(what="alert:BackendDown-b") is None
    assert await sent(what="group", length="work") is None
    await monitor.house.drain()
    assert len(away.held) == 3


async def test_a_route_whose_alertmanager_is_not_known_offers_no_silence(
    monitor: Monitor, edited: Edited, house: HealthBridge
) -> None:
    house.with_catalog(edited(("channels:", ALERTS)))
    number = await Monitor(house, alertmanager.route(house.world)).told(monitor.alert())

    assert "silence" not in buttons(await monitor.card(number))
    with pytest.raises(Refused, match="does not say where the Alertmanager of platform is reached"):
        await silencing.ask(house.world, Wish(number, HOUR), by=SELMA)


@pytest.mark.parametrize("most", [lambda n: {"instance": str(n)}, lambda n: {f"label{n}": "x" * 400}])
async def test_a_window_of_many_alerts_with_long_labels_can_be_opened(
    monitor: Monitor, most: Callable[[int], dict[str, str]]
) -> None:
    number = await monitor.told(*(monitor.alert(f"A{one}", **most(one)) for one in range(200)))

    asked = await typed(monitor.house, SELMA, f"/silence {number}")

    assert isinstance(asked, Open)
    assert check_view(asked.modal) == []
