# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bind a card to a request, and change the status of a smart card, unless that was done before."""

from __future__ import annotations

from typing import Literal

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import (
    NOT_THERE,
    Persistence,
    another_than_wanted,
    unread,
    write_once,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import SMARTCARD_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import SMARTCARD
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request, Smartcard

_BINDABLE = ("Approved", "Executing")
# The statuses that a card can have after it was bound to a request, by the status of the request.
_BOUND_STATUSES = {"Executing": ("Assigned",), "Completed": ("Assigned", "Active")}

_SAME: tuple[tuple[str, Literal["card_id", "assigned_user_uuid", "profile_template_uuid"]], ...] = (
    ("card id", "card_id"),
    ("user", "assigned_user_uuid"),
    ("profile template", "profile_template_uuid"),
)


def bound_card(client: Client, request: Request, card_id: str) -> Smartcard | None:
    """Return the smart card with this card id if it is bound to a request, None if no card is.

    Raises:
        UsageError: The request is bound to another card.
    """
    smartcard_id = request["new_smartcard_uuid"]
    if smartcard_id is None:
        return _executed_with(client, request, card_id)
    card = client.get_smartcard(smartcard_id)
    if card is None:
        raise UsageError(
            f"Request {request['uuid']} is bound to smart card {smartcard_id}, which the account may not read",
            remedy="grant the account the read right on the smart card's user",
        )
    if card["card_id"] == card_id:
        return card
    # A request about an existing card, such as Unblock, names that card as its new one too.
    if smartcard_id != request["old_smartcard_uuid"]:
        raise UsageError(
            f"Request {request['uuid']} is bound to another card, {card['card_id']}",
            remedy="use that one, or cancel the request and create a new one",
        )
    return None


def _executed_with(client: Client, request: Request, card_id: str) -> Smartcard | None:
    """Return the card if it was bound but the request does not name it yet.

    A card with the status, the user and the profile template of the request can only have been bound to that request.
    """
    statuses = _BOUND_STATUSES.get(request["status"] or "", ())
    for card in client.list_smartcards(card_id) if statuses else ():
        same_user = card["assigned_user_uuid"] == request["target_user_uuid"]
        same_template = card["profile_template_uuid"] == request["profile_template_uuid"]
        if card["card_id"] == card_id and card["status"] in statuses and same_user and same_template:
            return card
    return None


def check_bindable(request: Request) -> None:
    """Refuse a request to which no card can be bound now. About an unknown status the server decides.

    Raises:
        UsageError: The status does not allow it; the message names the status.
    """
    status = request["status"]
    if status is not None and status not in _BINDABLE:
        raise UsageError(
            f"Request {request['uuid']} is {status}",
            remedy=f"a card can be bound to it only while it is {' or '.join(_BINDABLE)}",
        )


def predicted_card(request: Request, card_id: str, atr: str | None) -> Smartcard:
    """Return a smart card that was not bound yet, as far as its properties are known, for check mode."""
    card = SMARTCARD.empty()
    card["status"], card["status_code"] = "Assigned", 1
    card["assigned_user_uuid"] = request["target_user_uuid"]
    card["profile_template_uuid"] = request["profile_template_uuid"]
    card["serial_number"] = f"{{{card_id}}}"
    card["card_id"] = card_id
    card["atr"] = atr
    return card


def bind(
    client: Client, expected: Smartcard, request_id: str, card_id: str, atr: str | None, how: Persistence
) -> Smartcard:
    """Bind a card to a request exactly once, and return the smart card.

    Raises:
        MimcmError: The binding was refused, or its outcome is unknown, or the bound card could not be read.
    """

    def send() -> Smartcard:
        named = client.assign_smartcard(request_id, card_id, atr)
        try:
            card = client.get_smartcard(named)
        except MimcmError as error:
            raise unread(f"The card was bound as smart card {named}", error, smartcard_id=named) from None
        differences = _differences(card, expected)
        if card is None or differences:
            raise another_than_wanted(f"smart card {named}", differences, what)
        return card

    def look() -> Smartcard | None:
        request = client.get_request(request_id)
        return bound_card(client, request, card_id) if request else None

    what = f"binding the card to request {request_id}"
    return write_once(send, look, what, how)


def _differences(card: Smartcard | None, expected: Smartcard) -> list[str]:
    """Return in what a card that the server calls the bound one differs; what the server does not show does not."""
    if card is None:
        return [NOT_THERE]
    return [
        f"its {name} is {card[key]}, not {expected[key]}"
        for name, key in _SAME
        if None not in (card[key], expected[key]) and card[key] != expected[key]
    ]


def status_name(state: str) -> str:
    """Return the name of the status in the API for a value of O(state)."""
    return state.capitalize()


def set_status(client: Client, request_id: str, before: Smartcard, status: str, how: Persistence) -> Smartcard:
    """Change the status of a smart card, and return it as it is then.

    Raises:
        MimcmError: The server refused the change, or accepted it without effect.
    """
    smartcard_id = before["uuid"]

    def read() -> Smartcard | None:
        return client.get_smartcard(smartcard_id)

    def look() -> Smartcard | None:
        found = read()
        return found if found and found["status"] == status else None

    after = write_once(
        lambda: client.update_smartcard(request_id, smartcard_id, status) or read() or before,
        look,
        f"the change of smart card {smartcard_id}",
        how,
    )
    if status in SMARTCARD_STATUS.values() and after["status"] not in (status, None):
        raise MimcmError(
            f"The server accepted the change of smart card {smartcard_id} to {status}, "
            f"but it is still {after['status']}",
            remedy="look at it in the MIM CM portal",
            smartcard=after,
        )
    return after
