"""A local Slack, a Bolt app on it, and Chromium windows that are people.

The browser is one for all tests of a worker, so these live on one event loop; their windows have nothing in common.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.sandbox.config import SandboxConfig
from bot.sandbox.serving import Serving, serving
from tests.e2e.page.harbour import COMMANDS, Harbour, moored

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HARMLESS = ("net::", "Failed to load resource")  # a server that is away on purpose, a picture that does not exist

Window = Callable[..., Awaitable[Page]]

expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a browser is slow, and what needs the browser of all lives on its loop."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "chromium_path" in names:
            item.add_marker(pytest.mark.slow)
        if "browser" in names:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the browser is. Without one these tests fail in CI and are skipped, loudly, elsewhere."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("There is no Chromium on this machine, and in CI there must be one: apt-get install chromium")
    if found is None:
        pytest.skip("NOT TESTED: the page, for want of Chromium (apt-get install chromium)")
    return str(found)


@pytest_asyncio.fixture(loop_scope="session")
async def running(tmp_path: Path) -> AsyncIterator[Serving]:
    """A local Slack on a free port; as patient with its app as Slack is."""
    async with serving(SandboxConfig(base_url="", data=tmp_path / "slack", commands=COMMANDS)) as slack:
        slack.slack.limits.scale = 0  # how often an app may post is not the page's business
        yield slack


@pytest_asyncio.fixture(loop_scope="session")
async def harbour(running: Serving) -> AsyncIterator[Harbour]:
    """The app on it."""
    async with moored(running) as app:
        yield app


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, running: Serving) -> AsyncIterator[Window]:
    """Opens a window as a person: `await window("selma", channel="C…", width=390)`.

    After the test: the page never asked anybody but its own server for anything, and its program never stumbled.
    """
    strangers: list[str] = []
    stumbles: list[str] = []
    async with AsyncExitStack() as stack:

        async def open_window(
            handle: str,
            *,
            width: int = 1280,
            height: int = 800,
            scheme: Literal["light", "dark"] = "light",
            **place: str,
        ) -> Page:
            context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.on(
                "request", lambda r: None if r.url.startswith((running.base_url, "data:")) else strangers.append(r.url)
            )
            page.on("pageerror", lambda error: stumbles.append(str(error)))
            page.on("console", lambda said: stumbles.append(said.text) if _is_stumble(said.type, said.text) else None)
            person = next(p for p in running.slack.workspace.people.values() if p.handle == handle)
            query = "&".join([f"as={person.id}", *(f"{name}={value}" for name, value in place.items())])
            await page.goto(f"{running.base_url}/?{query}")
            await expect(page.get_by_test_id("app")).to_have_attribute("data-ready", "true")
            return page

        yield open_window

    assert strangers == []
    assert stumbles == []


def _is_stumble(kind: str, text: str) -> bool:
    return kind == "error" and not any(word in text for word in HARMLESS)
