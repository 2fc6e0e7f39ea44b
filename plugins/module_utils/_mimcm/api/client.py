# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented operations of the MIM CM REST API, one method each, in the order of the reference."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api import operations as ops
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.answer import Answer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.calls import Transport
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    InvalidAnswer,
    MimcmError,
    NotFound,
    ServerError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import request_lists, shapes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import (
    Certificate,
    GenerationOptions,
    IssuedCertificate,
    Profile,
    ProfileTemplate,
    Request,
    Smartcard,
    SmartcardConfiguration,
    WorkflowPolicy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import printable
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.side_by_side import side_by_side
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import credentials
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Operation

_Id = TypeVar("_Id")
_Found = TypeVar("_Found")
_Item = TypeVar("_Item", bound=Mapping[str, Any])
_Ids = Mapping[str, str]
_Query = Mapping[str, "str | None"]


class Client:
    """The API of one server for one account.

    Args:
        transport: Makes the calls.
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
        """Disable retries inside the block, and limit the time of all its calls together to this many seconds."""
        return self._transport.limited_to(seconds)

    def reading_several(self) -> AbstractContextManager[None]:
        """Inside the block, find out after a 401 for one item whether it is about this item alone."""
        return self._transport.reading_several()

    @property
    def signed_in_with(self) -> str | None:
        """The authentication mechanism that was negotiated with the server, None if none was."""
        return self._transport.signed_in_with

    @property
    def max_connections(self) -> int:
        """How many calls may be in progress at the same time."""
        return self._transport.max_connections

    def each(self, read: Callable[[_Id], _Found], ids: Sequence[_Id]) -> Iterator[tuple[_Id, _Found]]:
        """Yield each id with the item that is read for it, as answers come, on up to C(max_connections) connections.

        Args:
            read: Reads one item; a method of this client.
            ids: The ids of the items.
        """
        first = 0 if self._transport.answered else 1
        # A password that the server refuses must not be tried on several connections at once.
        yield from side_by_side(read, ids[:first], 1)
        yield from side_by_side(read, ids[first:], self.max_connections)

    def acquire_token(self) -> credentials.Token:
        """Sign in at AD FS now, and return the bearer token.

        Raises:
            UsageError: auth_method is not C(adfs).
        """
        return self._transport.acquire_token()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    # Operation 1
    def list_profile_templates(self, target_user: str | None = None) -> list[ProfileTemplate]:
        """Return the profile templates that the account may read.

        Args:
            target_user: Only those that this user may enrol for; the server supports C(current).
        """
        return self._list(ops.LIST_PROFILE_TEMPLATES, shapes.PROFILE_TEMPLATE, query={"targetuser": target_user})

    # Operation 2
    def get_profile_template(self, template_id: str) -> ProfileTemplate | None:
        """Return one profile template, None if the server does not have it."""
        return self._one(
            ops.GET_PROFILE_TEMPLATE, {"template_id": template_id}, template_id, _reader(shapes.PROFILE_TEMPLATE)
        )

    # Operation 3
    def get_workflow_policy(self, template_id: str, policy_type: str) -> WorkflowPolicy | None:
        """Return the policy of one workflow of a profile template, None if there is none.

        Args:
            template_id: The profile template.
            policy_type: One of C(lifecycle.POLICY_TYPES).
        """
        ids = {"template_id": template_id, "policy_type": policy_type}
        for operation in (ops.GET_POLICY, ops.GET_POLICY_BY_TABLE):
            try:
                payload = self._transport.call(operation, ids).json()
            except NotFound:
                continue
            return None if payload is None else shapes.policy(payload)
        self._check_api_enabled()
        return None

    # Operation 4
    def get_smartcard_configuration(self, template_id: str) -> SmartcardConfiguration | None:
        """Return the smart card configuration of a profile template, None if it has none. It contains an admin key."""
        payload = self._payload(ops.GET_SMARTCARD_CONFIGURATION, {"template_id": template_id})
        return None if payload is None else shapes.shaped(payload, shapes.SMARTCARD_CONFIGURATION)

    # Operation 5
    def create_request(self, body: Mapping[str, Any]) -> str:
        """Create a request, and return its id.

        Args:
            body: The properties in the reference with their values; None leaves one out.
        """
        return shapes.created_id(_text_value(self._call(ops.CREATE_REQUEST, body=body)))

    # Operation 6
    def list_requests(self, status: str | None = None, target_user: str | None = None) -> list[Request]:
        """Return the requests that the account may read.

        Args:
            status: Only requests in this status; the server filters.
            target_user: Only requests for this user; the server supports C(current).
        """
        payload = self._payload(ops.LIST_REQUESTS, None, {"status": status, "targetuser": target_user})
        return request_lists.requests(payload)

    def pick_requests(self, ids: Container[str], status: str | None = None) -> list[Request]:
        """Return the requests with these ids from a list of requests.

        The server cannot filter by ids, but dropping the other requests costs little here.

        Args:
            ids: The requests' ids, normalised.
            status: Pick from the requests in this status; the server filters by it.
        """
        return request_lists.requests(self._payload(ops.LIST_REQUESTS, None, {"status": status}), ids)

    # Operation 7
    def get_request(self, request_id: str) -> Request | None:
        """Return one request, None if the server does not have it."""
        return self._one(ops.GET_REQUEST, {"request_id": request_id}, request_id, shapes.request)

    # Operation 8
    def update_request(self, request_id: str, status: str) -> Request | None:
        """End a request, and return it as it is then, None if the answer does not contain it.

        Args:
            request_id: The request.
            status: C(Completed), C(Canceled) or C(Abandoned).
        """
        payload = self._call(ops.UPDATE_REQUEST, {"request_id": request_id}, body={"status": status}).json()
        return _the_one(request_lists.requests(payload), request_id)

    # Operation 9
    def list_generation_options(self, request_id: str) -> list[GenerationOptions]:
        """Return how to generate the keys and certificate requests for a request, one element for each certificate."""
        return self._list(ops.LIST_GENERATION_OPTIONS, shapes.GENERATION_OPTIONS, {"request_id": request_id})

    # Operation 10
    def submit_certificate_requests(
        self, request_id: str, certificate_requests: Sequence[str], pfx_password: str, comments: str | None = None
    ) -> list[IssuedCertificate]:
        """Submit certificate requests, and return the issued certificates, which can outnumber the requests.

        Args:
            request_id: The request.
            certificate_requests: Each a PKCS#10 request in base64.
            pfx_password: Protects private keys that the server returns; may be empty.
            comments: A comment.
        """
        body = {"pfxpassword": pfx_password, "certificaterequests": list(certificate_requests), "comments": comments}
        answer = self._call(ops.SUBMIT_CERTIFICATE_REQUESTS, {"request_id": request_id}, body=body)
        return shapes.all_shaped(answer.json(), shapes.ISSUED_CERTIFICATE)

    # Operation 11
    def list_request_profiles(self, request_id: str) -> list[Profile]:
        """Return the profiles of a request."""
        return self._list(ops.LIST_REQUEST_PROFILES, shapes.PROFILE, {"request_id": request_id})

    # Operation 12
    def assign_smartcard(self, request_id: str, card_id: str, atr: str | None) -> str:
        """Bind a card to a request, and return the new id of the smart card.

        Args:
            request_id: The request.
            card_id: The card's own id.
            atr: The card's answer to reset.
        """
        body = {"requestid": request_id, "cardid": card_id, "atr": atr}
        return shapes.created_id(_text_value(self._call(ops.ASSIGN_SMARTCARD, body=body)))

    # Operation 13
    def list_smartcards(self, card_id: str | None = None) -> list[Smartcard]:
        """Return the smart cards that the account may read.

        Args:
            card_id: Only the one with this card id.
        """
        try:
            payload = self._transport.call(ops.LIST_SMARTCARDS, query={"cardid": card_id}).json()
        except NotFound as error:
            if card_id is None:
                raise self._explained(error, ops.LIST_SMARTCARDS) from None
            # A 404 for a query by card id means that there is no such card, if the API is enabled.
            self._check_api_enabled()
            payload = None
        return [shapes.smartcard(item) for item in shapes.items(payload, shapes.SMARTCARD.many)]

    # Operation 14
    def get_smartcard(self, smartcard_id: str) -> Smartcard | None:
        """Return one smart card, None if the server does not have it."""
        return self._one(ops.GET_SMARTCARD, {"smartcard_id": smartcard_id}, smartcard_id, shapes.smartcard)

    # Operation 15
    def get_server_proposed_pin(
        self,
        smartcard_id: str,
        request_id: str | None = None,
        atr: str | None = None,
        card_id: str | None = None,
        challenge: str | None = None,
    ) -> str | None:
        """Return the PIN that the server proposes for a card, None if the profile template leaves it to the user.

        Args:
            smartcard_id: The smart card's Uuid.
            request_id: Use the route under this request, and on a server without it the route under the card.
            atr: The card's answer to reset.
            card_id: The card's own id, from its serial number.
            challenge: The card's challenge in base64.
        """
        query = {"atr": atr, "cardid": card_id, "challenge": challenge}
        ids = {"smartcard_id": smartcard_id}
        if request_id is not None:
            with suppress(NotFound):
                answer = self._transport.call(ops.GET_PIN_OF_REQUEST, {**ids, "request_id": request_id}, query)
                return _secret(answer, "PIN")
        try:
            answer = self._call(ops.GET_PIN, ids, query)
        except NotFound as error:
            if request_id is None:
                raise error.replaced(
                    remedy="set request_id: some servers know the address under a request only"
                ) from None
            raise error.replaced(addition=f"and neither is its address under request {request_id}") from None
        return _secret(answer, "PIN")

    # Operation 16
    def get_authentication_response(
        self,
        request_id: str,
        smartcard_id: str,
        card_id: str,
        challenge: str,
        diversified: bool,
        atr: str | None = None,
    ) -> str | None:
        """Return the response to a card's challenge in base64, None if the server has none.

        Args:
            request_id: The request that the card is used for.
            smartcard_id: The smart card's Uuid.
            card_id: The card's own id.
            challenge: The card's challenge in base64.
            diversified: Whether the card has its own admin key already.
            atr: The card's answer to reset.
        """
        ids = {"request_id": request_id, "smartcard_id": smartcard_id}
        query = {"cardid": card_id, "challenge": challenge, "diversified": str(diversified), "atr": atr}
        return _secret(self._call(ops.GET_AUTHENTICATION_RESPONSE, ids, query), "authentication response")

    # Operation 17
    def get_diversified_key(
        self, request_id: str, smartcard_id: str, card_id: str, atr: str | None = None
    ) -> str | None:
        """Return a card's own admin key in base64, None if the server has none.

        Args:
            request_id: The request that the card is used for.
            smartcard_id: The smart card's Uuid.
            card_id: The card's own id.
            atr: The card's answer to reset.
        """
        ids = {"request_id": request_id, "smartcard_id": smartcard_id}
        return _secret(self._call(ops.GET_DIVERSIFIED_KEY, ids, {"cardid": card_id, "atr": atr}), "diversified key")

    # Operation 18
    def update_smartcard(self, request_id: str, smartcard_id: str, status: str) -> Smartcard | None:
        """Change the status of a smart card, and return it as it is then, None if the answer does not contain it.

        Args:
            request_id: The request that the card is used for.
            smartcard_id: The smart card's Uuid.
            status: The new status by name.
        """
        ids = {"request_id": request_id, "smartcard_id": smartcard_id}
        payload = self._call(ops.UPDATE_SMARTCARD, ids, body={"status": status}).json()
        return _the_one([shapes.smartcard(item) for item in shapes.items(payload, shapes.SMARTCARD.many)], smartcard_id)

    # Operation 19
    def list_smartcard_operations(self, smartcard_id: str) -> list[str]:
        """Return the names of the operations that are possible on a smart card now."""
        return self._names(ops.LIST_SMARTCARD_OPERATIONS, {"smartcard_id": smartcard_id})

    def list_profile_operations(self, profile_id: str) -> list[str]:
        """Return the names of the operations that are possible on a profile now."""
        return self._names(ops.LIST_PROFILE_OPERATIONS, {"profile_id": profile_id})

    # Operation 20
    def list_profiles(self, status: str | None = None) -> list[Profile]:
        """Return the profiles that the account may read.

        Args:
            status: Only profiles in this status; the server filters.
        """
        return self._list(ops.LIST_PROFILES, shapes.PROFILE, query={"status": status})

    def get_profile(self, profile_id: str) -> Profile | None:
        """Return one profile, None if the server does not have it."""
        return self._one(ops.GET_PROFILE, {"profile_id": profile_id}, profile_id, _reader(shapes.PROFILE))

    # Operation 21
    def list_smartcard_certificates(self, smartcard_id: str) -> list[Certificate]:
        """Return the certificates of a smart card."""
        return self._list(ops.LIST_SMARTCARD_CERTIFICATES, shapes.CERTIFICATE, {"smartcard_id": smartcard_id})

    def list_profile_certificates(self, profile_id: str) -> list[Certificate]:
        """Return the certificates of a profile."""
        return self._list(ops.LIST_PROFILE_CERTIFICATES, shapes.CERTIFICATE, {"profile_id": profile_id})

    # Operation 22
    def list_certificates(self) -> list[Certificate]:
        """Return the account's certificates without retired ones; only here does the server say when they expire."""
        return self._list(ops.LIST_CERTIFICATES, shapes.CERTIFICATE)

    def _call(
        self,
        operation: Operation,
        ids: _Ids | None = None,
        query: _Query | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Return the answer of an operation without which the caller cannot go on."""
        try:
            return self._transport.call(operation, ids, query, body)
        except NotFound as error:
            raise self._explained(error, operation) from None

    def _explained(self, error: NotFound, operation: Operation) -> NotFound:
        """Return a 404 with the reasons that are left, if the API answers other calls."""
        if operation.item:
            with suppress(MimcmError):
                self._check_api_enabled()
        if not self._api_answers:
            return error
        missing = "there is no such item, or " if operation.item else ""
        reason = f"the API answers other calls, so {missing}this server does not have this address"
        return NotFound(error.what, where=error.where, reason=reason, **error.details)

    def _payload(self, operation: Operation, ids: _Ids | None, query: _Query | None = None) -> Any:
        """Return the JSON of an operation's answer, None if it is empty or is a 404 for one item."""
        try:
            payload = self._transport.call(operation, ids, query).json()
        except NotFound as error:
            if not operation.item:
                raise self._explained(error, operation) from None
            self._check_api_enabled()
            return None
        self._api_answers = True
        return payload

    def _list(
        self, operation: Operation, form: shapes.Shape[_Item], ids: _Ids | None = None, query: _Query | None = None
    ) -> list[_Item]:
        return shapes.all_shaped(self._payload(operation, ids, query), form)

    def _one(self, operation: Operation, ids: _Ids, wanted: str, read: Callable[[Any], _Item]) -> _Item | None:
        payload = self._payload(operation, ids)
        return _the_one([read(item) for item in shapes.items(payload, "one object")], wanted)

    def _names(self, operation: Operation, ids: _Ids) -> list[str]:
        payload = self._payload(operation, ids)
        listed = [payload] if isinstance(payload, str) else payload
        return [printable(str(name)) for name in listed] if isinstance(listed, list) else []

    def _check_api_enabled(self) -> None:
        """Tell an unknown item from an API that is not enabled; the server answers 404 to both.

        Raises:
            NotFound: Listing requests gets a 404 too, so the API is not enabled.
        """
        if self._api_answers:
            return
        # A 403 or 500 comes from the API itself, so it is enabled.
        with suppress(Forbidden, ServerError):
            self._transport.call(ops.LIST_REQUESTS, query=ops.SHORT_LIST)
        self._api_answers = True


def _reader(form: shapes.Shape[_Item]) -> Callable[[Any], _Item]:
    return lambda payload: shapes.shaped(payload, form)


def _the_one(found: Sequence[_Item], wanted: str) -> _Item | None:
    """Return the item with the wanted id: a gate must not open because another request was approved."""
    if not found:
        return None
    for item in found:
        if item["uuid"] == wanted:
            return item
    raise InvalidAnswer(f"The server answered another item than {wanted}", remedy="check api_path")


def _text_value(answer: Any) -> Any:
    """Return the content of an answer that is a JSON string or plain text, None for anything else.

    Raises:
        InvalidAnswer: The answer is a page of HTML.
    """
    text = answer.text()
    if not text.startswith(('"', "{", "[")):
        return None if text in ("", "null") or printable(text) != text else text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    # A card accepts no secret with characters that cannot be encoded.
    return value if isinstance(value, str) and printable(value) == value else None


def _secret(answer: Any, what: str) -> str | None:
    """Return the secret in an answer that is a JSON string or plain text, as a string, because leading zeros count.

    Args:
        answer: The answer.
        what: What the secret is called in messages.

    Raises:
        InvalidAnswer: The answer is neither; the message does not repeat it.
    """
    if answer.empty or answer.text() in ("null", '""'):
        return None
    value = _text_value(answer)
    if value is None:
        raise InvalidAnswer(f"The server answered something that is not a {what}", remedy="check smartcard_id")
    return str(value)
