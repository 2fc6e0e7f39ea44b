# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mimcm_request_wait and mimcm_enrolments return."""

from __future__ import annotations

from typing import Any

ONE, TWO, THREE = (f"11111111-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
GROUPS = {"reached": "Approved", "timed_out": "Pending", "rejected": "Denied", "missing": None, "unreadable": None}


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
