# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common options as Ansible is told of them."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
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


@pytest.mark.parametrize("option", COMMON_SPEC)
def test_an_empty_variable_of_the_environment_is_not_set(option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in COMMON_SPEC:
        monkeypatch.delenv(f"MIMCM_{name.upper()}", raising=False)
    monkeypatch.setenv(f"MIMCM_{option.upper()}", "")
    given = {} if option == "url" else {"url": "https://x"}
    validated = ArgumentSpecValidator(COMMON_SPEC).validate(given)
    assert validated.error_messages == (["missing required arguments: url"] if option == "url" else [])
    assert validated.validated_parameters.get(option) == COMMON_SPEC[option].get("default")


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("MIMCM_RETRIES", "abc", "a whole number"),
        ("MIMCM_MAX_CONNECTIONS", "1.5", "a whole number"),
        ("MIMCM_TIMEOUT", "30s", "a number"),
        ("MIMCM_USE_PROXY", "maybe", "true or false"),
        ("MIMCM_VALIDATE_CERTS", " ", "true or false"),
        ("MIMCM_AUTH_METHOD", "basic", "one of negotiate, kerberos, ntlm, adfs, token, none"),
        ("MIMCM_GRANT_TYPE", "implicit", "one of authorization_code, "),
    ],
)
def test_a_wrong_variable_of_the_environment_is_named(
    name: str, value: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"^The environment variable {name} must be {wanted}"):
        ArgumentSpecValidator(COMMON_SPEC).validate({"url": "https://x"})
    option = name.removeprefix("MIMCM_").lower()
    overridden = {"url": "https://x", option: COMMON_SPEC[option]["default"]}
    assert ArgumentSpecValidator(COMMON_SPEC).validate(overridden).error_messages == []
