"""Whatever comes in at the doors for monitors: never 5xx but where it is our trouble, and what is good is not lost."""

import json
import random
from datetime import timedelta

import pytest

from bot.domain.alertgroup import State
from bot.ledger import alertgroups
from bot.schedules import deliveries
from bot.web import alertmanager, jsons
from bot.web.intake import LARGEST
from tests.fakes.healthbridge import HealthBridge
from tests.fakes.monitor import TOKEN, Json, Monitor
from tests.fakes.shown import bare
from tests.flow.conftest import Edited
from tests.flow.test_json_intake import ALERTS, grafana

ODD: tuple[object, ...] = (
    *(None, True, 0, -1, 10**30, 1e308, "", " ", "\0", "a\0b", "\u202e", "\U0001f4a3", "x" * 10_000, "ب" * 10_000),
    *([], {}, [[]], {"": ""}, {"a": None}, {"\0": "\0"}, [None], "0000-00-00", "9999-12-31T23:59:59-14:00"),
    *("0001-01-01T00:00:00+14:00", "2026-03-02T09:00:00", -62135596800, "1e400"),
)
TAKEN = 200


@pytest.fixture
def doors(house: HealthBridge, edited: Edited) -> dict[str, Monitor]:
    house.with_catalog(edited(("channels:", ALERTS)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    ways = {"platform": alertmanager.route(house.world), "grafana": jsons.route(house.world)}
    return {name: Monitor(house, way) for name, way in ways.items()}


def places(thing: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a payload."""
    inner: list[tuple[str | int, object]] = []
    match thing:
        case dict():
            inner = list(thing.items())
        case list():
            inner = list(enumerate(thing))
    return [at, *(place for key, value in inner for place in places(value, (*at, key)))]


def with_odd(payload: Json, at: tuple[str | int, ...], odd: object) -> object:
    """A payload with something else at a place."""
    made = json.loads(json.dumps(payload))
    if not at:
        return odd
    inner = made
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = odd
    return made


@pytest.mark.parametrize("door", ["platform", "grafana"])
async def test_something_odd_at_every_place_is_taken_or_refused_in_words(doors: dict[str, Monitor], door: str) -> None:
    monitor = doors[door]
    good = monitor.payload(monitor.alert()) if door == "platform" else grafana()

    for at in places(good):
        for odd in ODD:
            body = with_odd(good, at, odd)
            status, said = await monitor.tell(body, route=door)
            assert status in {TAKEN, 400}, (at, odd, status)
            assert status == TAKEN or str(said["error"]).strip(), (at, odd)
            if status == TAKEN and isinstance(said["group"], int):
                await monitor.card(said["group"])


@pytest.mark.parametrize("door", ["platform", "grafana"])
async def test_bytes_that_are_no_json(doors: dict[str, Monitor], door: str) -> None:
    monitor, chance = doors[door], random.Random(7)  # noqa: S311 - it is a fixed one
    good = json.dumps(grafana()).encode()
    bodies = [b"", b"\0", b"null", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b'{"alerts": "\xed\xa0\x80"}']
    bodies += [good[: chance.randrange(len(good))] for _ in range(50)]
    bodies += [bytes(chance.randrange(256) for _ in range(100)) for _ in range(50)]

    for body in bodies:
        status, said = await monitor.tell(body, route=door)
        assert status == 400, body[:50]
        assert said["error"]


@pytest.mark.parametrize("field", ["groupKey", "fingerprint"])
async def test_names_that_are_too_long_to_be_found_by_are_found(doors: dict[str, Monitor], field: str) -> None:
    monitor, chance = doors["platform"], random.Random(7)  # noqa: S311 - it is a fixed one
    long = "".join(chr(chance.randrange(33, 0x2000)) for _ in range(10_000))
    alert = monitor.alert()
    payload = monitor.payload(alert)

    def named(alert: Json) -> Json:
        return (
            payload
            | {"alerts": [alert | ({"fingerprint": long} if field == "fingerprint" else {})]}
            | ({"groupKey": long} if field == "groupKey" else {})
        )

    _, said = await monitor.tell(named(alert))
    _, again = await monitor.tell(named(alert))
    assert said["group"] == again["group"] == 1

    await monitor.tell(named(monitor.alert(ended=1)))
    assert (await monitor.group(1)).state is State.RESOLVED


async def test_halves_of_characters_and_nul_are_shown_as_what_cannot_be_shown(doors: dict[str, Monitor]) -> None:
    body = grafana(groupKey="a\0b\ud800")
    alerts = body["alerts"]
    assert isinstance(alerts, list)
    alerts[0]["labels"] |= {"odd": "\ud800", "\ud800": "x", "n\0l": "v\0w"}

    status, said = await doors["grafana"].tell(body, route="grafana")

    assert status == TAKEN
    assert isinstance(said["group"], int)
    (alert,) = await alertgroups.alerts_of(doors["grafana"].house.world.ledger.reading, said["group"])
    assert alert.labels["odd"] == "�"
    assert alert.labels["n�l"] == "v�w"


async def test_far_dates_are_taken_and_shown(doors: dict[str, Monitor]) -> None:
    monitor = doors["platform"]
    for number, at in enumerate(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T00:00:00Z"]):
        alert = monitor.alert(instance=str(number)) | {"startsAt": at}
        status, said = await monitor.tell(monitor.payload(alert) | {"groupKey": f"far {number}"})
        assert status == TAKEN
        assert isinstance(said["group"], int)
        assert "BackendDown" in bare(await monitor.card(said["group"]))


async def test_what_is_too_long_is_refused_before_it_is_read(doors: dict[str, Monitor]) -> None:
    monitor = doors["platform"]

    status, said = await monitor.tell(b"x" * (LARGEST + 1))

    assert status == 413
    assert "have fewer alerts sent" in str(said["error"])


async def test_a_wrong_version_is_named(doors: dict[str, Monitor]) -> None:
    monitor = doors["platform"]

    status, said = await monitor.tell(monitor.payload(monitor.alert()) | {"version": "3"})

    assert status == 400
    assert "version" in str(said["error"])


async def test_a_route_that_is_not_there_takes_what_a_monitor_of_ours_tells(doors: dict[str, Monitor]) -> None:
    monitor = doors["platform"]

    for route in ("Typo", "x" * 500, "a\0b"):
        payload = monitor.payload(monitor.alert()) | {"groupKey": route}
        status, said = await monitor.tell(payload, route=route)
        assert status == TAKEN
        assert isinstance(said["group"], int)
        card = bare(await monitor.card(said["group"]))
        assert "is not in the catalog: nobody owns it, so its alerts come here" in card
    assert (await monitor.tell(monitor.payload(monitor.alert()), route="Typo", auth=b"Bearer no"))[0] == 401


async def test_deliveries_are_forgotten_after_a_week(doors: dict[str, Monitor]) -> None:
    monitor = doors["platform"]
    await monitor.told(monitor.alert())
    monitor.house.clock.move(timedelta(days=6))
    await monitor.told(monitor.alert(instance="b"))

    async def known() -> int:
        rows = await monitor.house.world.ledger.single.say("SELECT count(*) AS many FROM deliveries", {})
        return int(str(rows[0]["many"]))

    await deliveries.run(monitor.house.world)
    assert await known() == 2
    monitor.house.clock.move(timedelta(days=2))
    await deliveries.run(monitor.house.world)

    assert await known() == 1
