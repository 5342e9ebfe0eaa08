"""People talk: several windows are several people, and everything arrives without a reload."""

from __future__ import annotations

from playwright.async_api import expect

from bot.sandbox.serving import Serving
from tests.e2e.page.acting import APPROVALS, DEPLOYMENTS, in_channel, in_thread, saying, type_line
from tests.e2e.page.conftest import Window


async def test_two_windows_are_two_people(window: Window) -> None:
    selma, tomas = await window("selma"), await window("tomas")

    await type_line(selma, "Who ships today?")
    await expect(saying(in_channel(tomas), "Who ships today?")).to_be_visible()
    await type_line(tomas, "I do")

    answer = saying(in_channel(selma), "I do")
    await expect(answer.get_by_test_id("author")).to_have_text("Tomas Müller")


async def test_the_newcomer_is_the_first_developer(window: Window, running: Serving) -> None:
    page = await window("ndapewa")

    await page.goto(running.base_url)

    await expect(page.get_by_test_id("me")).to_contain_text("Ndapewa Shilongo")
    await expect(page.get_by_test_id("channel-name")).to_have_text("#deployments")


async def test_the_menu_makes_somebody_else_of_this_window_only(window: Window) -> None:
    first, second = await window("selma"), await window("selma")

    await first.get_by_test_id("me").click()
    await first.get_by_test_id("people").locator('[data-person="U0LAYLAHA6"]').click()

    await expect(first.get_by_test_id("me")).to_contain_text("ليلى حداد")
    assert "as=U0LAYLAHA6" in first.url
    await expect(second.get_by_test_id("me")).to_contain_text("Selma Nakale")


async def test_a_thread_has_replies_a_count_and_closes_by_escape(window: Window) -> None:
    selma, tomas = await window("selma"), await window("tomas")
    await type_line(selma, "Shall we?")

    await saying(in_channel(selma), "Shall we?").hover()
    await saying(in_channel(selma), "Shall we?").get_by_test_id("reply").click()
    await type_line(selma, "I say yes", where="thread-composer")
    await tomas.get_by_test_id("replies").click()
    await expect(saying(in_thread(tomas), "I say yes")).to_be_visible()
    await type_line(tomas, "So do I", where="thread-composer")

    await expect(selma.get_by_test_id("replies")).to_contain_text("2 replies")
    await expect(saying(in_thread(selma), "So do I")).to_be_visible()
    await expect(saying(in_channel(selma), "So do I")).to_have_count(0)
    await selma.keyboard.press("Escape")
    await expect(selma.get_by_test_id("thread")).to_have_count(0)


async def test_a_click_adds_a_reaction_and_another_takes_it_back(window: Window) -> None:
    selma, tomas = await window("selma"), await window("tomas")
    await type_line(selma, "Done")
    message = saying(in_channel(tomas), "Done")

    await message.hover()
    await message.locator('[data-quick="eyes"]').click()
    mine, hers = (
        message.locator('[data-reaction="eyes"]'),
        saying(in_channel(selma), "Done").locator('[data-reaction="eyes"]'),
    )
    await expect(mine).to_have_attribute("aria-pressed", "true")
    await expect(hers).to_have_attribute("aria-pressed", "false")
    await hers.click()
    await expect(mine).to_contain_text("2")
    await mine.click()

    await expect(mine).to_have_attribute("aria-pressed", "false")
    await expect(mine).to_contain_text("1")


async def test_the_picker_finds_an_emoji_by_its_name(window: Window) -> None:
    page = await window("selma")
    await type_line(page, "Pick one")

    await in_channel(page).hover()
    await in_channel(page).get_by_test_id("add-reaction").click()
    await page.keyboard.type("octop")
    await page.keyboard.press("Enter")

    await expect(in_channel(page).locator('[data-reaction="octopus"]')).to_be_visible()


async def test_what_is_unread_is_bold_and_a_mention_is_counted_until_one_looks(window: Window) -> None:
    selma, tomas = await window("selma"), await window("tomas", channel=DEPLOYMENTS)
    room = tomas.locator(f'.sidebar [data-channel="{APPROVALS}"]')
    await expect(room).to_have_attribute("data-unread", "0")

    await selma.locator(f'.sidebar [data-channel="{APPROVALS}"]').click()
    await type_line(selma, "Something waits")
    await expect(room).to_have_class("room room-unread")
    await type_line(selma, "for @tomas")
    await expect(room.get_by_test_id("badge")).to_have_text("1")
    await room.click()

    await expect(saying(in_channel(tomas), "for @Tomas Müller")).to_be_visible()
    await expect(room.get_by_test_id("badge")).to_have_count(0)
    await expect(room).to_have_attribute("data-unread", "0")


async def test_shift_enter_makes_a_line_and_typed_marks_stay_text(window: Window) -> None:
    page = await window("selma")
    composer = page.get_by_test_id("composer")

    await composer.fill("first <b>line</b>")
    await composer.press("Shift+Enter")
    await composer.type("second & <script>alert(1)</script>")
    await composer.press("Enter")

    body = in_channel(page).get_by_test_id("message-body")
    await expect(body.locator(".line")).to_have_text(["first <b>line</b>", "second & <script>alert(1)</script>"])
    await expect(composer).to_have_value("")


async def test_at_completes_people(window: Window) -> None:
    page = await window("selma")
    composer = page.get_by_test_id("composer")

    await composer.press_sequentially("Ask @lay")
    await expect(page.get_by_test_id("completion").get_by_role("option")).to_have_count(1)
    await composer.press("Tab")
    await expect(composer).to_have_value("Ask @layla ")
    await composer.press("Enter")

    await expect(in_channel(page).locator('[data-open-person="U0LAYLAHA6"]')).to_have_text("@ليلى حداد")


async def test_right_to_left_text_runs_from_the_right_beside_text_that_does_not(window: Window) -> None:
    page = await window("layla")

    await type_line(page, "مرحبا بالعالم")
    await type_line(page, "Hello world")

    directions = (
        await in_channel(page).locator(".line").evaluate_all("lines => lines.map(l => getComputedStyle(l).direction)")
    )
    assert directions == ["rtl", "ltr"]


async def test_one_rewords_and_deletes_ones_own_messages(window: Window) -> None:
    selma, tomas = await window("selma"), await window("tomas")
    await type_line(selma, "Wrogn")
    seen = in_channel(tomas)
    await expect(seen).to_contain_text("Wrogn")
    await seen.hover()
    await expect(seen.get_by_test_id("own")).to_have_count(0)

    await in_channel(selma).hover()
    await in_channel(selma).get_by_test_id("own").click()
    await selma.get_by_test_id("edit").click()
    await selma.get_by_test_id("edit-text").fill("Right")
    await selma.get_by_test_id("confirm-yes").click()
    await expect(seen).to_contain_text("Right(edited)")
    await in_channel(selma).hover()
    await in_channel(selma).get_by_test_id("own").click()
    await selma.get_by_test_id("delete").click()
    await selma.get_by_test_id("confirm-yes").click()

    await expect(seen).to_have_count(0)


async def test_a_face_opens_a_card_and_the_card_a_conversation(window: Window) -> None:
    selma, tomas = await window("selma"), await window("tomas")
    await type_line(tomas, "Here I am")

    await in_channel(selma).get_by_test_id("author").click()
    await expect(selma.get_by_test_id("card")).to_contain_text("@production-team")
    await selma.get_by_test_id("card-message").click()
    await expect(selma.get_by_test_id("channel-name")).to_have_text("Tomas Müller")
    await type_line(selma, "Between us")

    await expect(tomas.get_by_test_id("dm").get_by_test_id("badge")).to_have_text("1")
    await tomas.get_by_test_id("dm").click()
    await expect(saying(in_channel(tomas), "Between us")).to_be_visible()
