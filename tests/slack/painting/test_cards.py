"""A card shows what the ledger holds: posted once, edited after, found again, and moved when its place is gone."""

import asyncio
from datetime import timedelta

from bot.domain.change import Change
from bot.ledger import cards
from bot.painter.painter import LONGEST
from bot.views.changes import SIGNS
from tests.fakes.backend import Ending
from tests.fakes.healthbridge import LAYLA, SELMA
from tests.slack.painting.conftest import Gallery


async def test_a_change_has_one_live_card_that_says_how_it_ended(gallery: Gallery) -> None:
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    await gallery.later()

    (message,) = await gallery.shown()
    assert message["metadata"]["event_type"] == "slipway_card"
    assert message["metadata"]["event_payload"]["subject"] == f"change:{change.id}"
    assert "succeeded" in message["text"]
    assert "1.4.0" in message["text"]


async def test_many_changes_of_a_row_are_one_edit(gallery: Gallery) -> None:
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    await gallery.later()
    card = await gallery.card(change.id)

    assert card.revision > 5
    assert card.shown_revision == card.revision
    assert card.fault == ""


async def test_the_revision_in_the_message_is_the_revision_of_the_row(gallery: Gallery) -> None:
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    await gallery.later()

    (message,) = await gallery.shown()
    assert message["metadata"]["event_payload"]["revision"] == (await gallery.card(change.id)).revision


async def test_the_question_hangs_in_approvals_and_calls_the_group_once(gallery: Gallery) -> None:
    change = await _waiting(gallery)

    (asked,) = await gallery.shown("approvals")
    buttons = [one["action_id"] for block in asked["blocks"] if block["type"] == "actions" for one in block["elements"]]
    assert buttons == ["approve", "reject"]
    assert {one["value"] for block in asked["blocks"] if block["type"] == "actions" for one in block["elements"]} == {
        str(change.id)
    }
    assert "<!subteam^" in str(asked["blocks"])


async def test_what_was_decided_takes_the_buttons_away(gallery: Gallery) -> None:
    change = await _waiting(gallery)
    await gallery.house.approve(change, SELMA)
    await gallery.house.approve(change, LAYLA)
    await gallery.house.drain()
    await gallery.later()

    (asked,) = await gallery.shown("approvals")
    assert "succeeded" in asked["text"]
    assert [block for block in asked["blocks"] if block["type"] == "actions"] == []
    assert "Selma Nakale" in str(asked["blocks"])


async def test_a_lost_answer_posts_no_second_card(gallery: Gallery) -> None:
    await gallery.slack.driver.faults(lose_answer={"methods": ["chat.postMessage"], "count": 1})
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    await gallery.paint()
    before = await gallery.card(change.id)
    await gallery.later()

    assert before.ts is None
    assert len(await gallery.shown()) == 1
    assert (await gallery.card(change.id)).ts == (await gallery.shown())[0]["ts"]


async def test_a_painter_killed_after_posting_finds_its_card_again(gallery: Gallery) -> None:
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    await gallery.later()
    await gallery.forget_posting(change.id)
    await gallery.later()

    assert len(await gallery.shown()) == 1


async def test_nothing_is_lost_while_slack_is_down(gallery: Gallery) -> None:
    await gallery.slack.driver.faults(down={"mode": "drop"})
    gallery.house.source.commit("backend", "1.4.0")
    await gallery.house.deployed("staging", "backend")
    for _ in range(3):
        await gallery.later()
    nothing = await gallery.shown()
    await gallery.slack.driver.faults(clear=True)
    await gallery.later()

    assert nothing == []
    (message,) = await gallery.shown()
    assert "succeeded" in message["text"]


async def test_a_rate_limit_is_waited_out_as_long_as_slack_says(gallery: Gallery) -> None:
    await gallery.slack.driver.faults(rate_limit={"methods": ["chat.postMessage"], "retry_after": 30, "count": 1})
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    await gallery.after(21)
    refused = await gallery.card(change.id)
    until = refused.due_at
    await gallery.after(25)
    early = await gallery.shown()
    await gallery.after(10)

    assert refused.fault == "ratelimited"
    assert until is not None
    assert until - (gallery.house.clock.now() - timedelta(seconds=35)) == timedelta(seconds=30)
    assert early == []
    assert "succeeded" in (await gallery.shown())[0]["text"]


async def test_a_deleted_card_comes_back(gallery: Gallery) -> None:
    change = await _waiting(gallery)
    (asked,) = await gallery.shown("approvals")
    await gallery.slack.driver.person("selma").do("delete", channel="approvals", ts=asked["ts"])
    await gallery.house.approve(change, SELMA)
    await gallery.later()

    (again,) = await gallery.shown("approvals")
    assert again["ts"] != asked["ts"]
    assert "Selma Nakale" in str(again["blocks"])


async def test_an_archived_channel_leads_to_the_other_one(gallery: Gallery) -> None:
    await gallery.slack.driver.post("archive", channel="deployments")
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    await gallery.later()

    (message,) = await gallery.shown("approvals")
    assert f"change {change.id}" in message["text"]


async def test_who_paints_a_card_that_somebody_is_posting_posts_no_second_one(gallery: Gallery) -> None:
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")
    card = await gallery.card(change.id)
    await gallery.slack.driver.faults(slow={"methods": ["chat.postMessage"], "seconds": 1, "count": 1})
    await asyncio.gather(*(gallery.painter.paint(card.id) for _ in range(3)))
    await gallery.later()

    assert len(await gallery.shown()) == 1
    assert (await gallery.card(change.id)).shown_revision == (await gallery.card(change.id)).revision


async def test_a_card_that_has_no_place_anywhere_is_tried_ever_less_often_and_comes_when_a_channel_does(
    gallery: Gallery,
) -> None:
    for channel in ("deployments", "approvals"):
        await gallery.slack.driver.post("archive", channel=channel)
    gallery.house.source.commit("backend", "1.4.0")
    change = await gallery.house.deployed("staging", "backend")

    tries = []
    for _ in range(3):
        before = gallery.calls["chat.postMessage"]
        for _ in range(60):
            await gallery.after(20)
            await _touch(gallery, change)
        tries.append(gallery.calls["chat.postMessage"] - before)
    await gallery.slack.driver.post("unarchive", channel="deployments")
    await gallery.after(LONGEST.total_seconds())

    assert tries == [6, 2, 2]  # two channels each time: at once, after 5 and 10 minutes; then as long as it has lasted
    (message,) = await gallery.shown()
    assert f"change {change.id}" in message["text"]


async def _touch(gallery: Gallery, change: Change) -> None:
    """Let something happen to a change, and have its card painted as its job would."""
    async with gallery.house.world.ledger.transaction() as tx:
        cards.touch(tx, f"change:{change.id}", urgent=True)
    await gallery.painter.paint((await gallery.card(change.id)).id)


async def test_the_log_stands_in_the_cards_thread_with_secrets_covered(gallery: Gallery) -> None:
    digest = {"digest": "sha256:" + "1" * 64}
    gallery.house.runner.then(Ending(log="password=hunter2hunter2 and all is well\n", result=digest))
    gallery.house.source.commit("backend", "1.4.0")
    await gallery.house.deployed("staging", "backend")
    await gallery.later()

    (card,) = await gallery.shown()
    thread = await gallery.shown(thread_ts=card["ts"])
    log = next(one for one in thread if one["metadata"]["event_payload"]["role"] == "log/1")
    assert "all is well" in str(log["blocks"])
    assert "hunter2" not in str(thread)


async def test_a_card_shows_no_secret_that_somebody_typed_or_committed(gallery: Gallery) -> None:
    token = "xoxb-1234567890-1234567890123-abcdefGHIJKLmnopQRSTuvwx"
    gallery.house.source.commit("backend", "1.4.0", subject=f"Use {token} from now on")
    await gallery.house.deployed("staging", "backend")
    gallery.house.source.merge()
    await gallery.house.deploy("production", "backend", reason=f"rotated, token={token}")
    await gallery.later()

    (asked,) = await gallery.shown("approvals")
    assert "Use ••• from now on" in str(asked["blocks"])
    assert "rotated, token=•••" in str(asked["blocks"])
    assert token not in str([asked, await gallery.shown()])


async def test_words_from_outside_are_shown_and_ping_nobody(gallery: Gallery) -> None:
    subject = "<!channel> <@U0SELMANA3> `code` *bold* " + "x" * 10_000 + " שלום"
    gallery.house.source.commit("backend", "1.4.0", subject=subject, author="ليلى <!here>")
    await gallery.house.deploy("staging", "backend", reason="<!everyone> " + "y" * 900)
    await gallery.later()

    (message,) = await gallery.shown()
    assert message["mentions"] == []
    assert "<!everyone> yyy" in str(message["blocks"])


def test_every_state_of_a_change_has_a_sign() -> None:
    assert all(sign and words for sign, words in SIGNS.values())


async def _waiting(gallery: Gallery) -> Change:
    """Have a good release wait for approval in production, with its question posted."""
    house = gallery.house
    house.source.commit("backend", "1.4.0")
    await house.deployed("staging", "backend")
    house.source.merge()
    change = await house.deployed("production", "backend")
    await gallery.later()
    return change
