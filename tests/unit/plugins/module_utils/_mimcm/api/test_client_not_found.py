# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An item that is not there is told from an API that is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


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


# Every call that ends the task with a 404.
CALLS: list[Callable[[Any], Any]] = [
    lambda client: client.get_server_proposed_pin(ID),
    lambda client: client.get_server_proposed_pin(ID, request_id=ID),
    lambda client: client.get_authentication_response(ID, ID, ID, "eA==", False),
    lambda client: client.get_diversified_key(ID, ID, ID),
    lambda client: client.update_smartcard(ID, ID, "Retired"),
    lambda client: client.update_request(ID, "Completed"),
    lambda client: client.submit_certificate_requests(ID, [], ""),
    lambda client: client.assign_smartcard(ID, ID, None),
    lambda client: client.create_request({}),
    lambda client: client.list_smartcards(),
    lambda client: client.list_profiles(),
    lambda client: client.list_certificates(),
]
OFF = "the API is not enabled there"


@pytest.mark.parametrize("call", CALLS)
def test_a_404_after_an_answer_does_not_say_that_the_api_is_off(
    scripted: Any, reply: Any, call: Callable[[Any], Any]
) -> None:
    answered = {"GET": "/requests"}
    scripted.script = lambda given: (
        reply([]) if given.path.endswith(answered.get(given.method, " ")) else reply(b"", status=404)
    )
    client = scripted.client()
    assert client.list_requests() == []
    with pytest.raises(
        errors.NotFound, match=r"the API answers other calls, so .*does not have this address"
    ) as caught:
        call(client)
    assert OFF not in str(caught.value)
    assert caught.value.details["http_status"] == 404


@pytest.mark.parametrize("call", [call for number, call in enumerate(CALLS) if number < 7])
@pytest.mark.parametrize("probe", [{"body": []}, {"status": 403}, {"status": 500}, {"status": 204}])
def test_a_404_of_an_item_alone_asks_whether_the_api_answers(
    scripted: Any, reply: Any, call: Callable[[Any], Any], probe: dict[str, Any]
) -> None:
    scripted.script = lambda given: reply(**probe) if given.path.endswith("/requests") else reply(b"", status=404)
    with pytest.raises(errors.NotFound, match="the API answers other calls"):
        call(scripted.client())


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("probe", [{"status": 404}, {"status": 503}, {"reset": True}])
def test_a_404_says_that_the_api_may_be_off_as_long_as_nothing_was_answered(
    scripted: Any, reply: Any, call: Callable[[Any], Any], probe: dict[str, Any]
) -> None:
    scripted.script = lambda given: (
        reply(b"", **probe) if given.method == "GET" and given.path.endswith("/requests") else reply(b"", status=404)
    )
    with pytest.raises(errors.NotFound, match=OFF):
        call(scripted.client())
