"""A report, as Slack shows it: in its channel, edited there; and nowhere else when it is not for all."""

from __future__ import annotations

from bot.ledger import cards
from bot.usecases import reporting
from tests.fakes.catalog import EXAMPLE, read
from tests.fakes.healthbridge import SELMA
from tests.slack.painting.conftest import Gallery

PRIVATE = "incidents: { elsewhere: [{ trigger: bug, channel: incidents }] }\nchannels: { deployments: deployments,"
PUBLIC = "channels: { incidents: incidents, deployments: deployments,"


async def rolled_back(gallery: Gallery, channels: str) -> None:
    """Roll 1.4.2 back in staging; a report is written by itself, and shown."""
    gallery.house.with_catalog(read(EXAMPLE.replace("channels: { deployments: deployments,", channels)))
    for version in ("1.0.0", "1.4.2"):
        gallery.house.source.commit("backend", version)
        await gallery.house.deployed("staging", "backend")
    await gallery.house.rolled_back("staging")


async def test_it_hangs_in_the_incidents_channel_and_is_edited_there(gallery: Gallery) -> None:
    gallery.house.shows = False
    await rolled_back(gallery, PUBLIC)
    await gallery.later()
    (head,) = await gallery.shown("incidents")
    assert head["text"].startswith("Incident report 1: Rollback in staging")

    for question in ("impact", "response", "next"):
        await reporting.answer(gallery.house.world, 1, {question: "<!channel> wort " * 180}, frozenset(), by=SELMA)
    await gallery.house.drain()
    await gallery.later()

    (edited,) = await gallery.shown("incidents")
    assert edited["ts"] == head["ts"]
    assert "<!channel> wort" in str(edited["blocks"])
    assert {block["type"] for block in edited["blocks"]} == {"rich_text", "context", "actions"}


async def test_what_is_not_for_everybody_waits_for_its_channel(gallery: Gallery) -> None:
    await rolled_back(gallery, PRIVATE)
    await gallery.slack.driver.post("archive", channel="incidents")
    await gallery.later()
    await gallery.later(600)

    subjects = [one["metadata"]["event_payload"]["subject"] for one in await gallery.shown()]
    assert "report:1" not in subjects
    async with gallery.house.world.ledger.transaction() as tx:
        card = await cards.of(tx, "report:1", "live")
    assert card is not None
    assert card.fault

    await gallery.slack.driver.post("unarchive", channel="incidents")
    await gallery.later(3600)
    (head,) = await gallery.shown("incidents")
    assert head["text"].startswith("Incident report 1")
