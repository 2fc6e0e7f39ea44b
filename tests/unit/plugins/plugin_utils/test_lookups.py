# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The glue of the lookups; what they return is tested by the integration targets."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml
from ansible import constants as C
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.certops.mimcm.plugins.doc_fragments import auth, connection
from ansible_collections.certops.mimcm.plugins.lookup.mimcm_request import LookupModule
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.plugin_utils._lookups import ids_of, options_of, run_lookup
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


@pytest.fixture
def lookup(monkeypatch: pytest.MonkeyPatch) -> LookupModule:
    """A lookup with the common options as they are documented, and none of their variables in the environment."""
    for option in COMMON_SPEC:
        monkeypatch.delenv(f"MIMCM_{option.upper()}", raising=False)
    documented: dict[str, Any] = {}
    for fragment in (connection, auth):
        own = yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"]
        added = yaml.safe_load(fragment.ModuleDocFragment.PLUGINS)["options"]
        documented.update({option: {**text, **added[option]} for option, text in own.items()})
    C.config.initialize_plugin_configuration_definitions("lookup", "certops.mimcm.mimcm_request", documented)
    found = LookupModule(loader=DataLoader(), templar=Templar(loader=DataLoader()))
    found._load_name = "certops.mimcm.mimcm_request"
    return found


@pytest.mark.parametrize("option", sorted(set(COMMON_SPEC) - {"url"}))
def test_an_empty_variable_of_the_environment_is_not_set(
    option: str, lookup: LookupModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MIMCM_{option.upper()}", "")
    assert options_of(lookup, {}, {"url": "https://x"})[option] == COMMON_SPEC[option].get("default")
    assert os.environ[f"MIMCM_{option.upper()}"] == ""


def test_an_empty_address_is_missing(lookup: LookupModule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIMCM_URL", "")
    with pytest.raises(AnsibleError, match="equired"):
        options_of(lookup, {}, {})


@pytest.mark.parametrize("name", ["MIMCM_RETRIES", "MIMCM_TIMEOUT", "MIMCM_VALIDATE_CERTS", "MIMCM_AUTH_METHOD"])
def test_a_wrong_variable_of_the_environment_is_named(
    name: str, lookup: LookupModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "perhaps")
    with pytest.raises(AnsibleLookupError, match=f"The environment variable {name} must be "):
        options_of(lookup, {}, {"url": "https://x"})
    option = name.removeprefix("MIMCM_").lower()
    default = COMMON_SPEC[option]["default"]
    assert options_of(lookup, {f"mimcm_{option}": default}, {"url": "https://x"})[option] == default


def test_a_variable_of_the_environment_counts(lookup: LookupModule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIMCM_RETRIES", "7")
    monkeypatch.setenv("MIMCM_USERNAME", "0042")
    found = options_of(lookup, {}, {"url": "https://x"})
    assert (found["retries"], found["username"]) == (7, "0042")
