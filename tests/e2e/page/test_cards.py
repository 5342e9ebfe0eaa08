"""Cards: buttons, confirmations, menus; and that a live card can be pressed while it changes."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.page.acting import DEPLOYMENTS, choose, control, in_channel, type_line
from tests.e2e.page.conftest import Window
from tests.e2e.page.harbour import Harbour, card

pytestmark = pytest.mark.usefixtures("harbour")


async def a_card(window: Window) -> Page:
    page = await window("selma")
    await type_line(page, "/card Deploy")
    await expect(control(page, "approve")).to_be_visible()
    return page


async def test_a_press_spins_until_the_app_answers_and_a_second_click_does_nothing(
    window: Window, harbour: Harbour
) -> None:
    page = await a_card(window)
    harbour.hold.clear()

    await control(page, "approve").click()
    await expect(control(page, "approve")).to_have_attribute("aria-busy", "true")
    await control(page, "approve").click()
    harbour.hold.set()

    await expect(in_channel(page)).to_contain_text("approve change:42 by @Selma Nakale")
    assert [word for word, _ in harbour.heard] == ["approve"]


async def test_a_press_that_fails_says_so_and_stops_spinning(window: Window, harbour: Harbour) -> None:
    page = await a_card(window)
    harbour.hold.clear()

    await control(page, "approve").click()

    await expect(page.get_by_test_id("toast")).to_be_visible()
    await expect(control(page, "approve")).not_to_have_attribute("aria-busy", "true")
    harbour.hold.set()


async def test_a_confirmation_may_be_refused_by_button_or_escape(window: Window, harbour: Harbour) -> None:
    page = await a_card(window)
    dialog = page.get_by_test_id("confirm")

    await control(page, "reject").click()
    await expect(dialog).to_contain_text("It will not run.")
    await page.get_by_test_id("confirm-no").click()
    await control(page, "reject").click()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    assert harbour.heard == []
    await control(page, "reject").click()
    await page.get_by_test_id("confirm-yes").click()

    await expect(in_channel(page)).to_contain_text("reject change:42")


async def test_selects_and_overflow_menus_tell_what_was_chosen(window: Window) -> None:
    page = await a_card(window)

    await choose(page, control(page, "trigger"), "performance", typed="perf")
    await expect(in_channel(page)).to_contain_text("trigger performance")
    await control(page, "more").click()
    await page.get_by_test_id("overflow-menu").locator('[data-value="repeat"]').click()

    await expect(in_channel(page)).to_contain_text("more repeat")


async def test_a_select_works_by_keyboard_alone(window: Window) -> None:
    page = await a_card(window)

    await control(page, "trigger").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("options")).to_be_visible()
    await expect(page.get_by_role("option")).to_have_count(3)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(in_channel(page)).to_contain_text("trigger security")


async def test_an_edit_leaves_the_buttons_that_did_not_change_where_they_are(window: Window, harbour: Harbour) -> None:
    """Else a click whose mouse-down and mouse-up lie around an edit would be lost; the app gives no block_ids here."""
    page = await a_card(window)
    before = await control(page, "approve").element_handle()
    old_id = await control(page, "approve").get_attribute("data-block-id")
    ts = await in_channel(page).get_attribute("data-ts")
    assert before is not None
    assert ts

    await harbour.app.client.chat_update(channel=DEPLOYMENTS, ts=ts, text="x", blocks=card("Deploy", "50 %"))
    await expect(in_channel(page)).to_contain_text("50 %")

    assert await before.evaluate("node => node.isConnected")
    assert await before.get_attribute("data-block-id") != old_id
    await before.click()
    await expect(in_channel(page)).to_contain_text("approve change:42")


async def test_the_home_of_the_app_is_published_when_one_looks(window: Window) -> None:
    page = await window("selma")

    await page.get_by_test_id("app-home").click()

    await expect(page.get_by_test_id("home")).to_contain_text("What is live")
    await expect(page.get_by_test_id("home").locator("strong")).to_have_text("1.5.0")
