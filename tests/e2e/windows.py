"""People at Slipway's page: each a window of a real Chromium, two of them at once, on a desk or on a phone.

Every window is watched: what the page's program stumbles over, and whoever it asks but its own server, fails the test.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Locator, Page, Request, async_playwright, expect

from tests.e2e.page.acting import control, in_channel, in_thread, type_line
from tests.e2e.page.conftest import ARGUMENTS, HARMLESS

PATIENCE_MS = 60_000  # a step of a deploy on a busy machine, never what is expected of the page itself
DESK, PHONE = (1280, 800), (390, 844)

_RECORD = """() => {
    window.seen = [];
    const note = () => {
        const cards = document.querySelectorAll("#main [data-testid=message] [data-testid=message-body]");
        const text = cards[cards.length - 1]?.innerText;
        if (text && text !== window.seen.at(-1)) window.seen.push(text);
    };
    const everything = {subtree: true, childList: true, characterData: true};
    new MutationObserver(note).observe(document.querySelector("#main"), everything);
}"""


@dataclass
class Person:
    """Somebody at their window. `pictures` is where what they see is kept."""

    page: Page
    pictures: Path

    async def say(self, text: str) -> None:
        """Type a line, a command perhaps, and press Enter."""
        await type_line(self.page, text)

    async def go(self, channel: str) -> None:
        """Open a channel from the sidebar."""
        await self.page.locator(f'.sidebar [data-name="{channel}"]').click()
        await expect(self.page.get_by_test_id("channel-name")).to_have_text(f"#{channel}")

    def card(self, change: int) -> Locator:
        """The card of a change in the open channel."""
        return in_channel(self.page).filter(has_text=f"change {change} · asked by")

    def whispers(self) -> Locator:
        """What only this person sees in the open channel."""
        return self.page.locator('#main [data-testid="message"][data-ephemeral="true"]')

    @asynccontextmanager
    async def told(self, *words: str) -> AsyncIterator[None]:
        """Expect that what is done in the block is answered with this, for this person alone."""
        before = await self.whispers().count()
        yield
        await expect(self.whispers()).to_have_count(before + 1, timeout=PATIENCE_MS)
        for word in words:
            await expect(self.whispers().last).to_contain_text(word)

    async def ask(self, text: str, *words: str) -> None:
        """Type a command, and expect to be told this."""
        async with self.told(*words):
            await self.say(text)

    async def sees(self, card: Locator, *words: str | re.Pattern[str]) -> None:
        """Expect a card to say this, now or later; of what changes every second a single state may never be painted."""
        for word in words:
            await expect(card).to_contain_text(word, timeout=PATIENCE_MS)

    async def press(self, card: Locator, action: str, *, sure: bool = False) -> None:
        """Press a button of a card; `sure` is the yes to its question."""
        await control(card, action).click()
        if sure:
            await self.page.get_by_test_id("confirm-yes").click()

    async def open_thread(self, card: Locator) -> Locator:
        """Open the thread of a card, and return its messages."""
        await card.get_by_test_id("replies").click()
        return in_thread(self.page)

    async def record(self) -> None:
        """From now on keep every state of the newest card that was in sight; a reload would lose them."""
        await self.page.evaluate(_RECORD)

    async def recorded(self) -> list[str]:
        return [str(text) for text in await self.page.evaluate("() => window.seen")]

    async def cards(self) -> list[str]:
        """What the messages of the open channel say to everybody."""
        everybody = self.page.locator('#main [data-testid="message"][data-ephemeral="false"]')
        return await everybody.get_by_test_id("message-body").all_inner_texts()

    async def look(self, name: str) -> None:
        """Keep a picture of what is in the window."""
        await self.page.mouse.move(0, 0)
        await self.page.screenshot(path=self.pictures / f"{name}.png", animations="disabled")


@dataclass
class Windows:
    """The browser, and what went wrong in its windows."""

    browser: Browser
    url: str
    pictures: Path
    strangers: list[str] = field(default_factory=list)
    stumbles: list[str] = field(default_factory=list)

    async def enter(
        self,
        person: str,
        channel: str,
        *,
        size: tuple[int, int] = DESK,
        scheme: Literal["light", "dark"] = "light",
    ) -> Person:
        """Open a window as a person (a user id), in a channel (an id)."""
        width, height = size
        context = await self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=size == PHONE
        )
        page = await context.new_page()
        page.on("request", self._asked)
        page.on("pageerror", lambda error: self.stumbles.append(str(error)))
        page.on("console", lambda said: self._logged(said.type, said.text))
        await page.goto(f"{self.url}/?as={person}&channel={channel}")
        await expect(page.get_by_test_id("app")).to_have_attribute("data-ready", "true", timeout=PATIENCE_MS)
        return Person(page, self.pictures)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.strangers.append(request.url)

    def _logged(self, kind: str, text: str) -> None:
        if kind == "error" and not any(word in text for word in HARMLESS):
            self.stumbles.append(text)


@asynccontextmanager
async def windows(chromium: str, url: str, pictures: Path) -> AsyncIterator[Windows]:
    """A browser for the block; in the end nothing may have gone wrong in any of its windows."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        opened = Windows(browser, url, pictures)
        yield opened
        await browser.close()
    assert opened.strangers == []
    assert opened.stumbles == []
