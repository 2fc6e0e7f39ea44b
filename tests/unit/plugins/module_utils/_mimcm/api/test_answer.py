# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the client makes of answers, good and bad, over a real connection."""

from __future__ import annotations

import datetime
import email.utils
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import failures

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
OTHER = "0c96d73f-967b-420e-854a-43ad2a1504bc"
WIRE = Path(__file__).resolve().parents[5] / "wire"
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
    examples = json.loads((WIRE / "get-request.json").read_text(encoding="utf-8"))["examples"]
    found = [
        (item["request"]["path"], item["response"]["json"]) for item in examples if "json" in item.get("response", {})
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


@pytest.mark.parametrize("probe", [{"reset": True}, {"status": 503}, {"status": 502}])
def test_an_item_is_not_called_missing_while_the_server_is_going_away(scripted: Any, reply: Any, probe: Any) -> None:
    """A 404 of something in front of the server, and then no answer: nothing is known about the request."""
    scripted.script = lambda call: reply(b"", status=404) if call.path.endswith(ID) else reply(b"", **probe)
    with pytest.raises(errors.MimcmError):
        scripted.client().get_request(ID)


def test_a_sign_in_page_is_no_proof_of_the_api(scripted: Any, reply: Any) -> None:
    client = scripted.client()
    scripted.answer(reply(b"<html>", content_type="text/html"))
    with pytest.raises(errors.InvalidAnswer):
        client.list_requests()
    scripted.answer(reply(b"", status=404))
    with pytest.raises(errors.NotFound):
        client.get_request(ID)


def test_404_of_an_item_and_of_the_collection(scripted: Any, reply: Any) -> None:
    scripted.script = lambda call: reply(
        [] if not call.path.endswith(ID) else b"", status=200 + 204 * (ID in call.path)
    )
    client = scripted.client()
    assert client.get_request(ID) is None
    assert len(scripted.calls) == 2
    assert client.get_request(ID) is None
    assert len(scripted.calls) == 3, "the API was found once and is not probed again"


CORRELATION = "5f0ad9c0-14f5-4bd4-8d5e-3c2c4c1a1c0f"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"Message": f"Failed. Correlation ID: {CORRELATION}."}, f"find correlation id {CORRELATION}"),
        ({"message": "An error", "exceptionMessage": f"id {CORRELATION}"}, f"find correlation id {CORRELATION}"),
        ({"ExceptionMessage": f"id={CORRELATION.upper()}"}, f"find correlation id {CORRELATION.upper()}"),
        ({"Message": None}, "look into the server's event log"),
        ({}, "look into the server's event log"),
        ("text", "look into the server's event log"),
        (b"<html>", "look into the server's event log"),
        (b"[" * 200_000, "look into the server's event log"),
        ({"Message": "x" * 100_000}, "look into the server's event log"),
    ],
)
def test_500(scripted: Any, reply: Any, body: Any, says: str) -> None:
    scripted.answer(reply(body, status=500))
    with pytest.raises(errors.ServerError, match=says) as caught:
        scripted.client(retries=3).list_requests()
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)
    assert len(scripted.calls) == 1, "a 500 is not retried"


@pytest.mark.parametrize(("status", "kind"), [(400, errors.RequestRejected), (405, errors.RequestRejected)])
def test_other_refusals_pass_the_servers_message_on(scripted: Any, reply: Any, status: int, kind: Any) -> None:
    scripted.answer(reply({"Message": "The status is\r\nnot valid."}, status=status))
    with pytest.raises(kind, match=f"{status} .* at http.* while listing requests, and says: The status is not valid"):
        scripted.client().list_requests()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_named_and_not_followed(scripted: Any, reply: Any, status: int) -> None:
    scripted.answer(reply(b"", status=status, headers={"Location": f"{scripted.origin}/elsewhere"}))
    with pytest.raises(errors.RequestRejected, match=rf"/elsewhere \({status}\).*redirects are not followed"):
        scripted.client(auth_method="token", token="t0k", allow_http_credentials=True).list_requests()
    assert len(scripted.calls) == 1


@pytest.mark.parametrize("offset", [20, 86400])
def test_a_date_as_retry_after(scripted: Any, reply: Any, offset: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both forms of Retry-After are allowed, and the waiter is to honour it."""
    now = datetime.datetime(2026, 1, 31, 8, tzinfo=datetime.timezone.utc)

    class Stopped(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime.datetime:
            return now

    monkeypatch.setattr(failures.datetime, "datetime", Stopped)
    when = email.utils.format_datetime(now + datetime.timedelta(seconds=offset), usegmt=True)
    scripted.answer(reply(b"", status=503, headers={"Retry-After": when}))
    with pytest.raises(errors.ServerUnavailable) as caught:
        scripted.client().list_requests()
    assert caught.value.retry_after == offset


@pytest.mark.parametrize("value", ["soon", "", "-5", "1.5", "\xb2", "9" * 400])
@pytest.mark.parametrize("retries", [0, 1])
def test_an_odd_retry_after_is_still_a_busy_server(
    scripted: Any, reply: Any, value: str, retries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    scripted.answer(reply(b"", status=503, headers={"Retry-After": value}))
    with pytest.raises(errors.ServerUnavailable, match="temporarily unavailable"):
        scripted.client(retries=retries).list_requests()


@pytest.mark.parametrize(
    ("headers", "forbidden"),
    [({}, "one of these"), ({"WWW-Authenticate": 'Basic realm="cm"'}, "one of these")],
)
def test_401_without_a_way_in_gives_advice_that_can_be_followed(
    scripted: Any, reply: Any, headers: dict[str, str], forbidden: str
) -> None:
    """Basic is no choice of auth_method, and nothing at all is none either."""
    scripted.answer(reply(b"", status=401, headers=headers))
    with pytest.raises(errors.AuthenticationFailed, match="refused auth_method none") as caught:
        scripted.client().list_requests()
    assert forbidden not in str(caught.value)


@pytest.mark.parametrize("status", [3.7, "3.0", True, [3], {"a": 3}])
def test_a_status_that_is_no_whole_number_is_unknown(scripted: Any, reply: Any, status: Any) -> None:
    """A gate opens for the number 3, not for what can be rounded to it."""
    scripted.answer(reply({**REQUEST, "Status": status}))
    found = scripted.client().get_request(ID)
    assert found is not None
    assert found["status"] is None
