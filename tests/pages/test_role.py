# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role compliance_report as a whole, against the reference server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SIMULATOR = Path(__file__).resolve().parents[1] / "simulator"
sys.path.insert(0, str(SIMULATOR))

from mimcm_pages.browser import opened, program
from mimcm_pages.rendering import play
from mimcm_simulator.launch import Running, running
from playwright.sync_api import Browser

PLAY = """---
- name: Look at everything
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    mimcm_auth_method: none
    compliance_report_folder: "{{ folder }}/out"
  roles:
    - role: certops.mimcm.compliance_report
"""
FILES = ["findings.csv", "junit.xml", "report.html", "report.json", "report.sarif"]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running("--no-documented", "--scenario", str(SIMULATOR / "scenarios" / "audit.yml")) as found:
        yield found


def check(folder: Path, server: Running, *options: str, failing: bool = False, **variables: Any) -> str:
    given = json.dumps({"mimcm_url": server.origin, **variables})
    return play(folder, PLAY, "-e", given, *options, failing=failing)


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted((folder / "out").iterdir())}


@pytest.mark.skipif(program() is None, reason="the package chromium is missing")
def test_an_unchanged_world_leaves_unchanged_files(browser: Browser, tmp_path: Path, server: Running) -> None:
    assert " changed=1 " in check(tmp_path, server, compliance_report_title="What <b>Contoso</b> has")
    before = state(tmp_path)
    assert list(before) == FILES
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    assert " changed=0 " in check(tmp_path, server, compliance_report_title="What <b>Contoso</b> has")
    assert state(tmp_path) == before
    record = json.loads(before["report.json"][0])
    with opened(browser, tmp_path / "out" / "report.html") as found:
        assert found.page.locator("#table tbody tr").count() == len(record["findings"]) > 5
        assert found.page.locator(".rules tbody tr").count() == len(record["rules"])
        assert found.page.locator("h1").inner_text() == "What <b>Contoso</b> has"
        assert found.page.locator(".where").inner_text() == record["server"] == server.url
        assert (found.messages, found.dialogs, len(found.requests)) == ([], [], 1)


def test_a_failing_check_leaves_its_page(tmp_path: Path, server: Running) -> None:
    chosen: dict[str, Any] = {"compliance_report_junit": "", "compliance_report_sarif": "", "compliance_report_csv": ""}
    printed = check(tmp_path, server, failing=True, compliance_report_fail_on="medium", **chosen)
    assert "failed=1 " in printed
    assert "not accepted" in printed
    assert list(state(tmp_path)) == ["report.html", "report.json"]
    assert "so severe that the check failed." in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    # What was found before is a baseline: nothing fails any more.
    (tmp_path / "out" / "report.json").rename(tmp_path / "accepted.json")
    chosen |= {"compliance_report_baseline": str(tmp_path / "accepted.json"), "compliance_report_html": ""}
    (tmp_path / "out" / "report.html").unlink()
    check(tmp_path, server, compliance_report_fail_on="info", **chosen)
    assert list(state(tmp_path)) == ["report.json"]


def test_a_run_as_a_check_writes_nothing(tmp_path: Path, server: Running) -> None:
    assert " changed=1 " in check(tmp_path, server, "--check", "--diff")
    assert not (tmp_path / "out").exists()


def test_a_server_that_does_not_answer_leaves_no_page(tmp_path: Path) -> None:
    printed = play(tmp_path, PLAY, "-e", '{"mimcm_url": "http://127.0.0.1:9", "mimcm_retries": 0}', failing=True)
    assert "unreachable=0" in printed
    assert list(state(tmp_path)) == []
