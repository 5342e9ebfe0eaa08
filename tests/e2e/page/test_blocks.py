"""Block Kit: every block is shown, in its words; what nobody knows shows its fallback."""

from __future__ import annotations

import re

from playwright.async_api import expect

from bot.sandbox.serving import Serving
from tests.e2e.page.acting import in_channel
from tests.e2e.page.conftest import Window
from tests.e2e.page.harbour import Json, mrkdwn, plain
from tests.e2e.page.test_words import last_body, post


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(parts)}]}


async def test_words_and_fields_and_small_print(window: Window, running: Serving) -> None:
    page = await window("selma")
    blocks: list[Json] = [
        {"type": "header", "text": plain("Title :rocket:")},
        {"type": "section", "text": mrkdwn("*Text*"), "fields": [mrkdwn("left"), plain("*right*")]},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("small _print_"), plain("and more")]},
    ]

    await post(running, text="x", blocks=blocks)

    body = last_body(page)
    await expect(body.get_by_role("heading")).to_have_text("Title 🚀")
    await expect(body.locator(".section-field")).to_have_text(["left", "*right*"])
    await expect(body.locator("hr")).to_have_count(1)
    await expect(body.locator(".context em")).to_have_text("print")


async def test_rich_text(window: Window, running: Serving) -> None:
    page = await window("selma")
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "item"}]}
    bold = {"type": "text", "text": "*as is*", "style": {"bold": True}}
    block = rich(bold, {"type": "user", "user_id": "U0SELMANA3"}, {"type": "emoji", "name": "tada"})
    block["elements"] += [
        {"type": "rich_text_list", "style": "ordered", "offset": 4, "elements": [item, item]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x = 1"}]},
        {"type": "rich_text_quote", "elements": [{"type": "link", "url": "https://example.org", "text": "there"}]},
    ]

    await post(running, text="x", blocks=[block])

    body = last_body(page)
    await expect(body.locator("strong")).to_have_text("*as is*")
    await expect(body.locator(".mention-me")).to_have_text("@Selma Nakale")
    await expect(body.locator(".marker")).to_have_text(["5.", "6."])
    await expect(body.locator("pre")).to_have_text("x = 1")
    await expect(body.locator("blockquote a")).to_have_attribute("href", "https://example.org")


async def test_tables_and_markdown(window: Window, running: Serving) -> None:
    page = await window("selma")
    cell = {"type": "raw_text", "text": "backend"}
    rows = [
        [{"type": "raw_text", "text": "Service"}],
        [cell],
        [rich({"type": "text", "text": "b", "style": {"bold": True}})],
    ]
    words = "## Head\n**bold** and *it*\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```"

    await post(running, text="x", blocks=[{"type": "table", "rows": rows}, {"type": "markdown", "text": words}])

    body = last_body(page)
    table, markdown = body.locator(".block-table"), body.locator(".block-markdown")
    await expect(table.locator("th")).to_have_text("Service")
    await expect(table.locator("td")).to_have_text(["backend", "b"])
    await expect(markdown.get_by_role("heading")).to_have_text("Head")
    await expect(markdown.locator("strong, em")).to_have_text(["bold", "it"])
    await expect(markdown.get_by_role("listitem")).to_have_text([re.compile("one"), re.compile("two")])
    await expect(markdown.locator("td")).to_have_text(["1", "2"])
    await expect(markdown.locator("pre")).to_have_text("code")


async def test_plans_show_how_far_their_tasks_are(window: Window, running: Serving) -> None:
    page = await window("selma")
    tasks = [
        {"type": "task_card", "task_id": "a", "title": "backup", "status": "complete"},
        {"type": "task_card", "task_id": "b", "title": "apply", "status": "in_progress"},
        {"type": "task_card", "task_id": "c", "title": "verify", "status": "error"},
    ]
    tasks[1]["details"] = rich({"type": "text", "text": "2 of 3"})  # type: ignore[assignment]

    await post(running, text="x", blocks=[{"type": "plan", "title": "Steps", "tasks": tasks}])

    body = last_body(page)
    await expect(body.locator(".plan-count")).to_have_text("1 of 3")
    for title, state in (("backup", "done"), ("apply", "under way"), ("verify", "failed")):
        await expect(body.locator(".task").filter(has_text=title).get_by_role("img", name=state)).to_be_visible()
    await expect(body.locator(".task").filter(has_text="apply")).to_contain_text("2 of 3")


async def test_pictures_that_cannot_be_had_show_their_words_and_videos_are_links(
    window: Window, running: Serving
) -> None:
    page = await window("selma")
    picture = {"type": "image", "image_url": f"{running.base_url}/page/none.png", "alt_text": "a chart"}
    video = {
        "type": "video",
        "title": plain("The demo"),
        "title_url": "https://example.org/demo",
        "video_url": "https://example.org/embed",
        "thumbnail_url": "https://example.org/thumb.png",
        "alt_text": "a demo",
    }

    await post(running, text="x", blocks=[picture, video])

    await expect(last_body(page).get_by_role("img", name="a chart")).to_have_text("a chart")
    await expect(last_body(page).get_by_role("link")).to_have_attribute("href", "https://example.org/demo")


async def test_a_block_nobody_knows_shows_its_fallback(window: Window, running: Serving) -> None:
    page = await window("selma")
    await post(running, text="x")
    await expect(in_channel(page)).to_have_count(1)

    shown = await page.evaluate(
        """async () => {
          const { drawBlock } = await import("/page/blocks/registry.js");
          const blocks = [{type: "hologram", fallback: "Look up!"}, {type: "hologram"}];
          return blocks.map(block => drawBlock(block, {store: {}}, 0).textContent);
        }"""
    )

    assert shown == ["Look up!", "This block (hologram) is not shown here."]


async def test_cards_and_containers_hold_other_blocks(window: Window, running: Serving) -> None:
    page = await window("selma")
    await post(running, text="x")
    await expect(in_channel(page)).to_have_count(1)

    shown = await page.evaluate(
        """async () => {
          const { drawBlock } = await import("/page/blocks/registry.js");
          const said = text => ({type: "plain_text", text});
          const card = {type: "card", title: said("Card"), body: said("Body")};
          const blocks = [card, {type: "carousel", elements: [card, card]},
            {type: "container", title: said("Frame"), is_collapsible: true, child_blocks: [card]}];
          return blocks.map(block => drawBlock(block, {store: {}}, 0).textContent);
        }"""
    )

    assert shown == ["CardBody", "CardBodyCardBody", "FrameCardBody"]
