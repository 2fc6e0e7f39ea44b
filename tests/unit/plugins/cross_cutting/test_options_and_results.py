# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of options and results are those of the argument specs and of the documentation."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import shapes, types
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import FileFacts
from ansible_collections.certops.mimcm.tests.unit.helpers import MODULES, load

# What the action plugin carries out on the controller, so the module does not read it.
ON_THE_CONTROLLER = {"mimcm_request_gate": {"plan_file", "folder"}}
# A module with a single option reads it where it needs it.
WITHOUT_OPTIONS = {"mimcm_certificate_request_info", "mimcm_login", "mimcm_ping"}


@pytest.mark.parametrize("name", sorted(set(MODULES) - WITHOUT_OPTIONS))
def test_the_options_are_those_of_the_argument_spec(name: str) -> None:
    module = load("modules", name)
    fields = {field.name for field in dataclasses.fields(module.Options)}
    by_ansible = set(FILE_COMMON_ARGUMENTS) - {"mode"}
    own = set(module.ARGUMENT_SPEC) - set(COMMON_SPEC) - by_ansible - ON_THE_CONTROLLER.get(name, set())
    assert fields == own
    assert module.Options.__dataclass_params__.frozen


@pytest.mark.parametrize("name", sorted(WITHOUT_OPTIONS))
def test_modules_without_options_have_one_at_most(name: str) -> None:
    assert len(set(load("modules", name).ARGUMENT_SPEC) - set(COMMON_SPEC)) <= 1


@pytest.mark.parametrize("name", MODULES)
def test_the_results_are_those_of_the_documentation(name: str) -> None:
    module = load("modules", name)
    result = getattr(module, "Result", None) or module.WaitResult
    anywhere = set(Returned.__annotations__) | set(FileFacts.__annotations__)
    documented = set(yaml.safe_load(module.RETURN)) - anywhere
    assert set(result.__annotations__) - anywhere == documented


SHAPES: dict[str, Any] = {
    "Request": shapes.REQUEST,
    "Smartcard": shapes.SMARTCARD,
    "Profile": shapes.PROFILE,
    "ProfileTemplate": shapes.PROFILE_TEMPLATE,
    "WorkflowPolicy": shapes.POLICY,
    "SmartcardConfiguration": shapes.SMARTCARD_CONFIGURATION,
    "Certificate": shapes.CERTIFICATE,
    "GenerationOptions": shapes.GENERATION_OPTIONS,
    "IssuedCertificate": shapes.ISSUED_CERTIFICATE,
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_type_has_the_keys_of_its_shape(name: str) -> None:
    shape, keys = SHAPES[name], set(getattr(types, name).__annotations__)
    # Taken out of the serial number.
    beside = {"card_id"} if name == "Smartcard" else set()
    assert keys - beside == set(shape.empty()) | {f"{key}_code" for key in shape.enums}
    assert beside <= keys


def test_options_are_read_by_their_names() -> None:
    @dataclasses.dataclass(frozen=True)
    class Options:
        status: str
        count: int

    assert own_options(Options, {"status": "Pending", "count": 3, "url": "x"}) == Options("Pending", 3)
    with pytest.raises(KeyError):
        own_options(Options, {"status": "Pending"})
