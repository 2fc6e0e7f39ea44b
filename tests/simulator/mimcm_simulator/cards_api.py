# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations 12 to 15: bind a card, read cards, propose a PIN."""

from __future__ import annotations

import base64
import binascii

from . import replies
from .call import Call, Refused, json_body, unknown
from .documented import match
from .replies import Reply
from .requests_api import readable
from .values import CARD_STATUSES, STATUSES, guid
from .world import Card, card_document, find_card, move, new_id

_OPEN_FOR_CARDS = (STATUSES["Approved"], STATUSES["Executing"])


def list_cards(call: Call) -> Reply:
    """One object with cardid, a list without."""
    if "cardid" not in call.query:
        return replies.found([card.document for card in call.world.cards.values()])
    card_id = guid(call.query["cardid"])
    if card_id is None:
        return replies.invalid("The value of cardid is not a GUID.")
    card = find_card(call.world, card_id)
    return replies.ok(card.document) if card else unknown(call, "smart card", card_id)


def get_card(call: Call) -> Reply:
    card = call.world.cards.get(call.ids["id"])
    return replies.ok(card.document) if card else unknown(call, "smart card", call.ids["id"])


def bind_card(call: Call) -> Reply:
    """Assigning a card begins the execution of its request."""
    body = json_body(call)
    request_id, card_id = guid(body.get("requestid")), guid(body.get("cardid"))
    if request_id is None:
        return replies.invalid_field("requestid", "The value of requestid is not a GUID.")
    if card_id is None:
        return replies.invalid_field("cardid", "The value of cardid is not a GUID.")
    request = readable(call, request_id)
    if request is None or request.status not in _OPEN_FOR_CARDS:
        return replies.failed()
    exchange = match(call.documented, call.method, call.path, call.query, body)
    identifier = str(exchange.json).rsplit("/", 1)[-1] if exchange else new_id()
    document = card_document(
        Uuid=identifier,
        Status=CARD_STATUSES["Assigned"],
        AssignedUserUuid=request.document["TargetUserUuid"],
        ProfileTemplateUuid=request.document["ProfileTemplateUuid"],
        SerialNumber=f"{{{card_id}}}",
        Atr=str(body.get("atr") or ""),
    )
    call.world.cards.setdefault(identifier, Card(document))
    request.document["NewSmartcardUuid"] = identifier
    if request.status == STATUSES["Approved"]:
        move(request, STATUSES["Executing"], call.now)
    return replies.ok(f"api/v1.0/smartcards/{identifier}", 201)


def proposed_pin(call: Call) -> Reply:
    """The PIN, or 204 when the card's policy leaves it to the user: an unknown card must not look like that."""
    card = call.world.cards.get(call.ids["id"])
    if card is None:
        return replies.not_found("smart card", call.ids["id"])
    if "challenge" in call.query and not _is_base64(call.query["challenge"]):
        return replies.invalid("The value of challenge is not valid base64.")
    if "cardid" in call.query and guid(call.query["cardid"]) != card.card_id:
        return replies.failed()
    if card.pin_forbidden:
        return replies.forbidden()
    return replies.nothing() if card.pin is None else replies.ok(card.pin)


def proposed_pin_of_request(call: Call) -> Reply:
    request = readable(call, call.ids["rid"])
    if request is None:
        return replies.not_found("request", call.ids["rid"])
    cards = (guid(request.document["NewSmartcardUuid"]), guid(request.document["OldSmartcardUuid"]))
    if call.ids["id"] in call.world.cards and call.ids["id"] not in cards:
        raise Refused(replies.failed())
    return proposed_pin(call)


def _is_base64(value: str) -> bool:
    """A plus sign that was not URL-encoded has become a space by now, which is what this is for."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
