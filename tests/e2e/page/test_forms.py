"""Modals: every kind of input reaches the app, mistakes are shown where they are, nothing typed is lost."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.page.acting import GENERAL, choose, control, type_line
from tests.e2e.page.conftest import Window
from tests.e2e.page.harbour import Harbour

pytestmark = pytest.mark.usefixtures("harbour")


async def a_form(window: Window, **how: int) -> tuple[Page, Locator]:
    page = await window("tomas", **how)
    await type_line(page, "/form")
    modal = page.get_by_test_id("modal")
    await expect(modal).to_be_visible()
    return page, modal


async def test_every_kind_of_input_reaches_the_app(window: Window, harbour: Harbour) -> None:
    page, modal = await a_form(window)

    await control(modal, "reason").fill("because\nof that")
    await choose(page, control(modal, "trigger"), "security")
    await choose(page, control(modal, "effects"), "bug", "performance")
    await choose(page, control(modal, "who"), "U0LAYLAHA6", typed="layla")
    await choose(page, control(modal, "where"), GENERAL)
    await choose(page, control(modal, "ticket"), "OPS2", typed="OPS")
    await control(modal, "how").get_by_label("Performance").check()
    await control(modal, "also").get_by_label("Critical bug").check()
    await control(modal, "also").get_by_label("Security").check()
    await control(modal, "day").fill("2026-12-24")
    await control(modal, "hour").fill("17:30")
    await control(modal, "moment").fill("2026-12-24T18:00")
    await control(modal, "copies").fill("3")
    await control(modal, "mail").fill("tomas@example.org")
    await control(modal, "link").fill("https://example.org/x")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)

    moment = datetime(2026, 12, 24, 18, tzinfo=ZoneInfo("Europe/Berlin"))
    assert harbour.last("form") == {
        "reason": "because\nof that",
        "trigger": "security",
        "effects": ["bug", "performance"],
        "who": "U0LAYLAHA6",
        "where": GENERAL,
        "ticket": "OPS2",
        "how": "performance",
        "also": ["bug", "security"],
        "day": "2026-12-24",
        "hour": "17:30",
        "moment": int(moment.timestamp()),
        "copies": "3",
        "mail": "tomas@example.org",
        "link": "https://example.org/x",
    }


async def test_an_empty_form_leaves_optional_values_empty(window: Window, harbour: Harbour) -> None:
    page, modal = await a_form(window)

    await control(modal, "reason").fill("only this")
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)

    said = harbour.last("form")
    assert said.pop("reason") == "only this"
    assert set(map(str, said.values())) <= {"None", "[]"}


async def test_mistakes_are_shown_under_their_fields_and_go_when_mended(window: Window, harbour: Harbour) -> None:
    page, modal = await a_form(window)
    error = modal.locator('[data-error-for="reason"]')

    await control(modal, "mail").fill("nobody")
    await control(modal, "copies").fill("1.5")
    await page.get_by_test_id("modal-submit").click()
    await expect(error).to_have_text("Please complete this required field.")
    await expect(control(modal, "reason")).to_be_focused()
    await expect(modal.locator('[data-error-for="mail"]')).to_be_visible()
    await expect(modal.locator('[data-error-for="copies"]')).to_have_text("Please enter a whole number.")
    await control(modal, "mail").fill("")
    await control(modal, "copies").fill("")
    await control(modal, "reason").fill("bad")
    await expect(error).to_be_hidden()
    await page.get_by_test_id("modal-submit").click()
    await expect(error).to_have_text("Please say more than that.")
    await expect(control(modal, "reason")).to_have_value("bad")
    await control(modal, "reason").fill("good")
    await page.get_by_test_id("modal-submit").click()

    await expect(modal).to_have_count(0)
    assert harbour.last("form")["reason"] == "good"


async def test_an_update_keeps_what_was_typed_and_the_app_hears_it(window: Window, harbour: Harbour) -> None:
    page, modal = await a_form(window)

    await control(modal, "reason").fill("half a sent")
    await choose(page, control(modal, "trigger"), "bug")
    await control(modal, "redraw").click()
    await expect(modal).to_contain_text("Drawn anew.")

    await expect(control(modal, "reason")).to_have_value("half a sent")
    await expect(control(modal, "trigger")).to_have_text("Critical bug")
    assert harbour.last("redraw")["reason"] == "half a sent"
    assert harbour.last("redraw")["trigger"] == "bug"


async def test_a_pushed_view_gives_way_to_the_one_below_as_it_was(window: Window) -> None:
    page, modal = await a_form(window)

    await control(modal, "reason").fill("still here")
    await control(modal, "deeper").click()
    await expect(page.get_by_test_id("modal-title")).to_have_text("Deeper")
    await page.get_by_test_id("modal-back").click()
    await expect(page.get_by_test_id("modal-title")).to_have_text("A form")
    await expect(control(modal, "reason")).to_have_value("still here")
    await control(modal, "deeper").click()
    await expect(page.get_by_test_id("modal-title")).to_have_text("Deeper")
    await page.get_by_test_id("modal-x").click()

    await expect(modal).to_have_count(0)


async def test_escape_closes_the_list_first_and_then_the_modal(window: Window) -> None:
    page, modal = await a_form(window)

    await control(modal, "trigger").click()
    await expect(page.get_by_test_id("options")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("options")).to_have_count(0)
    await expect(modal).to_be_visible()
    await page.keyboard.press("Escape")

    await expect(modal).to_have_count(0)


async def test_tab_goes_round_inside_the_modal(window: Window) -> None:
    page, modal = await a_form(window)

    for _ in range(40):
        await page.keyboard.press("Tab")
        assert await modal.evaluate("modal => modal.contains(document.activeElement)")
    for _ in range(5):
        await page.keyboard.press("Shift+Tab")
        assert await modal.evaluate("modal => modal.contains(document.activeElement)")


async def test_on_a_phone_the_form_fits_and_can_be_sent(window: Window, harbour: Harbour) -> None:
    page, modal = await a_form(window, width=390, height=780)

    await control(modal, "reason").fill("from a phone")
    box = await modal.bounding_box()
    await page.get_by_test_id("modal-submit").click()
    await expect(modal).to_have_count(0)

    assert box
    assert box["width"] <= 390
    assert box["height"] <= 780
    assert harbour.last("form")["reason"] == "from a phone"
