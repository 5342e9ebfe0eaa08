"""What people do on the page, in a person's words; and where the channels are."""

from __future__ import annotations

from playwright.async_api import Locator, Page

GENERAL, DEPLOYMENTS, APPROVALS = "C0GENERAL1", "C0DEPLOYM2", "C0APPROVA3"


async def type_line(page: Page, text: str, *, where: str = "composer") -> None:
    """Type into the composer and press Enter."""
    composer = page.get_by_test_id(where)
    await composer.fill(text)
    await composer.press("Enter")


def in_channel(page: Page) -> Locator:
    """The messages of the open channel."""
    return page.locator("#main").get_by_test_id("message")


def in_thread(page: Page) -> Locator:
    """The messages of the open thread."""
    return page.get_by_test_id("thread").get_by_test_id("message")


def saying(messages: Locator, text: str) -> Locator:
    """Those that say this."""
    return messages.filter(has_text=text)


def control(scope: Page | Locator, action_id: str) -> Locator:
    """A button, select or field by its action_id."""
    return scope.locator(f'[data-action-id="{action_id}"]')


async def choose(page: Page, opener: Locator, *values: str, typed: str = "") -> None:
    """Open a select, perhaps type into its search, and pick by value."""
    await opener.click()
    options = page.get_by_test_id("options")
    many = await options.get_by_role("listbox").get_attribute("aria-multiselectable") == "true"
    if typed:
        await options.get_by_test_id("options-filter").fill(typed)
    for value in values:
        await options.locator(f'[data-value="{value}"]').click()
    if many:
        await page.keyboard.press("Escape")  # a list of which one may choose several stays open
