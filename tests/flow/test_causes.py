"""An alert says which change came shortly before it, the change says which alert came after; once seen, it stands."""

from datetime import timedelta

import pytest

from bot.catalog import target_of
from bot.domain.change import Change
from bot.domain.errors import Refused
from bot.domain.target import Target
from bot.ledger import cards, causes
from bot.schedules import audit
from bot.usecases import causing, serving
from bot.web import alertmanager
from tests.fakes.backend import Behaviour
from tests.fakes.healthbridge import HealthBridge
from tests.fakes.monitor import ALERTS, Json, Monitor
from tests.fakes.runner import Ending
from tests.fakes.shown import bare, buttons, card
from tests.flow.conftest import Edited

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
STAGING = {"environment": "staging"}


@pytest.fixture
async def deployed(monitor: Monitor) -> Change:
    """1.0.0, and then 1.4.2, went live in staging, the second six minutes ago."""
    house = monitor.house
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.clock.move(120 * MINUTE)
    house.source.commit("backend", "1.4.2")
    change = await house.deployed("staging", "backend")
    assert change.state == "succeeded"
    house.clock.move(6 * MINUTE)
    return change


async def fires(monitor: Monitor, *, began: int = 0, **labels: str) -> int:
    number = await monitor.told(monitor.alert(began=began, **(STAGING | labels)))
    await monitor.house.drain()
    return number


async def test_the_alert_names_the_deploy_before_it_and_leads_back(monitor: Monitor, deployed: Change) -> None:
    number = await fires(monitor)

    message = await monitor.card(number)
    assert "backend 1.4.2 went live in staging 6 min before, by Ndapewa" in bare(message)
    assert f"change {deployed.id}" in bare(message)
    assert buttons(message)["rollback"] == "Roll back…"
    assert "BackendDown fires since" in bare(await card(monitor.house, deployed))
    assert "6 min after" in bare(await card(monitor.house, deployed))


async def test_the_old_card_of_the_change_is_painted_when_the_alert_comes(monitor: Monitor, deployed: Change) -> None:
    monitor.house.painted.clear()

    await fires(monitor)
    assert len(set(monitor.house.painted)) == 2

    monitor.house.clock.move(MINUTE)
    monitor.house.painted.clear()
    await monitor.told(monitor.alert(ended=0, began=-1, **STAGING))
    await monitor.house.drain()
    assert len(set(monitor.house.painted)) == 3  # and the line in the alerts' thread
    said = bare(await card(monitor.house, deployed))
    assert "BackendDown fired" in said
    assert "fires since" not in said


@pytest.mark.parametrize("labels", [{"namespace": "staging"}, {"env": "staging", "service": "backend"}])
async def test_the_usual_labels_are_understood(monitor: Monitor, deployed: Change, labels: dict[str, str]) -> None:
    number = await monitor.told(monitor.alert(**labels))
    await monitor.house.drain()

    assert f"change {deployed.id}" in bare(await monitor.card(number))


@pytest.mark.parametrize(
    "labels", [{"environment": "production"}, {"environment": "nowhere"}, {"environment": "staging", "service": "cat"}]
)
@pytest.mark.usefixtures("deployed")
async def test_what_is_about_something_else_names_nothing(monitor: Monitor, labels: dict[str, str]) -> None:
    number = await monitor.told(monitor.alert(**labels))
    await monitor.house.drain()

    message = await monitor.card(number)
    assert "went live" not in bare(message)
    assert "rollback" not in buttons(message)


@pytest.mark.parametrize(("began", "counts"), [(-8, False), (-7, True), (0, True), (23, True), (25, False)])
async def test_only_what_began_after_and_not_long_after_counts(
    monitor: Monitor, deployed: Change, began: int, *, counts: bool
) -> None:
    number = await fires(monitor, began=began)

    assert (f"change {deployed.id}" in bare(await monitor.card(number))) is counts


async def test_what_we_had_heard_of_before_is_not_caused_by_what_came_after(
    monitor: Monitor, house: HealthBridge
) -> None:
    house.source.commit("backend", "1.0.0")
    number = await monitor.told(monitor.alert(**STAGING))
    house.clock.move(20 * SECOND)
    change = await house.deployed("staging", "backend")

    assert f"change {change.id}" not in bare(await monitor.card(number))


async def test_a_later_deploy_does_not_change_the_story(monitor: Monitor, deployed: Change) -> None:
    number = await fires(monitor)
    monitor.house.clock.move(MINUTE)
    monitor.house.source.commit("backend", "1.5.0")
    later = await monitor.house.deployed("staging", "backend")
    monitor.house.clock.move(MINUTE)
    await fires(monitor, instance="another")

    message = await monitor.card(number)
    assert "1.4.2 went live in staging 6 min before" in bare(message)
    assert f"change {later.id}" not in bare(message)
    assert "rollback" not in buttons(message)
    with pytest.raises(Refused, match="is live any more"):
        await serving.of(monitor.house.world, deployed)


async def test_of_several_the_newest_is_named_and_how_many_more(monitor: Monitor, deployed: Change) -> None:
    monitor.house.source.commit("backend", "1.5.0")
    newest = await monitor.house.deployed("staging", "backend")
    monitor.house.clock.move(2 * MINUTE)

    said = bare(await monitor.card(await fires(monitor)))

    assert f"1.5.0 went live in staging 2 min before, by Ndapewa Shilongo · change {newest.id}" in said
    assert "and 1 other change before that" in said
    assert f"change {deployed.id}" not in said


@pytest.mark.usefixtures("deployed")
async def test_a_rollback_and_a_restart_are_told_as_such(monitor: Monitor) -> None:
    await monitor.house.rolled_back("staging")
    monitor.house.clock.move(2 * MINUTE)
    assert "backend 1.0.0 was rolled back to in staging 2 min before, by Tomas" in bare(
        await monitor.card(await fires(monitor))
    )
    await monitor.told(monitor.alert(ended=0, began=-1, **STAGING))

    monitor.house.clock.move(60 * MINUTE)
    await monitor.house.restarted("staging")
    monitor.house.clock.move(2 * MINUTE)
    message = await monitor.card(await fires(monitor))
    assert "backend 1.0.0 was restarted in staging 2 min before" in bare(message)
    assert "rollback" not in buttons(message)


async def test_when_it_goes_back_the_button_goes_and_when_the_next_is_live_the_story_stays(
    monitor: Monitor, deployed: Change
) -> None:
    number = await fires(monitor)
    await monitor.house.rolled_back("staging")
    monitor.house.painted.clear()
    monitor.house.clock.move(SECOND)
    await audit.run(monitor.house.world)
    await monitor.house.drain()

    async with monitor.house.world.ledger.transaction() as tx:
        found = await cards.of(tx, f"alertgroup:{number}", "live")
    assert found is not None
    assert found.shown_revision == found.revision
    message = await monitor.card(number)
    assert f"change {deployed.id}" in bare(message)
    assert "rollback" not in buttons(message)


async def test_what_is_under_way_is_told_as_under_way(monitor: Monitor, house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.clock.move(120 * MINUTE)
    house.source.commit("backend", "1.4.2")
    house.backend.then(Behaviour.HANG)
    said: list[str] = []

    async def alarm() -> None:
        number = await monitor.told(monitor.alert(**STAGING))
        await causing.find(house.world, number)
        message = await monitor.card(number)
        assert "rollback" not in buttons(message)
        said.append(bare(message))

    house.clock.at(4 * SECOND, alarm)
    house.clock.at(5 * SECOND, lambda: settled(house))
    await house.deployed("staging", "backend")

    assert "backend 1.4.2 was being deployed in staging at about the same time" in said[0]


async def settled(house: HealthBridge) -> None:
    house.backend.settle(house.backend.asks[-1][1])


async def test_what_failed_before_it_touched_anything_is_no_cause(monitor: Monitor, house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    house.runner.then(Ending(exit_code=2))
    change = await house.deployed("staging", "backend")
    assert change.state == "failed"

    assert f"change {change.id}" not in bare(await monitor.card(await fires(monitor)))


# --- the bake ---------------------------------------------------------------------------------------------------------


async def baked(house: HealthBridge, monitor: Monitor, alert: Json, *, after: timedelta = 3 * SECOND) -> Change:
    """Deploy 1.4.2 over 1.0.0, and be told of an alert while it is watched."""
    house.source.commit("backend", "1.0.0")
    await house.deployed("staging", "backend")
    house.clock.move(10 * MINUTE)
    house.source.commit("backend", "1.4.2")

    async def tell() -> None:
        at = (house.clock.now() - SECOND).isoformat()
        await monitor.told(alert | ({"startsAt": at} if not alert.get("early") else {}))

    house.clock.at(after, tell)
    return await house.deployed("staging", "backend")


async def test_a_new_critical_alert_ends_the_bake(monitor: Monitor, house: HealthBridge) -> None:
    alert = monitor.alert(severity="critical", **STAGING)

    change = await baked(house, monitor, alert)

    assert change.state == "failed"
    op = await house.op(change)
    assert "bake: the critical alert BackendDown fires since" in op.reason
    assert "(alert group 1)" in op.reason


@pytest.mark.parametrize(
    "labels",
    [
        {"severity": "high", **STAGING},
        {"severity": "critical", "environment": "production"},
        {"severity": "critical", "service": "frontend", **STAGING},
    ],
)
async def test_what_is_not_critical_or_about_something_else_does_not(
    monitor: Monitor, house: HealthBridge, labels: dict[str, str]
) -> None:
    assert (await baked(house, monitor, monitor.alert(**labels))).state == "succeeded"


async def test_what_fired_before_the_operation_began_does_not(monitor: Monitor, house: HealthBridge) -> None:
    alert = monitor.alert(severity="critical", began=-1, **STAGING) | {"early": True}

    assert (await baked(house, monitor, alert)).state == "succeeded"


async def test_where_the_policy_goes_back_an_alert_takes_it_back(
    monitor: Monitor, house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(("channels:", ALERTS), ("on_failure: ask", "on_failure: roll_back")))
    monitor.way = alertmanager.route(house.world)

    await baked(house, monitor, monitor.alert(severity="critical", **STAGING))

    assert await house.live("backend", "staging") == "1.0.0"


# --- the catalog ------------------------------------------------------------------------------------------------------

MAPPED = """alerts:
  causes:
    service: [component]
    targets:
      - { labels: { cluster: blue }, environment: staging }
      - { labels: { job: api_100%, cluster: green }, service: backend, environment: staging }
    within: 5m
"""


@pytest.mark.parametrize(
    ("labels", "meant"),
    [
        ({"component": "backend", "cluster": "blue"}, Target("backend", "staging")),
        ({"component": "backend", "cluster": "blue", "env": "production"}, Target("backend", "staging")),
        ({"job": "api_100%", "cluster": "green"}, Target("backend", "staging")),
        ({"service": "backend", "env": "staging"}, None),
        ({"component": "backend"}, None),
        ({"component": "frontend", "env": "development"}, None),
        ({}, None),
    ],
)
def test_what_the_catalog_says_of_labels(edited: Edited, labels: dict[str, str], meant: Target | None) -> None:
    catalog = edited(("channels:", ALERTS), ("alerts:\n", MAPPED))

    assert target_of(catalog, labels) == meant


async def test_labels_that_only_the_catalog_understands_end_a_bake(
    monitor: Monitor, house: HealthBridge, edited: Edited
) -> None:
    house.with_catalog(edited(("channels:", ALERTS), ("alerts:\n", MAPPED)))
    monitor.way = alertmanager.route(house.world)

    change = await baked(house, monitor, monitor.alert(severity="critical", job="api_100%", cluster="green"))

    assert change.state == "failed"


async def test_the_time_before_is_the_catalogs(monitor: Monitor, deployed: Change, edited: Edited) -> None:
    monitor.house.with_catalog(edited(("channels:", ALERTS), ("alerts:\n", MAPPED)))
    monitor.way = alertmanager.route(monitor.house.world)

    number = await monitor.told(monitor.alert(component="backend", cluster="blue"))
    await monitor.house.drain()

    assert f"change {deployed.id}" not in bare(await monitor.card(number))


async def test_what_was_seen_is_written_once(monitor: Monitor, deployed: Change) -> None:
    number = await fires(monitor)
    await causing.find(monitor.house.world, number)
    await causing.find(monitor.house.world, number)

    (row,) = await causes.of_group(monitor.house.world.ledger.reading, number)
    assert row.operation == (await monitor.house.op(deployed)).id
    assert (await monitor.house.happened(f"alertgroup:{number}")).count("alertgroup.suspected") == 1


async def test_into_a_fire_that_flares_up_again_nothing_was_deployed(monitor: Monitor, house: HealthBridge) -> None:
    house.source.commit("backend", "1.0.0")
    number = await fires(monitor)
    house.clock.move(5 * MINUTE)
    change = await house.deployed("staging", "backend")
    house.clock.move(MINUTE)
    await monitor.told(monitor.alert(began=-6, ended=0, **STAGING))
    house.clock.move(2 * MINUTE)

    assert await fires(monitor) == number
    assert f"change {change.id}" not in bare(await monitor.card(number))
