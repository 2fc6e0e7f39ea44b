# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The statuses of a request."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import lifecycle


def test_every_choice_is_a_status() -> None:
    assert set(lifecycle.STATUS_CHOICES) == set(lifecycle.REQUEST_STATUS.values()) - {"None"}
    assert set(lifecycle.STATUS_FILTERS) == set(lifecycle.REQUEST_STATUS.values())
