"""Chromium, driven by Playwright; where there is none the tests are skipped."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from sentinel.console.report_html import page as page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from sentinel.console.report import Report

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser once."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if chromium is None:
        pytest.skip("no Chromium here")
    playwright_api = pytest.importorskip("playwright.sync_api")
    with playwright_api.sync_playwright() as playwright:
        # Without its own sandbox: whoever runs tests in a container is root there. The pages are ours.
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield started
        started.close()


class Opened:
    """A page in the browser, and everything it asked for or complained of."""

    def __init__(self, context: BrowserContext, path: Path) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.told: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.told.append(message.text))
        self.page.on("pageerror", lambda error: self.told.append(str(error)))
        self.page.on("dialog", lambda dialog: self.told.append(dialog.message))
        self.page.goto(path.as_uri())

    def shown(self) -> list[str]:
        """Give the titles of the hits that are listed."""
        return self.page.locator("#list .title").all_inner_texts()

    def status(self) -> str:
        """Give the line that counts hits."""
        return self.page.locator("#status").inner_text()

    def settled(self, status: str) -> None:
        """Wait until the line that counts hits says so."""
        self.page.wait_for_function("text => document.getElementById('status').textContent === text", arg=status)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Give what opens a report in a browser of its own, with options of its context."""
    contexts: list[BrowserContext] = []

    def opens(report: Report | bytes, **options: object) -> Opened:
        path = tmp_path / f"report{len(contexts)}.html"
        path.write_bytes(report if isinstance(report, bytes) else page_of(report))
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        return Opened(contexts[-1], path)

    yield opens
    for context in contexts:
        context.close()
