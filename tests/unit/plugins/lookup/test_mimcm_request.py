# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup mimcm_request."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.certops.mimcm.plugins.lookup import mimcm_request


def test_what_is_missing_fails_by_default_only() -> None:
    with pytest.raises(
        AnsibleLookupError, match="a, b do not exist on the server, or the account may not read it; check the id"
    ):
        mimcm_request._report_missing(["a", "b"], "error")
    mimcm_request._report_missing(["a", "b"], "skip")
