# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wire values."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import lifecycle, values

GUID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


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
