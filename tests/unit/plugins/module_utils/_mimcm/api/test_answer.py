# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client makes of answers, good and bad, over a real connection."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api import answer
from ansible_collections.certops.mimcm.tests.unit.helpers import examples

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
OTHER = "0c96d73f-967b-420e-854a-43ad2a1504bc"
REQUEST = {"Uuid": ID, "Status": 3, "RequestType": 1}
SECRET = "5ecret-PIN"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps([REQUEST]).encode(),
        json.dumps(REQUEST).encode(),
        b"\xef\xbb\xbf" + json.dumps([REQUEST]).encode(),
        b"\r\n" + json.dumps([REQUEST]).encode() + b"\r\n",
        json.dumps([REQUEST]).encode("utf-16"),
    ],
)
def test_a_list_in_every_form(scripted: Any, reply: Any, body: bytes) -> None:
    scripted.answer(reply(body))
    assert [found["uuid"] for found in scripted.client().list_requests()] == [ID]


@pytest.mark.parametrize("given", [{"status": 204}, {"body": None}, {"body": b""}, {"body": b" \r\n"}, {"body": []}])
def test_nothing_in_every_form(scripted: Any, reply: Any, given: dict[str, Any]) -> None:
    scripted.answer(reply(**given))
    assert scripted.client().list_requests() == []
    assert scripted.client().get_request(ID) is None


def documented_reads() -> list[tuple[str, dict[str, Any]]]:
    found = [
        (item["request"]["path"], item["response"]["json"])
        for item in examples("get-request")
        if "json" in item.get("response", {})
    ]
    assert found
    return found


@pytest.mark.parametrize(("path", "documented"), documented_reads())
def test_documented_reads(scripted: Any, reply: Any, path: str, documented: dict[str, Any]) -> None:
    scripted.answer(reply(documented))
    found = scripted.client().get_request(documented["Uuid"])
    assert found is not None
    assert (found["uuid"], found["status_code"]) == (documented["Uuid"].lower(), documented["Status"])
    assert scripted.calls[-1].path.lower() == path.lower()


@pytest.mark.parametrize(
    ("body", "pin"),
    [
        (b'"0042"', "0042"),
        (b"0042", "0042"),
        (b"\xef\xbb\xbf0042\r\n", "0042"),
        (b'\xef\xbb\xbf"0042"', "0042"),
        (b'" 42 "', " 42 "),
        (b'"\\u00e4\\""', 'ä"'),
        (b'""', None),
        (b"null", None),
        (b"", None),
        (b"1e5", "1e5"),
    ],
)
def test_pin_in_every_form(scripted: Any, reply: Any, body: bytes, pin: str | None) -> None:
    scripted.answer(reply(body))
    assert scripted.client().get_server_proposed_pin(ID) == pin


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"Pin": "5ecret-PIN"}', "application/json"),
        (b'["5ecret-PIN"]', "application/json"),
        (b'"5ecret-PIN', "application/json"),
        (b"<html>5ecret-PIN</html>", "text/plain"),
        (b"5ecret-PIN", "text/html; charset=utf-8"),
        (b"[" * 200_000, "application/json"),
        (b'{"a":' * 200_000, "application/json"),
    ],
)
def test_what_is_no_pin(scripted: Any, reply: Any, body: bytes, content_type: str) -> None:
    scripted.answer(reply(body, content_type=content_type))
    with pytest.raises(errors.InvalidAnswer) as caught:
        scripted.client().get_server_proposed_pin(ID)
    assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.details} {caught.value.__cause__}"


def random_json(rng: random.Random, depth: int = 0) -> Any:
    scalars: list[Any] = [None, True, False, 0, -1, 3, 10**30, 1.5, "", "x", ID, "²", "\ud800", "0001-01-01T00:00:00"]
    kind = rng.randrange(3 if depth < 3 else 1)
    if kind == 0:
        return rng.choice(scalars)
    if kind == 1:
        return [random_json(rng, depth + 1) for _count in range(rng.randrange(3))]
    names = ["Uuid", "uuid", "Status", "RequestType", "DataCollection", "Submitted", "SecurityDescriptor", "", "É", "_"]
    return {rng.choice(names): random_json(rng, depth + 1) for _count in range(rng.randrange(5))}


def test_any_json_is_understood_or_refused(scripted: Any, reply: Any) -> None:
    rng = random.Random(20260101)
    client = scripted.client()
    understood = 0
    for _turn in range(400):
        body = random_json(rng)
        scripted.answer(reply(body if rng.random() < 0.5 else {"Uuid": ID, **(body if isinstance(body, dict) else {})}))
        try:
            understood += len(client.list_requests())
        except errors.MimcmError as error:
            assert error.__class__ is errors.InvalidAnswer  # noqa: PT017
    assert understood > 50


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b"{", b"nul", b"[" + b"1" * 10_000 + b"]", b"\xff\xfe\x00", b"\x00", b"<!doctype html>"]
)
def test_what_is_no_json(scripted: Any, reply: Any, body: bytes) -> None:
    scripted.answer(reply(body))
    with pytest.raises(errors.InvalidAnswer):
        scripted.client().list_requests()


def test_an_answer_about_another_request_is_not_taken_for_this_one(scripted: Any, reply: Any) -> None:
    """A gate must not open because somebody else's request was approved."""
    scripted.answer(reply([{**REQUEST, "Uuid": OTHER}, REQUEST]))
    found = scripted.client().get_request(ID)
    assert found is not None
    assert found["uuid"] == ID
    scripted.answer(reply({**REQUEST, "Uuid": OTHER}))
    try:
        found = scripted.client().get_request(ID)
    except errors.InvalidAnswer:
        return
    assert found is None


@pytest.mark.parametrize("status", [3.7, "3.0", True, [3], {"a": 3}])
def test_a_status_that_is_no_whole_number_is_unknown(scripted: Any, reply: Any, status: Any) -> None:
    """A gate opens for the number 3, not for what can be rounded to it."""
    scripted.answer(reply({**REQUEST, "Status": status}))
    found = scripted.client().get_request(ID)
    assert found is not None
    assert found["status"] is None


def test_an_answer_that_is_json_is_not_searched_for_secrets(
    scripted: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the message about one that is not needs that: with a token of 1,500 characters it takes 10 ms."""
    monkeypatch.setattr(answer, "repeats", lambda text, secrets: pytest.fail("it was searched"))
    scripted.answer(reply([]))
    assert scripted.client().list_requests() == []
