# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented operations of the MIM CM REST API: one method each, in the order of the reference, models out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import auth, model, options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    InvalidAnswer,
    NotFound,
    ServerError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import Operation, Transport

LIST_REQUESTS = Operation(
    "GET", "/requests", "listing requests", "Read on the profile templates and the read right on the requests"
)
GET_REQUEST = Operation(
    "GET", "/requests/{request_id}", "reading request {request_id}", "the read right on the request", item=True
)
_PIN_PERMISSION = (
    "Execute on the card's request (its target user or an enrolment agent), and perhaps membership in the group that "
    "Clm.ProvisionApi.SensitiveApiGroup names in the server's Web.config"
)
GET_PIN = Operation(
    "GET",
    "/smartcards/{smartcard_id}/serverproposedpin",
    "reading the proposed PIN of smart card {smartcard_id}",
    _PIN_PERMISSION,
    item=True,
    secret=True,
)
GET_PIN_OF_REQUEST = Operation(
    "GET",
    "/requests/{request_id}" + GET_PIN.path,
    GET_PIN.doing + " for request {request_id}",
    _PIN_PERMISSION,
    item=True,
    secret=True,
)


class Client:
    """The API of one server for one caller.

    Args:
        transport: The session that carries the calls.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._api_answers = False

    @property
    def base(self) -> str:
        """The API's address, for messages."""
        return self._transport.base

    @property
    def http_calls(self) -> int:
        """How many HTTP requests were sent so far, those of handshakes included."""
        return self._transport.calls

    def limited_to(self, seconds: float) -> AbstractContextManager[None]:
        """For calls within: one attempt each, no longer than this many seconds."""
        return self._transport.limited_to(seconds)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    # Operation 6
    def list_requests(self, status: str | None = None, target_user: str | None = None) -> list[model.Request]:
        """Return the requests that the caller may read.

        Args:
            status: Only requests in this status; the server filters.
            target_user: Only requests for this user; the server supports C(current).
        """
        answer = self._transport.call(LIST_REQUESTS, query={"status": status, "targetuser": target_user})
        found = model.requests(answer.json())
        self._api_answers = True
        return found

    # Operation 7
    def get_request(self, request_id: str) -> model.Request | None:
        """Return one request, None when the server does not know it."""
        try:
            answer = self._transport.call(GET_REQUEST, {"request_id": request_id})
        except NotFound:
            self._check_api_enabled()
            return None
        found = model.requests(answer.json())
        self._api_answers = True
        return _the_one(found, request_id)

    # Operation 15
    def get_server_proposed_pin(
        self,
        smartcard_id: str,
        request_id: str | None = None,
        atr: str | None = None,
        card_id: str | None = None,
        challenge: str | None = None,
    ) -> str | None:
        """Return the PIN that the server proposes for a card, None when the profile template leaves it to the user.

        Args:
            smartcard_id: The smart card's Uuid.
            request_id: Ask under this request; a server without that route is asked under the card alone.
            atr: The card's answer to reset.
            card_id: The card's own id, from its serial number.
            challenge: The card's challenge in base64.
        """
        query = {"atr": atr, "cardid": card_id, "challenge": challenge}
        ids = {"smartcard_id": smartcard_id}
        if request_id is not None:
            try:
                answer = self._transport.call(GET_PIN_OF_REQUEST, {**ids, "request_id": request_id}, query)
            except NotFound:
                # The reference only names this route in a list of controllers; its page documents the other.
                answer = self._transport.call(GET_PIN, ids, query)
        else:
            answer = self._transport.call(GET_PIN, ids, query)
        return None if answer.empty else _pin(answer.text())

    def _check_api_enabled(self) -> None:
        """Tell an unknown item from an API that is not there: both are 404.

        Raises:
            NotFound: The collection is unknown too.
        """
        if self._api_answers:
            return
        # Only the API itself refuses with 403 or 500; any other error says nothing about the item.
        with suppress(Forbidden, ServerError):
            # A status that hardly any request has: the answer says all that is asked, and is short.
            self._transport.call(LIST_REQUESTS, query={"status": "None"})
        self._api_answers = True


def connect(params: Mapping[str, Any]) -> Client:
    """Return a client for the common options.

    Raises:
        UsageError: The options make no sense together.
        MissingLibrary: A Python library is missing.
    """
    connection = options.connection(params)
    return Client(Transport(connection, auth.credentials(options.login(params))))


def _the_one(found: list[model.Request], request_id: str) -> model.Request | None:
    """Return the request that was asked for: a gate must not open because another one was approved."""
    if not found:
        return None
    for request in found:
        if request["uuid"] == request_id:
            return request
    raise InvalidAnswer(f"The server answered another request where {request_id} was asked for; check api_path.")


def _pin(text: str) -> str | None:
    """Return the PIN of a JSON string or of a bare text, always as a string: leading zeros count."""
    if not text.startswith(('"', "{", "[")):
        return None if text == "null" else text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, str):
        raise InvalidAnswer(
            "The server answered something that is not a PIN; check smartcard_id and the server's version."
        )
    return value or None
