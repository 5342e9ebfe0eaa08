"""The card of an alert group hangs where people see it, and what changes hangs in its thread."""

from bot.usecases import alerting
from bot.web import alertmanager
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.healthbridge import SELMA
from tests.fakes.monitor import ALERTS, TOKEN, Monitor
from tests.slack.painting.conftest import Gallery


def monitor_of(gallery: Gallery) -> Monitor:
    gallery.house.with_catalog(
        read(EXAMPLE.replace("channels:", ALERTS).replace("approvals: app", "alerts: alerts, approvals: app"))
    )
    gallery.house.secrets["ALERTS_TOKEN"] = TOKEN
    return Monitor(gallery.house, alertmanager.route(gallery.house.world))


async def test_what_joins_within_a_minute_is_one_message_in_the_thread(gallery: Gallery) -> None:
    monitor = monitor_of(gallery)
    await monitor.told(monitor.alert(instance="a"))
    await gallery.later()
    (card,) = await gallery.shown("alerts")

    for name in "bcd":
        await monitor.told(monitor.alert(instance=name))
        await gallery.after(5)
    await gallery.later()
    (line,) = (await gallery.shown("alerts", card["ts"]))[1:]
    assert "3 more fire: BackendDown (b), BackendDown (c), BackendDown (d)" in line["text"]
    assert [one["ts"] for one in await gallery.shown("alerts")] == [card["ts"]]


async def test_a_deleted_card_comes_back_and_its_thread_is_heard_again(gallery: Gallery) -> None:
    monitor = monitor_of(gallery)
    number = await monitor.told(monitor.alert(instance="a"))
    await gallery.later()
    (card,) = await gallery.shown("alerts")
    await gallery.slack.driver.person("selma").do("delete", channel="alerts", ts=card["ts"])
    await alerting.acknowledge(gallery.house.world, number, by=SELMA)
    await gallery.later()

    (again,) = await gallery.shown("alerts")
    assert again["ts"] != card["ts"]
    assert "Selma Nakale" in str(again["blocks"])
    await monitor.told(monitor.alert(instance="b"))
    await gallery.later()
    assert "1 more fires: BackendDown (b)" in (await gallery.shown("alerts", again["ts"]))[1]["text"]
