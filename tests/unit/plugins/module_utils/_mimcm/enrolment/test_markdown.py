# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts and plans in Markdown, which shows any text as it is."""

from __future__ import annotations

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import gate
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.markdown import (
    gate_markdown,
    plan_markdown,
)
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.enrolment.results import (
    ONE,
    TWO,
    enrolment,
    looked,
)


@pytest.mark.parametrize(("outcome", "verdict"), [("open", "waiting"), ("failed", "rejected")])
def test_those_without_a_request(outcome: str, verdict: str) -> None:
    plan = {"enrolments": [enrolment("alice", None, outcome)], "request_ids": []}
    found = gate(looked(), plan, 75, 1)
    assert found["verdict"] == verdict
    assert "run the apply step" in gate_markdown(found)


def test_any_text_is_shown_as_it_is() -> None:
    name = "A|b\n<img src=x onerror=alert(1)> `c` *d* [e](http://f) & \\|"
    plan = {"enrolments": [enrolment(name, ONE)], "request_ids": [ONE]}
    lines = gate_markdown(gate(looked(timed_out=[ONE]), plan, 75, 1)).splitlines()
    (row,) = [line for line in lines if ONE in line]
    assert "<" not in row
    assert r"A\|b &lt;img src=x" in row
    assert r"\[e\](http://f) &amp; \\\|" in row
    assert row.replace("\\\\", "").replace("\\|", "").count("|") == 8


def test_a_plan_in_markdown() -> None:
    summary = dict.fromkeys(("create", "cancel", "revoke", "report", "failed"), 0)
    result = {"enrolments": [], "removed": [], "summary": summary}
    assert "Nothing would change." in plan_markdown(result, "staff", True)
    assert "Nothing was changed." in plan_markdown(result, "staff", False)
    removal = {
        "target": "u",
        "profile_template_uuid": "t",
        "status": "Completed",
        "action": "report",
        "request_id": ONE,
        "revocation_id": None,
        "problem": None,
    }
    result |= {
        "removed": [removal, {**removal, "action": "none", "request_id": TWO}],
        "summary": {**summary, "create": 2, "report": 1, "failed": 1},
        "enrolments": [enrolment("alice", ONE, "rejected")],
    }
    text = plan_markdown(result, "staff", True)
    assert (
        "2 would be created. Already requested: 1 rejected. 1 would fail. 1 request of removed people left unchanged."
        in text
    )
    assert "### Removed" in text
    assert TWO not in text
