# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter mimcm_gate: the verdict and the exit code that a pipeline is told."""

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
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.enrolment.results import (
    ONE,
    THREE,
    TWO,
    looked,
)


@pytest.mark.parametrize(
    ("groups", "verdict", "code"),
    [
        ({}, "reached", 0),
        ({"reached": [ONE]}, "reached", 0),
        ({"reached": [ONE], "timed_out": [TWO]}, "waiting", 75),
        ({"reached": [ONE], "timed_out": [TWO], "rejected": [THREE]}, "rejected", 1),
        ({"timed_out": [TWO], "missing": [THREE]}, "rejected", 1),
        ({"timed_out": [TWO], "unreadable": [THREE]}, "rejected", 1),
    ],
)
def test_what_decides(groups: Any, verdict: str, code: int) -> None:
    found = mimcm_gate(looked(**groups))
    assert (found["result"]["verdict"], found["result"]["exit_code"]) == (verdict, code)
    counts = found["result"]["counts"]
    assert counts["total"] == sum(counts.values()) - counts["total"] == len(found["result"]["requests"])
    json.dumps(found)


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
