# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pipeline is told: the verdict, the exit code, and Markdown that shows any text as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.certops.mimcm.plugins.filter.mimcm_gate import FilterModule, mimcm_gate
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment import gate as gate_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import gate
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.markdown import (
    gate_markdown,
    plan_markdown,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.markdown import escaped, table

ONE, TWO, THREE = (f"11111111-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
GROUPS = {"reached": "Approved", "timed_out": "Pending", "rejected": "Denied", "missing": None}


def looked(**groups: list[str]) -> dict[str, Any]:
    """What mimcm_request_wait returns."""
    sorted_ids = {name: groups.get(name, []) for name in GROUPS}
    requests = [
        {
            "uuid": request_id,
            "status": GROUPS[name],
            "request_type": "Enroll",
            "target_user_uuid": "a",
            "profile_template_uuid": "t",
            "comment": None,
        }
        for name, ids in sorted_ids.items()
        for request_id in ids
        if GROUPS[name]
    ]
    wrong = [i for name, ids in sorted_ids.items() if name != "reached" for i in ids]
    return {**sorted_ids, "requests": requests, "problems": {i: f"Request {i} is not there yet." for i in wrong}}


def enrolment(name: str, request_id: str | None, outcome: str = "open", **given: Any) -> dict[str, Any]:
    return {
        "name": name,
        "target": "u",
        "profile_template": "Cards",
        "generation": 1,
        "action": "none",
        "outcome": outcome,
        "request_id": request_id,
        "status": None,
        "problem": None,
        **given,
    }


@pytest.mark.parametrize(
    ("groups", "verdict", "code"),
    [
        ({}, "reached", 0),
        ({"reached": [ONE]}, "reached", 0),
        ({"reached": [ONE], "timed_out": [TWO]}, "waiting", 75),
        ({"reached": [ONE], "timed_out": [TWO], "rejected": [THREE]}, "rejected", 1),
        ({"timed_out": [TWO], "missing": [THREE]}, "rejected", 1),
    ],
)
def test_what_decides(groups: Any, verdict: str, code: int) -> None:
    found = mimcm_gate(looked(**groups))
    assert (found["result"]["verdict"], found["result"]["exit_code"]) == (verdict, code)
    counts = found["result"]["counts"]
    assert counts["total"] == sum(counts.values()) - counts["total"] == len(found["result"]["requests"])
    json.dumps(found)


def test_other_exit_codes() -> None:
    assert gate(looked(timed_out=[ONE]), {}, 0, 3)["exit_code"] == 0
    assert gate(looked(rejected=[ONE]), {}, 0, 3)["exit_code"] == 3


def test_people_are_called_by_their_names_in_the_order_of_the_file() -> None:
    plan = {"enrolments": [enrolment("bruno", TWO), enrolment("alice", ONE)], "request_ids": [TWO, ONE, THREE]}
    found = gate(looked(reached=[ONE, THREE], rejected=[TWO]), plan, 75, 1)["requests"]
    assert [(item["name"], item["request_id"]) for item in found] == [("bruno", TWO), ("alice", ONE), (None, THREE)]
    assert "set generation: 2 for bruno" in found[0]["problem"]


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


def test_cells_and_tables() -> None:
    assert escaped(None) == ""
    assert escaped("a\r\n\tb") == "a b"
    assert table(("A",), []) == []
    assert table(("A", "B"), [("1", None)]) == ["| A | B |", "| --- | --- |", "| 1 |  |", ""]


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


@pytest.mark.parametrize("wrong", [None, [], {}, {"requests": []}])
def test_what_is_no_result_of_a_wait(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="needs the result of a task"):
        FilterModule().filters()["mimcm_gate"](wrong)


def test_what_is_no_plan() -> None:
    with pytest.raises(AnsibleFilterError, match="plan must be"):
        mimcm_gate(looked(), "plan")


def test_it_loads_no_http() -> None:
    """The filter is a pure function: requests alone would take longer to import than it takes to run."""
    root = Path(gate_module.__file__).parents[7]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *filter(None, sys.path)])}
    name = "ansible_collections.certops.mimcm.plugins.filter.mimcm_gate"
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", f"import {name}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert name in imported
    assert not {module for module in imported if module.partition(".")[0] in ("requests", "urllib3", "http", "ssl")}
    assert not {module for module in imported if "._mimcm.transport" in module or "._mimcm.api" in module}
