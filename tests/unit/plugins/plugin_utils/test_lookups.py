# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The glue of the lookups; what they return is tested by the integration targets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleLookupError

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.plugin_utils._lookups import ids_of, run_lookup
from ansible_collections.certops.mimcm.tests.unit.helpers import params


@pytest.mark.parametrize(
    ("terms", "ids"), [([], []), (["a", "b"], ["a", "b"]), ([["a", "b"], "c"], ["a", "b", "c"]), ([[]], [])]
)
def test_terms(terms: list[Any], ids: list[str]) -> None:
    assert ids_of(terms) == ids


def test_a_failure_is_ansibles_error_with_the_sentence() -> None:
    def run(client: Any, params: Any, check_mode: bool) -> dict[str, Any]:
        raise UsageError("It is wrong")

    with pytest.raises(AnsibleLookupError, match=r"^x: It is wrong\."):
        run_lookup("x", run, params(url="https://127.0.0.1:1", auth_method="none"))
