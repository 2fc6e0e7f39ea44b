# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results are searched for secrets as a text first: what comes out is what Ansible's own search makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.parameters import remove_values
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.certops.mimcm.plugins.plugin_utils import _action_shell as action_shell

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
SECRETS = st.sets(st.text(min_size=1, max_size=4), max_size=2)


@given(tree=TREES, secrets=SECRETS)
@example(tree=['a "quoted" \\ back\nslash'], secrets={'"quoted" \\ back\n'})
@example(tree={"deep": [{"number": 736214985}]}, secrets={"6214"})
@example(tree=[True, None, False], secrets={"ru"})
@example(tree=[1e22, 1.5], secrets={"e+22"})
@example(tree=["stra\u00dfe \U0001f600"], secrets={"\u00dfe \U0001f600"})
def test_what_comes_out_is_what_ansible_makes_of_it(tree: Any, secrets: set[str]) -> None:
    result = {"changed": False, "found": tree}
    assert action_shell._without(result, secrets) == remove_values(result, secrets)


def test_a_result_without_a_secret_is_not_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_shell, "remove_values", lambda *given: pytest.fail("it was"))
    result = {"requests": [{"comment": "nothing", "priority": 0}]}
    assert action_shell._without(result, {"hunter2", "0042-0042"}) is result
