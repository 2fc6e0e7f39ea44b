# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests as users see them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import InvalidAnswer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import lifecycle, request_lists, shapes, values
from ansible_collections.certops.mimcm.tests.unit.helpers import examples

GUID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


def documented() -> list[dict[str, Any]]:
    found = []
    for page in ("get-request", "cancel-abandon-complete-request"):
        found += [example["response"]["json"] for example in examples(page)]
    assert len(found) == 3
    return found


@pytest.mark.parametrize("wire", documented(), ids=lambda wire: f"{wire['Uuid'][:8]}-{wire['Status']}")
def test_documented_requests(wire: dict[str, Any]) -> None:
    seen = shapes.request(wire)
    assert set(seen) == {shapes.snake_case(name) for name in wire} | {"status_code", "request_type_code"}
    assert seen["uuid"] == wire["Uuid"]
    assert (seen["status"], seen["status_code"]) == (lifecycle.REQUEST_STATUS[wire["Status"]], wire["Status"])
    assert seen["request_type"] == {1: "Enroll", 5: "Unblock"}[wire["RequestType"]]
    assert seen["completed"] == (None if wire["Completed"].startswith("0001") else wire["Completed"])
    assert seen["old_profile_uuid"] == (None if wire["OldProfileUuid"] == values.NO_GUID else wire["OldProfileUuid"])
    assert seen["security_descriptor"] == wire["SecurityDescriptor"].rstrip("\0")
    assert seen["data_collection"] == [{"name": i["Name"], "value": i["Value"]} for i in wire["DataCollection"]]
    json.dumps(seen)


def test_names_are_read_without_regard_to_case() -> None:
    seen = shapes.request({"uuid": GUID.upper(), "STATUS": 16, "newSmartcardUuid": values.NO_GUID})
    assert (seen["uuid"], seen["status"], seen["new_smartcard_uuid"]) == (GUID, "Pending", None)


def test_a_property_that_is_new_is_passed_on() -> None:
    seen = shapes.request({"Uuid": GUID, "ApprovalsLeft": 2, "HTMLBody": "x"})
    assert (seen["approvals_left"], seen["html_body"]) == (2, "x")


def test_what_the_server_leaves_out_is_null() -> None:
    seen = shapes.request({"Uuid": GUID})
    assert seen["comment"] is None
    assert seen["status"] is None
    assert seen["data_collection"] == []
    assert shapes.request({"Uuid": GUID})["data_collection"] is not seen["data_collection"]


def test_each_unknown_number_is_warned_of_once() -> None:
    found = request_lists.requests(
        [{"Uuid": GUID, "Status": 42, "RequestType": 1}] * 3 + [{"Uuid": GUID, "RequestType": 77}]
    )
    warnings = shapes.unknown_code_warnings(found)
    assert len(warnings) == 2
    assert "request type number 77" in warnings[0]
    assert "status number 42" in warnings[1]


@pytest.mark.parametrize("read", [shapes.request, lambda item: request_lists.requests([item])])
def test_an_object_with_a_million_properties_is_refused(read: Any) -> None:
    """Going through their names took more than a minute."""
    item = {"Uuid": "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099", **{f"Property{number}AbC": 1 for number in range(10**6)}}
    with pytest.raises(InvalidAnswer, match="a request with 1000001 properties"):
        read(item)


def test_a_giant_policy_is_gone_through_once() -> None:
    """Comparing each item with each other one took hours."""
    data = [{"Name": f"Item {number}"} for number in range(20000)]
    found = shapes.policy({"PolicyDataCollection": data, "DataCollection": data})
    assert len(found["policy_data_collection"]) == 20000
