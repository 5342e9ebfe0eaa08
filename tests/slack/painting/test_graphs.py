"""Graphs as Slack shows them: the card first, the picture after it, once, whatever answers are lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.painter.painter import Painter
from bot.slack.client import SlackClient
from bot.slack.pictures import SlackPictures
from bot.usecases import graphing
from bot.web import alertmanager
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.monitor import TOKEN, Monitor
from tests.fakes.stage import Json
from tests.flow.test_graphs import DRAWN, PROMETHEUS, SOURCE
from tests.slack.painting.conftest import Gallery


@pytest.fixture
async def wall(gallery: Gallery) -> AsyncIterator[Gallery]:
    """A gallery with alerts, and with pictures that Slack itself keeps."""
    house = gallery.house
    house.with_catalog(read(EXAMPLE.replace("channels:", PROMETHEUS, 1)))
    house.secrets["ALERTS_TOKEN"] = TOKEN
    house.metrics.answer(DRAWN, 0.034)
    token, address = str(gallery.slack.info["bot_token"]), str(gallery.slack.info["web_api_url"])
    async with SlackClient(
        token, address, told=lambda method, how: gallery.calls.update([f"{method} {how}"])
    ) as client:
        house.world = replace(house.world, pictures=SlackPictures(client))
        gallery.painter = Painter(house.world, gallery.board)
        yield gallery


async def paint(wall: Gallery) -> None:
    """Do the jobs that paint what is not shown yet, as the queue would at once."""
    rows = await wall.house.world.ledger.single.say("SELECT id FROM cards WHERE shown_revision < revision", {})
    for row in rows:
        await wall.painter.paint(int(str(row["id"])))


async def fires(wall: Gallery) -> None:
    monitor = Monitor(wall.house, alertmanager.route(wall.house.world))
    await monitor.told(monitor.alert("HighErrorRate", began=-3) | {"generatorURL": SOURCE})


async def thread(wall: Gallery) -> list[Json]:
    """The card, and what is in its thread."""
    channel = wall.house.world.catalog.alert_channel("platform")
    (head,) = await wall.shown(channel)
    return await wall.shown(channel, thread_ts=head["ts"])


def pictures(messages: list[Json]) -> list[str]:
    """The files that messages show."""
    return [block["slack_file"]["id"] for one in messages for block in one["blocks"] if block["type"] == "image"]


async def test_the_card_comes_first_and_the_picture_once_slack_has_looked_at_it(wall: Gallery) -> None:
    await fires(wall)
    await paint(wall)
    before = await thread(wall)
    await graphing.draw(wall.house.world, 1)
    await paint(wall)  # Slack has not looked at the file yet, and refuses
    refused = await thread(wall)
    await wall.after(3)

    assert pictures(before) == pictures(refused) == []
    assert len(before) == 1
    assert wall.calls["files.completeUploadExternal ok"] == 1
    shown = await thread(wall)
    assert len(pictures(shown)) == 1
    assert "HighErrorRate" in shown[-1]["text"]
    assert wall.house.world.catalog.graphs.zone in shown[-1]["text"]


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal", "chat.postMessage"])
async def test_a_lost_answer_leaves_one_picture(wall: Gallery, method: str) -> None:
    await fires(wall)
    await paint(wall)
    await wall.slack.driver.faults(lose_answer={"methods": [method], "count": 1})
    done = False
    while not done:
        done = await drawn(wall)
    for _ in range(4):
        await paint(wall)
        await wall.after(5)

    assert len(pictures(await thread(wall))) == 1


async def drawn(wall: Gallery) -> bool:
    """Do the job; whether it needs no other try."""
    outcome = Counter[str]()
    try:
        await graphing.draw(wall.house.world, 1)
    except graphing.Retry as later:
        outcome.update([later.reason])
    return not outcome


async def test_a_file_that_somebody_removed_is_tried_ever_less_often(wall: Gallery) -> None:
    await fires(wall)
    await paint(wall)
    await graphing.draw(wall.house.world, 1)
    wall.slack.slack.files._known.clear()
    for _ in range(40):
        await wall.after(30)

    assert wall.calls["chat.postMessage"] < 20
    assert pictures(await thread(wall)) == []
