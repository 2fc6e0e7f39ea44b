# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ends of certificates."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import shapes, validity


@pytest.mark.parametrize(
    ("end", "expired", "days"),
    [
        ("2026-01-31T00:00:00Z", False, 30),
        ("2026-01-01T23:59:59.1234567Z", False, 0),
        ("2026-01-01T00:00:00Z", True, 0),
        ("2025-12-31T12:00:00.5", True, -1),
        (None, None, None),
        ("0001-01-01T00:00:00", None, None),
        ("tomorrow", None, None),
        (5, None, None),
    ],
)
def test_ends(end: str | None, expired: bool | None, days: int | None) -> None:
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
    certificate = shapes.shaped({"Thumbprint": "AB", "NotAfter": end}, shapes.CERTIFICATE)
    found = validity.with_expiry(certificate, now)
    assert (found["expired"], found["days_left"]) == (expired, days)


def test_ends_are_joined_by_thumbprint() -> None:
    own = shapes.all_shaped(
        [{"Thumbprint": "AB CD", "NotAfter": "2026-01-01T00:00:00", "Issuer": "CA"}], shapes.CERTIFICATE
    )
    held = shapes.all_shaped([{"Thumbprint": "abcd"}, {"Thumbprint": "0000"}, {}], shapes.CERTIFICATE)
    own += shapes.all_shaped([{"NotAfter": "2027-01-01T00:00:00"}], shapes.CERTIFICATE)
    found = validity.joined(held, own)
    assert [item["not_after"] for item in found] == ["2026-01-01T00:00:00Z", None, None]
    assert found[0]["issuer"] == "CA"
    assert found[0]["thumbprint"] == "abcd"
