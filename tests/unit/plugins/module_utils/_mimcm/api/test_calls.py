# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls: how often they are sent, within which time, and how their parameters are written."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors, options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.calls import Transport
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import choose
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Operation

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


def busy(reply: Any, after: str | None = "0", status: int = 503) -> Any:
    return reply(b"", status=status, headers={} if after is None else {"Retry-After": after})


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(scripted: Any, reply: Any, status: int) -> None:
    scripted.answer(busy(reply, status=status), busy(reply, status=status), reply([{"Uuid": ID}]))
    assert scripted.client(retries=2).list_requests()
    assert len(scripted.calls) == 3


@pytest.mark.parametrize(("after", "pause"), [("1", 1), ("86400", 30)], ids=["short", "too long"])
def test_retry_after_is_waited_for_within_reason(
    scripted: Any, reply: Any, slept: list[float], after: str, pause: float
) -> None:
    scripted.answer(busy(reply, after=after), reply([]))
    scripted.client(retries=1).list_requests()
    assert slept == [pause]


def test_retries_end(scripted: Any, reply: Any) -> None:
    scripted.answer(busy(reply))
    with pytest.raises(errors.ServerUnavailable):
        scripted.client(retries=2).list_requests()
    assert len(scripted.calls) == 3


def test_resets_are_retried_and_counted(scripted: Any, reply: Any) -> None:
    """The count is documented as the number of HTTP requests that were sent."""
    scripted.answer(reply(reset=True), reply(reset=True), reply([]))
    client = scripted.client(retries=3)
    client.list_requests()
    assert len(scripted.calls) == 3
    assert client.http_calls == len(scripted.calls)


@pytest.mark.parametrize("given", [{"reset": True}, {"body": b"", "status": 503, "headers": {"Retry-After": "0"}}])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_writes_is_sent_once(scripted: Any, reply: Any, given: dict[str, Any], method: str) -> None:
    params = scripted.params(retries=4)
    transport = Transport(options.connection(params), choose.credentials(options.login(params)))
    scripted.answer(reply(**given))
    with pytest.raises((errors.ConnectionFailed, errors.ServerUnavailable)):
        transport.call(Operation(method, "/requests", "creating a request", "nothing"))
    assert len(scripted.calls) == 1


def test_a_limit_ends_retries_and_is_lifted_after_an_error(scripted: Any, reply: Any) -> None:
    scripted.answer(busy(reply))
    client = scripted.client(retries=1)
    with pytest.raises(errors.ServerUnavailable), client.limited_to(9):
        client.list_requests()
    assert len(scripted.calls) == 1
    with pytest.raises(errors.ServerUnavailable):
        client.list_requests()
    assert len(scripted.calls) == 3


def test_a_limit_shortens_and_never_lengthens(scripted: Any, reply: Any) -> None:
    """The message names the limit that held, so that nobody has to measure; the shortest one there is is a second."""
    scripted.answer(reply([], held=True))
    for timeout, seconds, said in ((0.3, 60, r"0\.3 s"), (60, 0.1, r"(1|0\.\d+) s")):
        client = scripted.client(timeout=timeout)
        with client.limited_to(seconds), pytest.raises(errors.ConnectionFailed, match=f"no answer within {said}"):
            client.list_requests()


def test_query_parameters_are_encoded(scripted: Any, reply: Any) -> None:
    scripted.answer(reply("0042"))
    scripted.client().get_server_proposed_pin(ID, atr="3b 8d", card_id=ID, challenge="z6p+/Yu9JQA=")
    assert scripted.calls[-1].query == {"atr": ["3b 8d"], "cardid": [ID], "challenge": ["z6p+/Yu9JQA="]}
    scripted.answer(reply([]))
    scripted.client().list_requests("Pending", "current")
    assert scripted.calls[-1].query == {"status": ["Pending"], "targetuser": ["current"]}
    scripted.client().list_requests()
    assert "?" not in scripted.calls[-1].target


def test_pin_under_a_request_falls_back(scripted: Any, reply: Any) -> None:
    scripted.script = lambda call: reply(b"", status=404) if "/requests/" in call.path else reply("0042")
    assert scripted.client().get_server_proposed_pin(ID, request_id=ID) == "0042"
    assert len(scripted.calls) == 2
