# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request held against a workflow policy, of which the reference names the properties only."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import shapes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request import workflow_policy

OPEN = {"Enabled": True, "CollectComments": True, "CollectRequestPriority": True, "PolicyDataCollection": []}


def objections(wire: dict[str, Any], **given: Any) -> list[str]:
    found = shapes.shaped({**OPEN, **wire}, shapes.POLICY)
    request = {"data_collection": {}, "comment": "", "priority": None, **given}
    return workflow_policy.objections(found, request["data_collection"], request["comment"], request["priority"])


def test_nothing_against_it() -> None:
    assert objections({}, comment="c", priority=1) == []


@pytest.mark.parametrize("wire", [{"Enabled": None}, {"CollectComments": None}, {"PolicyDataCollection": None}])
def test_what_the_server_does_not_say_is_no_objection(wire: dict[str, Any]) -> None:
    assert objections(wire, comment="c", priority=1, data_collection={"City": "Seattle"}) == []


def test_a_disabled_workflow() -> None:
    (text,) = objections({"Enabled": False})
    assert "disabled" in text


@pytest.mark.parametrize("name", ["DataCollection", "datacollection", "PolicyDataCollection"])
@pytest.mark.parametrize("items", [[{"Name": "City"}], {"Name": "City"}, ["City"], "City"])
def test_the_items_under_either_name(name: str, items: Any) -> None:
    given = {key: value for key, value in OPEN.items() if key != "PolicyDataCollection"}
    for wire in (given, OPEN, {**given, "PolicyDataCollection": None}):
        found = shapes.policy({**wire, name: items})
        (text,) = workflow_policy.objections(found, {}, "", None)
        assert "'City'" in text
        assert workflow_policy.objections(found, {"City": "Bern"}, "", None) == []
        assert len(found["policy_data_collection"]) == 1


def test_an_item_that_stands_under_both_names_is_named_once() -> None:
    wire = {**OPEN, "PolicyDataCollection": [{"Name": "City"}], "DataCollection": [{"Name": "city", "Type": 0}, "Site"]}
    (text,) = workflow_policy.objections(shapes.policy(wire), {}, "", None)
    assert "items 'City', 'Site';" in text


@pytest.mark.parametrize(
    "item",
    [
        {"Name": "City"},
        {"name": "City", "required": True},
        {"Name": "City", "IsRequired": "true", "DefaultValue": ""},
        {"Name": "City", "Value": None},
        {"Field": "City", "Mandatory": 1},
        "City",
    ],
)
def test_a_missing_item_is_named_with_how_to_pass_it(item: Any) -> None:
    (text,) = objections({"PolicyDataCollection": [item]})
    assert "'City'" in text
    assert "data_collection: {City: ...}" in text
    assert objections({"PolicyDataCollection": [item]}, data_collection={"city": "Seattle"}) == []
    assert objections({"PolicyDataCollection": [item]}, data_collection={"City": ""})


@pytest.mark.parametrize(
    "item",
    [
        {"Name": "City", "Required": False},
        {"Name": "City", "IsRequired": "False"},
        {"Name": "City", "Required": True, "DefaultValue": "Seattle"},
        {"Nothing": "known"},
        5,
        None,
    ],
)
def test_what_need_not_be_given(item: Any) -> None:
    assert objections({"PolicyDataCollection": [item]}) == []


def test_everything_is_told_at_once() -> None:
    texts = objections(
        {"CollectComments": False, "CollectRequestPriority": False, "PolicyDataCollection": ["City", "Street"]},
        comment="c",
        priority=0,
        data_collection={"Town": "x"},
    )
    assert len(texts) == 4
    assert "'City', 'Street'" in texts[0]
    assert "does not collect 'Town'" in texts[1]
    assert "leave comment out" in texts[2]
    assert "leave priority out" in texts[3]
