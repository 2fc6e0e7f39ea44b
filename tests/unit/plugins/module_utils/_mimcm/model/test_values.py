# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wire values and requests as users see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import InvalidAnswer, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import lifecycle, request_lists, shapes, values

WIRE = Path(__file__).resolve().parents[5] / "wire"
GUID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


def documented() -> list[dict[str, Any]]:
    found = []
    for page in ("get-request.json", "cancel-abandon-complete-request.json"):
        examples = json.loads((WIRE / page).read_text(encoding="utf-8"))["examples"]
        found += [example["response"]["json"] for example in examples]
    assert len(found) == 3
    return found


@pytest.mark.parametrize("text", [GUID, GUID.upper(), f"{{{GUID}}}", f" {GUID} ", f"{{{GUID.upper()}}}\n"])
def test_guid_in_every_spelling(text: str) -> None:
    assert values.guid(text, "request_ids") == GUID


@pytest.mark.parametrize(
    "text", ["", "x", GUID[:-1], GUID + "0", f"{{{GUID}", f"{GUID}}}", GUID.replace("-", ""), f"{GUID}/../x", "None"]
)
def test_what_is_no_guid(text: str) -> None:
    with pytest.raises(UsageError, match=r"request_ids: .*is not a GUID"):
        values.guid(text, "request_ids")


def test_guids_come_once_and_in_order() -> None:
    other = "0c96d73f-967b-420e-854a-43ad2a1504bc"
    assert values.guids([other, GUID, GUID.upper()], "request_ids") == [other, GUID]


@pytest.mark.parametrize(
    ("text", "given", "understood"),
    [
        ("z6piEYu9JQA=", "auto", "base64"),
        (" z6piEYu9\nJQA= ", "auto", "base64"),
        ("z6piEYu9JQA=", "base64", "base64"),
        ("cfaa62118bbd2500", "auto", "hex"),
        ("CF AA:62-11 8B BD 25 00", "auto", "hex"),
        ("0xCFAA62118BBD2500", "hex", "hex"),
    ],
)
def test_a_challenge_in_either_spelling(text: str, given: str, understood: str) -> None:
    assert values.binary(text, given, "challenge") == values.Bytes("z6piEYu9JQA=", "cfaa62118bbd2500", understood)


def test_digits_that_are_both_are_hexadecimal_unless_told() -> None:
    assert values.binary("deadbeef", "auto", "challenge").hex == "deadbeef"
    assert values.binary("deadbeef", "base64", "challenge").base64 == "deadbeef"


@pytest.mark.parametrize("text", ["", "z6piEYu9JQA", "not base64!", "CFAA62118BBD2", "ä==="])
@pytest.mark.parametrize("encoding", ["auto", "hex", "base64"])
def test_what_is_no_challenge(text: str, encoding: str) -> None:
    with pytest.raises(UsageError, match="challenge is not") as caught:
        values.binary(text, encoding, "challenge")
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("wire", "seen"),
    [
        ("2015-07-07T23:36:21.93Z", "2015-07-07T23:36:21.93Z"),
        ("2015-07-07T23:36:21.1234567", "2015-07-07T23:36:21.1234567Z"),
        ("2015-07-07T23:36:21+02:00", "2015-07-07T23:36:21+02:00"),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_time(wire: Any, seen: str | None) -> None:
    assert values.wire_time(wire) == seen


@pytest.mark.parametrize(
    ("wire", "seen"),
    [
        (3, ("Approved", 3)),
        ("3", ("Approved", 3)),
        ("approved", ("Approved", 3)),
        (0, ("None", 0)),
        (42, (None, 42)),
        ("Postponed", (None, None)),
        (None, (None, None)),
        ([], (None, None)),
        (float("inf"), (None, None)),
    ],
)
def test_enumeration(wire: Any, seen: tuple[str | None, int | None]) -> None:
    assert values.wire_enum(wire, lifecycle.REQUEST_STATUS) == seen


def test_every_choice_is_a_status() -> None:
    assert set(lifecycle.STATUS_CHOICES) == set(lifecycle.REQUEST_STATUS.values()) - {"None"}


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


@pytest.mark.parametrize(
    ("payload", "count"), [([], 0), (None, 0), ({"Uuid": GUID}, 1), ([{"Uuid": GUID}, {"Uuid": GUID}], 2)]
)
def test_lists_in_every_documented_form(payload: Any, count: int) -> None:
    assert len(request_lists.requests(payload)) == count


@pytest.mark.parametrize("payload", ["text", 3, True, [3], [None], [[]], {"Status": 3}, [{"Uuid": values.NO_GUID}]])
def test_what_is_no_request(payload: Any) -> None:
    with pytest.raises(InvalidAnswer):
        request_lists.requests(payload)


def test_each_unknown_number_is_warned_of_once() -> None:
    found = request_lists.requests(
        [{"Uuid": GUID, "Status": 42, "RequestType": 1}] * 3 + [{"Uuid": GUID, "RequestType": 77}]
    )
    warnings = shapes.unknown_code_warnings(found)
    assert len(warnings) == 2
    assert "request type number 77" in warnings[0]
    assert "status number 42" in warnings[1]
