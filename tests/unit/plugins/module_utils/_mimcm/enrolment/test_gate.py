# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pipeline is told: the verdict and the exit code."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import gate
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.enrolment.results import (
    ONE,
    THREE,
    TWO,
    enrolment,
    looked,
)


def test_other_exit_codes() -> None:
    assert gate(looked(timed_out=[ONE]), {}, 0, 3)["exit_code"] == 0
    assert gate(looked(rejected=[ONE]), {}, 0, 3)["exit_code"] == 3


def test_people_are_called_by_their_names_in_the_order_of_the_file() -> None:
    plan = {"enrolments": [enrolment("bruno", TWO), enrolment("alice", ONE)], "request_ids": [TWO, ONE, THREE]}
    found = gate(looked(reached=[ONE, THREE], rejected=[TWO]), plan, 75, 1)["requests"]
    assert [(item["name"], item["request_id"]) for item in found] == [("bruno", TWO), ("alice", ONE), (None, THREE)]
    assert "set generation: 2 for bruno" in found[0]["problem"]
