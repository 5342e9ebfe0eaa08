"""Where the page works: after a server that went away, on a phone, in the dark, without a network, from a link."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, expect

from bot.sandbox.config import SandboxConfig
from bot.sandbox.serving import Serving, listening, serving
from tests.e2e.page.acting import DEPLOYMENTS, in_channel, in_thread, saying, type_line
from tests.e2e.page.conftest import Window
from tests.e2e.page.test_words import post


async def test_it_waits_for_a_server_that_went_away_and_shows_what_was_missed(browser: Browser, tmp_path: Path) -> None:
    config = SandboxConfig(base_url="", data=tmp_path)
    page = await browser.new_page()
    state = page.get_by_test_id("connection")
    async with serving(config) as first:
        await page.goto(f"{first.base_url}/?as=U0SELMANA3")
        await expect(state).to_have_attribute("data-state", "live")
        await type_line(page, "Before")
        await expect(in_channel(page)).to_have_count(1)

    await expect(state).to_have_text("Reconnecting…")
    await type_line(page, "Not lost")
    await expect(page.get_by_test_id("toast")).to_be_visible()
    await expect(page.get_by_test_id("composer")).to_have_value("Not lost")
    async with serving(config, listening(int(first.base_url.rpartition(":")[2]))) as second:
        await post(second, text="Said meanwhile")
        await expect(state).to_have_attribute("data-state", "live")
        await expect(saying(in_channel(page), "Said meanwhile")).to_be_visible()
        await page.close()


async def test_on_a_phone_the_channels_are_a_drawer_and_a_thread_fills_the_screen(window: Window) -> None:
    page = await window("selma", width=390, height=780)
    await type_line(page, "W" * 400)
    await expect(page.get_by_test_id("channel").first).to_be_hidden()

    await page.get_by_test_id("menu").click()
    await page.locator('.sidebar [data-name="general"]').click()
    await expect(page.get_by_test_id("channel-name")).to_have_text("#general")
    await expect(page.get_by_test_id("channel").first).to_be_hidden()
    await page.get_by_test_id("menu").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("channel").first).to_be_hidden()
    await page.go_back()
    await in_channel(page).hover()
    await in_channel(page).get_by_test_id("reply").click()
    box = await page.get_by_test_id("thread").bounding_box()

    assert box
    assert box["width"] == 390
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_light_and_dark_follow_the_system(window: Window) -> None:
    light, dark = await window("selma"), await window("selma", scheme="dark")
    paper = "getComputedStyle(document.querySelector('#main')).backgroundColor"

    assert await light.evaluate(paper) == "rgb(255, 255, 255)"
    assert await dark.evaluate(paper) == "rgb(21, 25, 27)"


async def test_an_address_leads_to_a_thread_and_a_permalink_to_a_message(window: Window, running: Serving) -> None:
    page = await window("selma", channel=DEPLOYMENTS)
    await type_line(page, "Start here")
    ts = await in_channel(page).get_attribute("data-ts")
    assert ts

    threaded = await window("tomas", channel=DEPLOYMENTS, thread=ts)
    await expect(in_thread(threaded)).to_contain_text("Start here")
    await page.goto(f"{running.base_url}/archives/{DEPLOYMENTS}/p{ts.replace('.', '')}?as=U0SELMANA3")

    await expect(page.locator(".message-found")).to_contain_text("Start here")


async def test_back_and_forward_go_where_one_was(window: Window) -> None:
    page = await window("selma", channel=DEPLOYMENTS)

    await page.locator('.sidebar [data-name="general"]').click()
    await expect(page.get_by_test_id("channel-name")).to_have_text("#general")
    await page.go_back()
    await expect(page.get_by_test_id("channel-name")).to_have_text("#deployments")
    await page.go_forward()

    await expect(page.get_by_test_id("channel-name")).to_have_text("#general")


async def test_a_draft_waits_in_its_channel(window: Window) -> None:
    page = await window("selma", channel=DEPLOYMENTS)

    await page.get_by_test_id("composer").fill("Half a")
    await page.locator('.sidebar [data-name="general"]').click()
    await expect(page.get_by_test_id("channel-name")).to_have_text("#general")
    await expect(page.get_by_test_id("composer")).to_have_value("")
    await page.go_back()

    await expect(page.get_by_test_id("composer")).to_have_value("Half a")


async def test_old_messages_stay_in_sight_while_new_ones_come(window: Window, running: Serving) -> None:
    for number in range(60):
        await post(running, text=f"Line {number}")
    page = await window("selma", channel=DEPLOYMENTS)
    await expect(saying(in_channel(page), "Line 59")).to_be_in_viewport()

    await page.locator("#main .feed").evaluate("feed => { feed.scrollTop = 0; }")
    await expect(saying(in_channel(page), "Line 0").first).to_be_in_viewport()
    await post(running, text="The newest")
    await expect(page.get_by_test_id("jump")).to_be_visible()
    await expect(saying(in_channel(page), "Line 0").first).to_be_in_viewport()
    await page.get_by_test_id("jump").click()

    await expect(saying(in_channel(page), "The newest")).to_be_in_viewport()


async def test_of_a_long_history_the_end_is_drawn_and_the_rest_on_demand(window: Window, running: Serving) -> None:
    for number in range(170):
        await post(running, text=f"Line {number}.")
    page = await window("selma", channel=DEPLOYMENTS)
    await expect(saying(in_channel(page), "Line 169.")).to_be_in_viewport()
    await expect(in_channel(page)).to_have_count(150)

    await page.get_by_test_id("earlier").click()

    await expect(saying(in_channel(page), "Line 0.")).to_have_count(1)
    await expect(page.get_by_test_id("earlier")).to_be_hidden()
