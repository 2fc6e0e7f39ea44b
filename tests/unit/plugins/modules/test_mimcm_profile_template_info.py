# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_profile_template_info: look-ups, policies, and the key that is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import shapes
from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_profile_template_info,
)
from ansible_collections.certops.mimcm.tests.unit.helpers import run
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.cards import CARD

TEMPLATE = "97cd65fa-af4b-4587-9309-0dd6bfd8b4e1"
KEY = "00112233445566778899aabbccddeeff0011223344556677"


def templates(reply: Any, known: bool = True, configuration: Any = None) -> Any:
    """A server that lists one profile template, and answers 404 for single ones if it does not know that route."""
    template = {"Uuid": TEMPLATE.upper(), "Name": "Web", "IsSmartcardProfileTemplate": True}
    answers = {
        "/profiletemplates": template,
        f"/profiletemplates/{TEMPLATE}": template if known else None,
        f"/profiletemplates/{TEMPLATE}/configuration/smartcards": configuration
        or {"DefaultAdminKeyHex": KEY, "UserPinOption": 1},
        "/requests": [],
    }

    def script(call: Any) -> Any:
        found = answers.get(call.path.partition("/v1.0")[2])
        return reply(b"", status=404) if found is None else reply(found)

    return script


@pytest.mark.parametrize("known", [True, False])
def test_a_template_by_id_with_or_without_its_route(scripted: Any, reply: Any, known: bool) -> None:
    scripted.script = templates(reply, known)
    result = run(mimcm_profile_template_info, scripted, ids=[TEMPLATE, CARD])
    assert [item["name"] for item in result["profile_templates"]] == ["Web"]
    assert result["missing"] == [CARD]


def test_the_admin_key_is_left_out_unless_asked_for(scripted: Any, reply: Any) -> None:
    scripted.script = templates(reply)
    without = run(mimcm_profile_template_info, scripted, name="Web", smartcard_configuration=True)
    assert without["profile_templates"][0]["smartcard_configuration"]["user_pin_option"] == 1
    assert KEY not in str(without)
    with_key = run(mimcm_profile_template_info, scripted, name="Web", include_admin_key=True)
    assert with_key["profile_templates"][0]["smartcard_configuration"]["default_admin_key_hex"] == KEY


@pytest.mark.parametrize("name", ["DefaultAdminKeyHex", "AdminPinPolicy", "CardInitializationData"])
@pytest.mark.parametrize(
    "written", [str, str.lower, str.upper, shapes.snake_case, lambda name: name[0].lower() + name[1:]]
)
@pytest.mark.parametrize("value", [KEY, {"AdminPin": KEY}, [{"Data": [KEY]}]])
def test_what_may_hold_a_secret_is_left_out_unless_asked_for(
    scripted: Any, reply: Any, name: str, written: Callable[[str], str], value: Any
) -> None:
    inner = {"Kept": 2, written(name): value}
    scripted.script = templates(reply, configuration={**inner, "CardInitializationType": "Server", "More": [inner]})
    without = run(mimcm_profile_template_info, scripted, name="Web", smartcard_configuration=True)
    shown = without["profile_templates"][0]["smartcard_configuration"]
    assert (shown["card_initialization_type"], shown["kept"], shown["more"]) == ("Server", 2, [{"kept": 2}])
    assert KEY not in str(without)
    with_key = run(mimcm_profile_template_info, scripted, name="Web", include_admin_key=True)
    assert str(with_key).count(KEY) == 2


@pytest.mark.parametrize(
    ("given", "count"), [(["enroll", "Unblock", "Enroll"], 2), ("all", 12), (True, 12), ([], 0), (False, 0)]
)
def test_policies_by_type_or_all(scripted: Any, reply: Any, given: Any, count: int) -> None:
    scripted.script = templates(reply)
    (found,) = run(mimcm_profile_template_info, scripted, name="Web", policies=given)["profile_templates"]
    assert len(found.get("policies", {})) == count


def test_a_wrong_type_of_policy_is_told(scripted: Any) -> None:
    result = run(mimcm_profile_template_info, scripted, policies=["Enrol"])
    assert "policies: 'Enrol' is not a type of workflow policy; use Enroll" in result["msg"]
    assert scripted.calls == []


def test_names_are_exact(scripted: Any, reply: Any) -> None:
    scripted.script = templates(reply)
    assert run(mimcm_profile_template_info, scripted, name="We")["count"] == 0
