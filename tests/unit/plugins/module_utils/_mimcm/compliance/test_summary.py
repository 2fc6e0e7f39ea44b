# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers of a report."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance import summary
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import with_ages


def test_an_end_that_no_calendar_has() -> None:
    certificate = {"not_after": "9999-12-31T23:59:59.9999999-08:00", "template_common_name": "x"}
    now = datetime.datetime.now(datetime.timezone.utc)
    aged = with_ages({"request": [], "certificate": [certificate]}, now)
    assert summary.summary(aged, [], [], now)["certificates"]["expiry"][-1]["count"] == 1


@pytest.mark.parametrize(
    ("age", "label"),
    [(0, "up to 1 day"), (1.01, "1 to 7 days"), (7, "1 to 7 days"), (30.5, "30 to 90 days"), (91, "over 90 days")],
)
def test_ages(age: float, label: str) -> None:
    request = {"status": "Pending", "request_type": "Enroll", "open": True, "age_days": age}
    found = summary.summary({"request": [request]}, [], [], datetime.datetime(2026, 11, 25))
    assert [entry["label"] for entry in found["requests"]["ages"] if entry["count"]] == [label]


def test_the_months_of_expiry_go_over_the_years_end() -> None:
    now = datetime.datetime(2026, 11, 25, tzinfo=datetime.timezone.utc)
    ends = ["2026-11-24T00:00:00Z", "2026-11-26T00:00:00Z", "2027-10-31T23:59:59Z", "2027-11-01T00:00:00Z", None, "x"]
    certificates = [{"not_after": end, "template_common_name": None} for end in ends]
    world = with_ages({"request": [], "certificate": certificates}, now)
    found = summary.summary(world, [], [], now)["certificates"]["expiry"]
    assert len(found) == 15
    assert {entry["label"]: entry["count"] for entry in found if entry["count"]} == {
        "expired": 1,
        "2026-11": 1,
        "2027-10": 1,
        "later": 1,
        "not known": 2,
    }
