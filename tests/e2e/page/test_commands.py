"""Slash commands: completion, what Slack says when they fail, where they are refused."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.e2e.page.acting import in_channel, saying, type_line
from tests.e2e.page.conftest import Window
from tests.e2e.page.harbour import Harbour


@pytest.mark.usefixtures("harbour")
async def test_a_slash_lists_the_commands_and_tab_completes(window: Window) -> None:
    page = await window("selma")
    composer, list_ = page.get_by_test_id("composer"), page.get_by_test_id("completion")

    await composer.press_sequentially("/")
    await expect(list_.get_by_role("option")).to_have_count(5)
    await expect(list_.locator('[data-suggestion="/card"]')).to_contain_text("Post a card with buttons")
    await expect(list_.locator('[data-suggestion="/card"]')).to_contain_text("<title>")
    await composer.press("ArrowDown")
    await composer.press("ArrowDown")
    await composer.press("Tab")
    await expect(composer).to_have_value("/say ")
    await expect(page.get_by_test_id("usage")).to_contain_text("<words>")
    await composer.press_sequentially("ahoy")
    await composer.press("Enter")

    await expect(saying(in_channel(page), "ahoy").get_by_test_id("author")).to_have_text("Slipway")
    await expect(in_channel(page).locator(".app-label")).to_have_text("APP")


@pytest.mark.usefixtures("harbour")
async def test_a_whole_command_runs_at_enter_and_a_part_is_completed(window: Window) -> None:
    page = await window("selma")

    await type_line(page, "/for")
    await expect(page.get_by_test_id("composer")).to_have_value("/form ")
    await type_line(page, "/form")

    await expect(page.get_by_test_id("modal-title")).to_have_text("A form")


async def test_only_one_person_sees_an_answer_and_may_dismiss_it(window: Window, harbour: Harbour) -> None:
    page, other = await window("selma"), await window("tomas")

    await type_line(page, "/whisper to @tomas")
    note = saying(in_channel(page), "psst")
    await expect(note).to_have_attribute("data-ephemeral", "true")
    await expect(note).to_contain_text("Only visible to you")
    await expect(in_channel(other)).to_have_count(0)
    await note.get_by_test_id("dismiss").click()
    await expect(note).to_have_count(0)
    await page.reload()
    await expect(page.get_by_test_id("app")).to_have_attribute("data-ready", "true")

    await expect(saying(in_channel(page), "psst")).to_have_count(0)
    assert harbour.last("whisper") == "to <@U0TOMASMU2|tomas>"


@pytest.mark.usefixtures("harbour")
async def test_an_app_that_is_too_slow_shows_operation_timeout(window: Window) -> None:
    page = await window("selma")

    await type_line(page, "/slow")

    await expect(page.get_by_test_id("toast")).to_contain_text("operation_timeout")
    await expect(page.get_by_test_id("composer")).to_have_value("")


async def test_an_app_that_is_not_there_shows_dispatch_failed(window: Window) -> None:
    page = await window("selma")

    await type_line(page, "/card")

    await expect(page.get_by_test_id("toast")).to_contain_text("dispatch_failed")


async def test_slackbot_explains_an_unknown_command(window: Window) -> None:
    page = await window("selma")

    await type_line(page, "/nonsense now")

    await expect(saying(in_channel(page), "is not a valid command").get_by_test_id("author")).to_have_text("Slackbot")


@pytest.mark.usefixtures("harbour")
async def test_a_thread_refuses_commands_and_keeps_what_was_typed(window: Window) -> None:
    page = await window("selma")
    await type_line(page, "Start")
    await in_channel(page).hover()
    await in_channel(page).get_by_test_id("reply").click()

    await type_line(page, "/card in a thread", where="thread-composer")

    await expect(page.get_by_test_id("toast")).to_have_text("/card is not supported in threads. Sorry!")
    await expect(page.get_by_test_id("thread-composer")).to_have_value("/card in a thread")
