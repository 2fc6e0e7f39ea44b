# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action shell does by itself; whole tasks are run by the integration targets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.modules import mimcm_request_info, mimcm_smartcard_pin
from ansible_collections.certops.mimcm.plugins.plugin_utils import _action_shell as action_shell
from ansible_collections.certops.mimcm.plugins.plugin_utils._action_shell import ActionShell

PIN = "0073-5ecret"


def test_a_success_is_hidden_and_a_failure_is_shown_without_raw_output() -> None:
    result = {"pin": PIN, "changed": False}
    assert action_shell._hidden(result) == {**result, "_ansible_no_log": True}
    failure = {"failed": True, "msg": "sorry", "module_stdout": PIN, "module_stderr": PIN, "exception": PIN}
    assert action_shell._hidden(failure) == {"failed": True, "msg": "sorry"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "missing required arguments: url"),
        (
            {"url": "x", "colour": "red"},
            r"Unsupported parameters for \(certops.mimcm.mimcm_request_info\) module: colour",
        ),
        ({"url": "x", "status": "Lost"}, "value of status must be one of: Pending"),
        ({"url": "x", "timeout": "soon"}, "timeout"),
    ],
)
def test_refused_arguments(given: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIMCM_URL", raising=False)
    validated = ArgumentSpecValidator(mimcm_request_info.ARGUMENT_SPEC).validate(given)
    with pytest.raises(AssertionError, match=says):
        raise AssertionError(action_shell._refused("mimcm_request_info", validated.errors)["msg"])


@pytest.mark.parametrize(
    ("given", "module"),
    [
        ({}, False),
        ({"dest": "/x"}, False),
        ({"dest": "/x", "mode": 0o600}, False),
        ({"dest": "/x", "mode": "u=rw"}, True),
        ({"dest": "/x", "owner": "alice"}, True),
        ({"dest": "/x", "attributes": "+i"}, True),
        ({"dest": "/x", "setype": "user_home_t"}, True),
        ({"owner": "alice", "mode": "u=rw"}, False),
    ],
)
def test_file_options_that_need_a_module(given: dict[str, Any], module: bool) -> None:
    spec = mimcm_smartcard_pin.ARGUMENT_SPEC
    arguments = {"url": "https://cm", "smartcard_id": "x", **given}
    params = ArgumentSpecValidator(spec).validate(arguments).validated_parameters
    assert (mimcm_smartcard_pin.needs_module(params) is not None) == module


def test_only_the_pin_module_returns_a_secret() -> None:
    assert mimcm_smartcard_pin.RETURNS_SECRET
    assert not hasattr(mimcm_request_info, "RETURNS_SECRET")
    assert ActionShell._supports_check_mode
