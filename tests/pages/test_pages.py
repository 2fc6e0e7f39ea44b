# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the role compliance_report, in Debian's Chromium.

The collection is found by ANSIBLE_COLLECTIONS_PATH. Pictures of the pages are left in tests/output.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from mimcm_pages.browser import background, opened, program, rows
from mimcm_pages.rendering import render
from mimcm_pages.worlds import HOSTILE, RULES, WORLDS, Result
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.skipif(program() is None, reason="the package chromium is missing")

TESTS = Path(__file__).resolve().parents[1]
TEMPLATES = TESTS.parent / "roles" / "compliance_report" / "templates"
OUTPUT = TESTS / "output"
SCHEMES = ["light", "dark"]
# The large one has tests of its own.
NAMES = [name for name in WORLDS if name != "large"]
# Characters that are replaced, because a text could look like another one or break the page with them.
REPLACED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="session")
def results() -> dict[str, Result]:
    return {name: make() for name, make in WORLDS.items() if name in NAMES}


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, results: dict[str, Result]) -> Path:
    """The folder with NAME.html for each of these worlds."""
    folder = tmp_path_factory.mktemp("pages")
    render(folder, results)
    return folder


@pytest.fixture
def small(browser: Browser, pages: Path) -> Iterator[Page]:
    with opened(browser, pages / "small.html") as found:
        yield found.page


def column(page: Page, number: int) -> list[str]:
    cells: list[str] = page.eval_on_selector_all(
        f"#table tbody td:nth-child({number})", "cells => cells.map(cell => cell.textContent)"
    )
    return cells


def bars(page: Page, caption: str) -> dict[str, str]:
    """The names and numbers of the table with this caption."""
    table = page.locator("table.bars").filter(has=page.locator("caption", has_text=re.compile(f"^{caption}$")))
    found: list[tuple[str, str]] = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [row.cells[0].textContent, row.cells[1].textContent])"
    )
    return dict(found)


def numbers(counts: list[dict[str, Any]]) -> dict[str, str]:
    return {one["name"]: f"{one['count']:,}" for one in counts}


@pytest.mark.parametrize("world", NAMES)
def test_it_loads_nothing_says_nothing_and_fits_a_telephone(browser: Browser, pages: Path, world: str) -> None:
    with opened(browser, pages / f"{world}.html", width=360) as found:
        assert found.requests == [(pages / f"{world}.html").as_uri()]
        assert found.page.evaluate("document.documentElement.scrollWidth") == 360
        assert (found.messages, found.dialogs) == ([], [])
        assert found.page.locator("h1").count() == found.page.locator("main").count() == 1


def test_counts_are_those_of_the_result(small: Page, results: dict[str, Result]) -> None:
    summary = results["small"]["summary"]
    tiles = small.eval_on_selector_all(".tile", "tiles => tiles.map(tile => tile.innerText.split(/\\s+/))")
    assert {name.lower(): number for number, name in tiles} == numbers(summary["findings"]["by_severity"])
    assert bars(small, "Requests by status") == numbers(summary["requests"]["by_status"])
    assert bars(small, "Requests by type") == numbers(summary["requests"]["by_type"])
    assert bars(small, "Smart cards by status") == numbers(summary["smartcards"]["by_status"])
    assert bars(small, "Profiles by status") == numbers(summary["profiles"]["by_status"])
    assert bars(small, "Certificates by template") == numbers(summary["certificates"]["by_template"])
    ages = [{"name": one["label"], "count": one["count"]} for one in summary["requests"]["ages"]]
    assert bars(small, "Open requests by age") == numbers(ages)
    ends = bars(small, "Certificates by the month in which they expire")
    assert (ends["Expired"], ends["November 2026"], ends["Later"], len(ends)) == ("9", "4", "212", 14)
    columns = small.locator("svg.columns").last.locator("text.value").all_text_contents()
    assert columns == list(ends.values())
    expect(small.get_by_text("Of 122 certificates the API does not tell when they expire.")).to_be_visible()
    checked = small.locator(".rules tbody tr").evaluate_all("rows => rows.map(row => row.cells[3].textContent)")
    assert checked == [str(rule["findings"]) for rule in results["small"]["rules"]]


@pytest.mark.parametrize(
    ("world", "sentence"),
    [
        ("small", "3 new findings, 1 of them high; 2 resolved since 24 November 2026, 10:00 UTC."),
        ("first", "4 findings at the first check, 1 of them critical and 1 high."),
        ("empty", "No findings."),
    ],
)
def test_it_begins_with_a_sentence(browser: Browser, pages: Path, world: str, sentence: str) -> None:
    with opened(browser, pages / f"{world}.html") as found:
        assert found.page.locator(".headline").inner_text() == sentence
        assert "25 November 2026, 10:00 UTC" in found.page.locator(".as-of").inner_text()
        # What was checked is there also if nothing was found.
        assert found.page.locator(".rules tbody tr").count() == len(RULES)


def test_what_changed(small: Page, results: dict[str, Result]) -> None:
    lists = [entries.locator("li") for entries in small.locator(".entries").all()]
    new = [one for one in results["small"]["findings"] if one["status"] == "new"]
    for entries, expected in zip(lists, [new, results["small"]["resolved"]], strict=True):
        texts = entries.all_inner_texts()
        assert len(texts) == len(expected)
        assert all(one["object"] in text for one, text in zip(expected, texts, strict=True))


def test_sorting_with_the_mouse(small: Page) -> None:
    before = column(small, 4)
    heading = small.get_by_role("columnheader", name="Object")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert column(small, 4) == sorted(before, key=str.lower)
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert column(small, 4) == sorted(before, key=str.lower, reverse=True)
    assert small.locator("th[aria-sort]").count() == 1


def test_sorting_and_filtering_with_the_keyboard(small: Page) -> None:
    small.locator("#text").focus()
    small.keyboard.type("approver PENDING")
    expect(rows(small)).to_have_count(4)
    expect(small.locator("#shown")).to_have_text("4 of 19 findings")
    # On through the filters to the headings; the rows that are left are sorted.
    for _step in range(10):
        small.keyboard.press("Tab")
        if small.evaluate("document.activeElement.textContent") == "First seen":
            break
    small.keyboard.press("Enter")
    expect(small.get_by_role("columnheader", name="First seen")).to_have_attribute("aria-sort", "ascending")
    seen = column(small, 6)
    assert len(seen) == 4
    assert seen == sorted(seen)
    style = "getComputedStyle(document.activeElement)"
    assert small.evaluate(f"[{style}.outlineStyle, parseFloat({style}.outlineWidth) >= 2]") == ["solid", True]
    small.keyboard.press("Tab")
    assert small.evaluate("document.activeElement.tagName") == "SUMMARY"
    small.keyboard.press("Enter")
    expect(rows(small).first.locator("dl")).to_be_visible()


def test_severities_are_sorted_as_severities(small: Page) -> None:
    heading = small.get_by_role("columnheader", name="Severity")
    heading.get_by_role("button").click()
    found = column(small, 1)
    assert list(dict.fromkeys(found)) == ["Info", "Low", "Medium", "High", "Critical"]


@pytest.mark.parametrize(
    ("label", "choice", "key"),
    [("Severity", "medium", "severity"), ("Status", "accepted", "status"), ("Rule", "pending-too-long", "rule")],
)
def test_each_filter(small: Page, results: dict[str, Result], label: str, choice: str, key: str) -> None:
    expected = [one["object"] for one in results["small"]["findings"] if one[key] == choice]
    small.get_by_label(label, exact=True).select_option(choice)
    expect(rows(small)).to_have_count(len(expected))
    assert all(one in text for one, text in zip(expected, column(small, 4), strict=True))
    expect(small.locator("#shown")).to_have_attribute("aria-live", "polite")
    small.get_by_role("button", name="Clear").click()
    expect(rows(small)).to_have_count(19)
    expect(small.get_by_label("Text", exact=True)).to_be_focused()


def test_hostile_texts_are_texts(browser: Browser, pages: Path, results: dict[str, Result]) -> None:
    with opened(browser, pages / "hostile.html") as found:
        page = found.page
        expected = {
            REPLACED.sub("\ufffd", one["fingerprint"] + one["reason"]) for one in results["hostile"]["findings"]
        }
        shown = page.eval_on_selector_all(
            "#table tbody tr",
            "rows => rows.map(row => row.querySelector('dl div:last-child dd').textContent"
            " + row.querySelector('td:nth-child(5) p').textContent)",
        )
        assert set(shown) == expected
        named = bars(page, "Requests by status")
        assert list(named) == [REPLACED.sub("\ufffd", text) for text in HOSTILE]
        assert page.locator("h1, h2, header, main, footer, section, table").count() < 30
        for name in ("img", "iframe", "link", "base", "object", "[onerror]", "[onload]", "[style]"):
            assert page.locator(name).count() == 0, name
        assert page.locator("script").count() == page.locator("style").count() == 1
        # Sorting and filtering move nodes, and make no markup out of texts.
        page.get_by_label("Rule", exact=True).select_option(f"rule {HOSTILE[0]}")
        expect(rows(page)).to_have_count(1)
        page.get_by_role("button", name="Clear").click()
        page.get_by_role("columnheader", name="Reason").get_by_role("button").click()
        expect(rows(page)).to_have_count(len(HOSTILE))
        assert (found.dialogs, found.messages, len(found.requests)) == ([], [], 1)


def test_the_browser_runs_and_loads_nothing_that_was_slipped_in(browser: Browser, pages: Path, tmp_path: Path) -> None:
    text = (pages / "small.html").read_text(encoding="utf-8")
    slipped = (
        "<script>document.title = 'run'</script><img src='http://127.0.0.1:9/x.png' onerror='document.title = 1'>"
        "<p id=slipped style='color: red' onclick='document.title = 2'>x</p><style>h1 { display: none }</style>"
        "<script src='http://127.0.0.1:9/x.js'></script><link rel=stylesheet href='http://127.0.0.1:9/x.css'>"
    )
    file = tmp_path / "slipped.html"
    file.write_text(text.replace("</main>", f"</main>{slipped}"), encoding="utf-8")
    with opened(browser, file) as found:
        found.page.locator("#slipped").click()
        assert found.page.title() == "Smart card and certificate compliance"
        expect(found.page.locator("h1")).to_be_visible()
        assert found.page.evaluate("getComputedStyle(document.getElementById('slipped')).color") != "rgb(255, 0, 0)"
        refused = [message for message in found.messages if "Content Security Policy" in message]
        assert len(refused) >= 6
        # The page's own script is one that the policy allows.
        expect(found.page.locator("#filters")).to_be_visible()


@pytest.mark.parametrize(
    ("world", "scheme"),
    [("small", "light"), ("small", "dark"), ("hostile", "dark"), ("empty", "light")],
)
def test_it_is_accessible(browser: Browser, pages: Path, world: str, scheme: str) -> None:
    with opened(browser, pages / f"{world}.html", color_scheme=scheme) as found:
        found.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        report = Axe().run(found.page)
        assert report.violations_count == 0, report.generate_report()
        assert len(report.response["passes"]) > 15


@pytest.mark.parametrize("scheme", SCHEMES)
def test_themes(browser: Browser, pages: Path, scheme: str) -> None:
    other = {"light": "dark", "dark": "light"}[scheme]
    with opened(browser, pages / "small.html", color_scheme=scheme) as found:
        before = background(found.page)
        assert (min(before) > 200) if scheme == "light" else (max(before) < 60)
        found.page.get_by_role("button", name=f"{other.capitalize()} theme").click()
        after = background(found.page)
        assert (max(after) < 60) if scheme == "light" else (min(after) > 200)
        found.page.get_by_role("button", name=f"{scheme.capitalize()} theme").click()
        assert background(found.page) == before
        assert found.page.evaluate("document.cookie") == ""


def test_it_can_be_read_without_javascript(browser: Browser, pages: Path) -> None:
    with opened(browser, pages / "small.html", java_script_enabled=False) as found:
        assert rows(found.page).count() == 19
        expect(found.page.locator("#shown")).to_have_text("19 findings")
        expect(found.page.locator(".headline")).to_be_visible()
        for control in found.page.locator("button, input, select").all():
            expect(control).to_be_hidden()
        rows(found.page).first.locator("summary").click()
        expect(rows(found.page).first.locator("dl")).to_be_visible()


def test_it_prints_on_a_few_pages(small: Page) -> None:
    rows(small).first.locator("summary").click()
    small.get_by_label("Text", exact=True).fill("expired")
    printed = small.pdf(format="A4")
    # As a table: on a narrow screen each finding is a block of its own.
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 6
    expect(rows(small)).to_have_count(3)


def test_the_same_result_leaves_the_file_alone(pages: Path, results: dict[str, Result]) -> None:
    file = pages / "small.html"
    before = (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino)
    assert file.stat().st_mode & 0o777 == 0o600
    render(pages, {"small": results["small"]})
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_every_text_is_escaped_in_the_templates() -> None:
    """What is printed goes through the filter e last of all, or is made by one of the macros, which do the same.

    Left are the style sheet and the script, which hold no data, and the octets of their hashes.
    """
    macro = re.compile(r"(parts\.)?(number|counted|time|month|bars|columns|source|entry)\([^()]*(\([^()]*\))?[^()]*\)")
    own = {"styles", "script", "'%c' % (digest[start:start + 2] | int(base=16))"}
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html.j2")]
    printed = [part.strip() for text in texts for part in re.findall(r"\{\{-?(.*?)-?\}\}", text, re.DOTALL)]
    assert len(printed) > 60
    bare = [part for part in printed if not part.endswith("| e") and not macro.fullmatch(part)]
    assert sorted(set(bare)) == sorted(own)
    # An "e" in the middle of a condition would escape one half of it only.
    assert [part for part in printed if " if " in part and not re.fullmatch(r"\(.*\) \| e", part)] == []


@pytest.mark.parametrize(
    ("name", "width", "options", "media"),
    [
        ("light", 1280, {"color_scheme": "light"}, "screen"),
        ("dark", 1280, {"color_scheme": "dark"}, "screen"),
        ("narrow", 360, {"color_scheme": "light"}, "screen"),
        ("print", 900, {"color_scheme": "light"}, "print"),
    ],
)
def test_pictures_to_look_at(
    browser: Browser, pages: Path, name: str, width: int, options: dict[str, Any], media: str
) -> None:
    OUTPUT.mkdir(exist_ok=True)
    with opened(browser, pages / "small.html", width, **options) as found:
        found.page.emulate_media(media="print" if media == "print" else "screen")
        picture = found.page.screenshot(path=OUTPUT / f"compliance-{name}.png", full_page=True)
        assert len(picture) > 20_000
