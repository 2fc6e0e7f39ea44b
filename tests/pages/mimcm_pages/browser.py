# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian's Chromium, without a window, with a new profile for each run, and with a record of all that a page does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Locator, Page, sync_playwright

_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def program() -> str | None:
    """Where Chromium is; Playwright's own one is never downloaded."""
    return shutil.which("chromium")


@contextmanager
def started() -> Iterator[Browser]:
    """A browser, until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Opened:
    """A page, and what it did that a page should not do."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def opened(browser: Browser, file: Path, width: int = 1280, **options: Any) -> Iterator[Opened]:
    """A file in a browser that has never seen another page."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    # Only what never comes may end a test: a busy machine takes its time over thousands of findings.
    context.set_default_timeout(120_000)
    try:
        found = Opened(context.new_page())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("console", lambda message: found.messages.append(f"{message.type}: {message.text}"))
        found.page.on("pageerror", lambda error: found.messages.append(str(error)))
        found.page.on("dialog", found.note_dialog)
        found.page.goto(file.as_uri())
        yield found
    finally:
        context.close()


def rows(page: Page) -> Locator:
    """The findings that are shown."""
    return page.locator("#table tbody tr")


def background(page: Page) -> list[int]:
    """The colour behind everything, as red, green and blue."""
    text = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return [int(part) for part in re.findall(r"\d+", text)[:3]]
