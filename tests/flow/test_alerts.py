"""Alertmanager tells, one card appears, somebody is at it; told twice, late or wrongly, nothing untrue is said."""

import asyncio
import base64
import json

import pytest

from bot.domain.alertgroup import State
from bot.domain.errors import Refused
from bot.ledger import alertgroups
from bot.schedules import leases
from bot.usecases import alerting
from tests.fakes.healthbridge import NDAPEWA, SELMA
from tests.fakes.monitor import MINUTE, TOKEN, Monitor
from tests.fakes.shown import bare, buttons


async def test_one_card_says_what_is_wrong_how_bad_and_that_nobody_is_at_it(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))

    message = await monitor.card(number)
    said = bare(message)
    assert "BackendDown · high" in said
    assert "2 firing" in said
    assert "BackendDown: nobody answers" in said
    assert "Nobody has said that they are at it." in said
    assert buttons(message)["ack"] == "Acknowledge"
    assert await monitor.roles(number) == ["live"]


async def test_when_it_is_over_the_card_says_where_it_was_and_who_was_at_it(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"))
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    await monitor.told(monitor.alert(instance="a", ended=1))

    said = bare(await monitor.card(number))
    assert "service=backend" in said
    assert "Selma Nakale was at it." in said
    assert "Nothing of it fires" not in said  # its head says so


async def test_who_took_it_back_is_not_said_to_have_been_at_it(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"))
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    await alerting.take_back(monitor.house.world, number, by=SELMA)
    await monitor.told(monitor.alert(instance="a", ended=1))

    assert "was at it" not in bare(await monitor.card(number))


async def test_that_one_still_is_at_it_is_the_last_of_the_buttons(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"))
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)

    shown = list(buttons(await monitor.card(number)))
    assert (shown[0], shown[-1]) == ("unack", "ack")


async def test_what_all_of_them_share_is_said_once(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))

    said = bare(await monitor.card(number))
    assert said.count("service=backend") == 1
    assert (said.count("instance=a"), said.count("instance=b")) == (1, 1)
    assert f"group {number}" in said


async def test_what_three_peers_tell_is_told_once(monitor: Monitor) -> None:
    payload = monitor.payload(monitor.alert())

    answers = await asyncio.gather(*(monitor.tell(payload) for _ in range(3)))

    assert {said["group"] for _, said in answers} == {1}
    assert await monitor.roles(1) == ["live"]
    async with monitor.house.world.ledger.transaction() as tx:
        assert len(await alertgroups.alerts_of(tx, 1)) == 1
        assert len(await alertgroups.open_ones(tx)) == 1


async def test_it_is_resolved_when_the_last_alert_is_and_not_when_it_is_left_out(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a"), monitor.alert(instance="b"))

    await monitor.told(monitor.alert(instance="a", ended=2), missing=1)
    assert (await monitor.group(number)).state is State.FIRING
    assert "1 more that the monitor did not name" in bare(await monitor.card(number))

    await monitor.told(monitor.alert(instance="a", ended=2), monitor.alert(instance="b", ended=3))
    assert (await monitor.group(number)).state is State.RESOLVED
    assert "BackendDown is resolved" in bare(await monitor.card(number))
    assert "ack" not in buttons(await monitor.card(number))


async def test_what_ended_before_anybody_was_told_makes_no_card(monitor: Monitor) -> None:
    status, said = await monitor.tell(monitor.payload(monitor.alert(ended=1)))

    assert (status, said) == (200, {"ok": True, "group": None})


async def test_something_worse_that_joins_calls_once_more_and_something_as_bad_does_not(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(instance="a", severity="warning"))
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)

    await monitor.told(monitor.alert(instance="b", severity="warning"))
    assert (await monitor.group(number)).state is State.ACKNOWLEDGED
    assert await monitor.roles(number) == ["live"]

    await monitor.told(monitor.alert(instance="c", severity="critical"))
    assert (await monitor.group(number)).state is State.FIRING
    (role,) = [one for one in await monitor.roles(number) if one != "live"]
    assert "critical" in bare(await monitor.card(number, role))


async def test_what_fires_again_soon_is_the_same_card_and_later_it_is_another(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await monitor.told(monitor.alert(ended=1))

    monitor.house.clock.move(5 * MINUTE)
    assert await monitor.told(monitor.alert()) == number
    assert len(await monitor.roles(number)) == 2
    await monitor.told(monitor.alert(began=-1, ended=0))

    monitor.house.clock.move(30 * MINUTE)
    assert await monitor.told(monitor.alert()) != number


async def test_who_is_at_it_is_on_the_card_and_says_so_once(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())

    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    assert "Selma" in bare(await monitor.card(number))
    assert {"unack", "ack"} <= set(buttons(await monitor.card(number)))
    with pytest.raises(Refused, match="You are at it already"):
        await alerting.acknowledge(monitor.house.world, number, by=SELMA)

    await alerting.take_back(monitor.house.world, number, by=SELMA)
    assert (await monitor.group(number)).acked_by is None
    with pytest.raises(Refused, match="Nobody is at it"):
        await alerting.take_back(monitor.house.world, number, by=SELMA)


async def test_who_is_at_it_is_asked_once_and_without_an_answer_it_is_open_again(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    await leases.run(monitor.house.world)
    assert await monitor.roles(number) == ["live"]

    monitor.house.clock.move(61 * MINUTE)
    await leases.run(monitor.house.world)
    await leases.run(monitor.house.world)
    question = (await monitor.roles(number))[-1]
    assert await monitor.roles(number) == ["live", question]
    message = await monitor.card(number, question)
    assert f"<@{SELMA}>, are you still at it?" in json.dumps(list(message.blocks))
    assert set(buttons(message)) == {"unack", "ack"}

    monitor.house.clock.move(11 * MINUTE)
    await leases.run(monitor.house.world)
    assert (await monitor.group(number)).state is State.FIRING
    assert len(await monitor.roles(number)) == 3
    assert buttons(await monitor.card(number, question)) == {}


async def test_who_says_that_they_still_are_has_the_time_again(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    monitor.house.clock.move(61 * MINUTE)
    await leases.run(monitor.house.world)

    await alerting.acknowledge(monitor.house.world, number, by=SELMA)
    monitor.house.clock.move(50 * MINUTE)
    await leases.run(monitor.house.world)

    assert (await monitor.group(number)).acked_by == SELMA


async def test_who_may_not_acknowledge_is_told_who_may(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())

    with pytest.raises(Refused, match="Only production-team may acknowledge alerts"):
        await alerting.acknowledge(monitor.house.world, number, by=NDAPEWA)


async def test_what_is_resolved_cannot_be_acknowledged(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert())
    await monitor.told(monitor.alert(ended=1))

    with pytest.raises(Refused, match="Nothing of it fires any more"):
        await alerting.acknowledge(monitor.house.world, number, by=SELMA)


@pytest.mark.parametrize(
    ("route", "auth"),
    [
        ("platform", b""),
        ("platform", b"Bearer wrong"),
        ("platform", f"Digest {TOKEN}".encode()),
        ("platform", b"Basic !!!"),
        ("platform", b"Bearer \xe4"),
        ("elsewhere", b"Bearer wrong"),
    ],
)
async def test_who_shows_no_secret_is_told_nothing_but_that(monitor: Monitor, route: str, auth: bytes) -> None:
    status, said = await monitor.tell(monitor.payload(monitor.alert()), route=route, auth=auth)

    assert status == 401
    assert said["error"] == "Show the secret of the route as a bearer token, or as user and password."


async def test_user_and_password_do_as_well(monitor: Monitor) -> None:
    monitor.house.secrets["ALERTS_TOKEN"] = "alertmanager:hush"

    shown = base64.b64encode(b"alertmanager:hush")

    assert (await monitor.tell(monitor.payload(monitor.alert()), auth=b"Basic " + shown))[0] == 200


async def test_a_way_whose_secret_is_not_set_lets_the_monitor_tell_again_later(monitor: Monitor) -> None:
    assert (await monitor.tell(monitor.payload(monitor.alert()), route="quiet"))[0] == 503


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"", "the body"),
        (b"[]", "the body"),
        ({"alerts": []}, "groupKey"),
        (
            {"groupKey": "k", "alerts": [{"status": "on", "labels": {}, "startsAt": "2026-01-01T00:00:00Z"}]},
            "alerts.0.status",
        ),
        (
            {"groupKey": "k", "alerts": [{"status": "firing", "labels": {"a": 1}, "startsAt": "2026-01-01T00:00:00Z"}]},
            "labels.a",
        ),
        ({"groupKey": "k", "alerts": [{"status": "firing", "labels": {}, "startsAt": "never"}]}, "alerts.0.startsAt"),
        ({"groupKey": "k", "alerts": [], "truncatedAlerts": -1}, "truncatedAlerts"),
    ],
)
async def test_what_is_wrong_is_named_by_its_field(monitor: Monitor, wrong: object, named: str) -> None:
    status, said = await monitor.tell(wrong)

    assert status == 400
    assert named in str(said["error"])


async def test_ten_thousand_alerts_are_one_card(monitor: Monitor) -> None:
    number = await monitor.told(*(monitor.alert(instance=str(one)) for one in range(10_000)))

    said = bare(await monitor.card(number))
    assert "10000 firing" in said
    assert "… and 9992 more that fire" in said


async def test_odd_words_are_shown_as_words(monitor: Monitor) -> None:
    odd = "<!channel> <@U1> `x` *y* مرحبا " + "ب" * 10_000
    number = await monitor.told(monitor.alert("Ünïcode <!here>", note=odd, instance="\u202eevil"))

    message = await monitor.card(number)
    assert "<!channel>" not in json.dumps(list(message.blocks))
    assert "<!here>" not in json.dumps(list(message.blocks))


async def test_a_secret_in_a_label_is_covered(monitor: Monitor) -> None:
    number = await monitor.told(monitor.alert(note=f"token={TOKEN}"))

    (alert,) = await alertgroups.alerts_of(monitor.house.world.ledger.reading, number)
    assert TOKEN not in str(alert)
    assert TOKEN not in bare(await monitor.card(number))
