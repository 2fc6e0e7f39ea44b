# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page with thousands of findings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mimcm_pages.browser import background, opened, program, rows
from mimcm_pages.rendering import render
from mimcm_pages.worlds import large
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.skipif(program() is None, reason="the package chromium is missing")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("size")
    render(folder, {"large": large()})
    return folder / "large.html"


def test_five_thousand_findings(browser: Browser, file: Path) -> None:
    with opened(browser, file) as found:
        page = found.page
        assert (found.messages, found.requests) == ([], [file.as_uri()])
        expect(page.locator("#shown")).to_have_text("5,000 findings, the first 100 are shown")
        expect(rows(page)).to_have_count(100)
        page.get_by_label("Text", exact=True).fill("expired")
        expect(page.locator("#shown")).to_have_text("455 of 5,000 findings, the first 100 are shown")
        page.get_by_role("columnheader", name="Object").get_by_role("button").click()
        expect(page.get_by_role("columnheader", name="Object")).to_have_attribute("aria-sort", "ascending")
        # What keeps it fast: neither the search nor sorting lays out all rows.
        expect(rows(page)).to_have_count(100)
        page.get_by_role("button", name="Show all").click()
        expect(rows(page)).to_have_count(455)
        expect(page.locator("#paging")).to_be_hidden()
        page.get_by_role("link", name=re.compile("And .* more")).click()
        expect(page.get_by_label("Status", exact=True)).to_have_value("new")


def test_paper_shows_all_findings_and_no_controls(browser: Browser, file: Path) -> None:
    with opened(browser, file, color_scheme="dark") as found:
        found.page.emulate_media(media="print")
        found.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert rows(found.page).count() == 5000
        expect(found.page.locator("#filters")).to_be_hidden()
        assert background(found.page) == [255, 255, 255]
        found.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert rows(found.page).count() == 100
