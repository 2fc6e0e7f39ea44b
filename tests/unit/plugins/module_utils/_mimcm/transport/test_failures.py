# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which error an answer of the server becomes, and what it says."""

from __future__ import annotations

import datetime
import email.utils
import time
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import failures

CORRELATION = "5f0ad9c0-14f5-4bd4-8d5e-3c2c4c1a1c0f"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"Message": f"Failed. Correlation ID: {CORRELATION}."}, f"find correlation id {CORRELATION}"),
        ({"message": "An error", "exceptionMessage": f"id {CORRELATION}"}, f"find correlation id {CORRELATION}"),
        ({"ExceptionMessage": f"id={CORRELATION.upper()}"}, f"find correlation id {CORRELATION.upper()}"),
        ({"Message": None}, "look in the server's event log"),
        ({}, "look in the server's event log"),
        ("text", "look in the server's event log"),
        (b"<html>", "look in the server's event log"),
        (b"[" * 200_000, "look in the server's event log"),
        ({"Message": "x" * 100_000}, "look in the server's event log"),
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


@pytest.mark.parametrize(
    "value",
    [
        *("soon", "", "-5", "1.5", "\xb2", "9" * 400, "9" * 60000),
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Mon, 99 Jan 2026 99:99:99 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
    ],
)
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


TOKEN = "".join(chr(33 + number * 7 % 90) for number in range(1500))


@pytest.mark.parametrize("filling", ["x", " ", "\t\n", "&#120;", "%78", "\\u0078", TOKEN[:5], "\x1b[31m"])
def test_a_giant_message_takes_no_time(filling: str) -> None:
    """A message of 8 MiB and a token of 1,500 characters took minutes."""
    start = time.process_time()
    message = failures.told(filling * (8 * 2**20 // len(filling)), [TOKEN])
    assert time.process_time() - start < 2
    assert len(message) <= 310


def test_a_secret_that_reaches_beyond_what_is_shown_is_found() -> None:
    assert failures.told("x" * 290 + " " + TOKEN, [TOKEN]) == "(a message that repeats a secret)"
