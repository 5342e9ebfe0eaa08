"""What programs printed, as Slack shows it: a message, its pages in the thread, and a word to who asked elsewhere."""

from __future__ import annotations

from bot.domain.pages import MOST_PAGES
from bot.domain.target import Target
from bot.ledger import requests
from bot.ledger.requests import Deed
from bot.painter.replies import reply
from tests.fakes.healthbridge import NDAPEWA
from tests.slack.painting.conftest import Gallery

STAGING = Target("backend", "staging")
ARGS = {"environment": "staging", "service": "backend", "since": "10m"}


async def test_the_pages_hang_in_the_thread_in_their_order(gallery: Gallery) -> None:
    lines = "".join(f"{number:05} {'x' * 94}\n" for number in range(1000))
    gallery.house.backend.prints(STAGING, lines, gallery.house.clock.now())
    await gallery.house.ask("logs", NDAPEWA, ARGS)
    for _ in range(MOST_PAGES):
        await gallery.later(5)

    (head,) = await gallery.shown()
    pages = (await gallery.shown(thread_ts=head["ts"]))[1:]
    text = "".join(page["blocks"][0]["elements"][0]["elements"][0]["text"] for page in pages)
    assert head["metadata"]["event_payload"]["subject"] == "excerpt:1"
    assert len(pages) == MOST_PAGES
    assert lines.endswith(text)


async def test_who_asked_elsewhere_is_told_where_it_is(gallery: Gallery) -> None:
    house = gallery.house
    async with house.world.ledger.transaction() as tx:
        number = await requests.take(tx, Deed("elsewhere", NDAPEWA, "C0GENERAL1", "logs", ARGS))
    assert number is not None
    await house.plan_only(number)

    await reply(house.world, gallery.board, number)

    messages = await gallery.slack.driver.person("ndapewa").messages("general")
    assert [one["text"] for one in messages if one["is_ephemeral"]] == ["What it printed is in <#C0DEPLOYM2>."]
