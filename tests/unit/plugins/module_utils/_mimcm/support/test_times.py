# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Spans of time."""

from __future__ import annotations

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import times


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30 * 86400), ("30d", 30 * 86400), (" +12h ", 43200), ("6W", 6 * 604800), ("90m", 5400), ("1.5d", 129600)],
)
def test_time_spans(text: str, seconds: float) -> None:
    assert times.duration(text, "expires_within").total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1y", "1d2h", "9999999", "nan"])
def test_what_is_no_time_span(text: str) -> None:
    with pytest.raises(errors.UsageError, match=r"expires_within: '.*' is not a duration"):
        times.duration(text, "expires_within")
