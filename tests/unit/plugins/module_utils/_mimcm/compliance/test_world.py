# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that rules are about, with their ages."""

from __future__ import annotations

import datetime

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance import findings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import read_policy
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import unread_times, with_ages
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import REQUEST


def test_times_and_statuses_that_are_not_understood_are_told() -> None:
    requests_ = [
        {**REQUEST.empty(), "uuid": "1", "status": "Pending", "status_code": 16, "request_type": "Enroll"},
        {**REQUEST.empty(), "uuid": "2", "status": None, "status_code": None, "request_type": "Enroll"},
    ]
    world = with_ages({"request": requests_}, datetime.datetime.now(datetime.timezone.utc))
    (warning,) = unread_times(world)
    assert warning.endswith("so no age rule applies to them: 1.")
    rules = [rule for rule in read_policy({}) if rule.id == "unknown-request-status"]
    assert [one["object"] for one in findings.evaluate(rules, world)] == ["2"]
