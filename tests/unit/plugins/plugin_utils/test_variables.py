# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common options from variables, of which only those that are used are evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.plugin_utils._variables import common_options

BROKEN = "{{ nothing of that name }}"
LOGIN = {"username", "password", "keytab", "ticket_cache", "token", "adfs_url", "grant_type", "client_id"}
LOGIN |= {"client_secret", "redirect_uri", "resource", "refresh_token"}


def evaluate(value: Any) -> Any:
    if value == BROKEN:
        raise LookupError(value)
    return {"{{ method }}": "token", "{{ omit }}": "left out", "{{ none }}": None}.get(value, value)


@pytest.mark.parametrize("option", COMMON_SPEC)
def test_a_variable_that_the_task_overrides_is_not_evaluated(option: str) -> None:
    variables = {f"mimcm_{option}": BROKEN}
    assert common_options(variables, evaluate, {option: "own"}) == {}
    with pytest.raises(LookupError):
        common_options(variables, evaluate, {})


@pytest.mark.parametrize(
    ("method", "used"),
    [
        ("none", set()),
        ("token", {"token"}),
        ("ntlm", {"username", "password"}),
        ("negotiate", {"username", "password", "keytab", "ticket_cache"}),
        ("kerberos", {"username", "password", "keytab", "ticket_cache"}),
        ("adfs", LOGIN),
        ("no such method", LOGIN),
    ],
)
def test_a_credential_that_the_method_does_not_use_is_not_evaluated(method: str, used: set[str]) -> None:
    variables = {f"mimcm_{option}": option if option in used else BROKEN for option in LOGIN}
    expected = {option: option for option in used}
    assert common_options(variables, evaluate, {"auth_method": method}) == expected
    assert common_options({**variables, "mimcm_auth_method": method}, evaluate, {}) == {
        "auth_method": method,
        **expected,
    }


def test_without_a_stated_method_all_are_evaluated() -> None:
    """The method may come from the environment of another host."""
    assert common_options({"mimcm_token": "t", "mimcm_password": "p"}, evaluate, {}) == {"token": "t", "password": "p"}


def test_the_method_is_evaluated_first() -> None:
    variables = {"mimcm_password": BROKEN, "mimcm_token": "t", "mimcm_auth_method": "{{ method }}"}
    assert common_options(variables, evaluate, {}) == {"auth_method": "token", "token": "t"}


def test_a_variable_that_is_left_out_or_null_is_not_set() -> None:
    variables = {"mimcm_url": "{{ omit }}", "mimcm_token": "{{ none }}", "mimcm_ca_path": None, "omit": "left out"}
    assert common_options(variables, evaluate, {}) == {}
