# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common options as Ansible is told of them."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC


def test_every_common_option_has_its_environment_variable() -> None:
    for name, spec in COMMON_SPEC.items():
        assert spec["fallback"][1] == [f"MIMCM_{name.upper()}"]


def test_the_variables_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"url": "https://x", "timeout": "7.5", "validate_certs": "no", "retries": "0", "use_proxy": "false"}
    for name, value in given.items():
        monkeypatch.setenv(f"MIMCM_{name.upper()}", value)
    validated = ArgumentSpecValidator(COMMON_SPEC).validate({})
    assert validated.error_messages == []
    found = validated.validated_parameters
    assert {name: found[name] for name in given} == {
        "url": "https://x",
        "timeout": 7.5,
        "validate_certs": False,
        "retries": 0,
        "use_proxy": False,
    }


def test_secret_options_are_not_logged() -> None:
    assert COMMON_SPEC["password"]["no_log"]
    assert COMMON_SPEC["token"]["no_log"]
