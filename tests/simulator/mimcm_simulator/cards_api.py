# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations 12 to 15 and 18: bind a card, read cards, propose a PIN, change the status of a card."""

from __future__ import annotations

import base64
import binascii

from . import replies
from .call import Call, Refused, json_body, unknown
from .documented import match
from .execution import OPEN, begin, issues
from .replies import Reply
from .requests_api import readable
from .values import CARD_STATUSES, NO_GUID, guid, named
from .world import Card, Request, card_document, find_card, new_id, template_of


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
    if request is None or not _takes_a_card(call, request):
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
    call.world.cards.setdefault(identifier, Card(document, template_of(call.world, request.document).pin))
    request.document.update(NewSmartcardUuid=identifier, IsSmartcard=True)
    begin(call.world, request, call.now)
    return replies.ok(f"api/v1.0/smartcards/{identifier}", 201)


def _takes_a_card(call: Call, request: Request) -> bool:
    """Inferred: one card for each request that issues certificates, and none for a software profile."""
    template = call.world.templates.get(request.document["ProfileTemplateUuid"])
    if template is not None and not template.smartcard:
        return False
    return request.status in OPEN and issues(request) and request.document["NewSmartcardUuid"] == NO_GUID


def proposed_pin(call: Call) -> Reply:
    """Answer the PIN, or 204 if the card's policy leaves it to the user; an unknown card must get another answer."""
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
    if call.ids["id"] in call.world.cards and not belongs(request, call.ids["id"]):
        raise Refused(replies.failed())
    return proposed_pin(call)


def belongs(request: Request, card: str) -> bool:
    return card in (request.document["NewSmartcardUuid"], request.document["OldSmartcardUuid"])


def change_card(call: Call) -> Reply:
    """Inferred: the request must be at work, and this is a step of its work."""
    exchange = match(call.documented, call.method, call.path, call.query)
    if call.body.strip() or exchange is None:
        status = named(CARD_STATUSES, json_body(call).get("status"))
    else:
        # The documented example shows no body.
        status = int(exchange.json["Status"])
    if status is None:
        return replies.invalid_field("status", f"The status must be one of {', '.join(CARD_STATUSES)}.")
    request, card = readable(call, call.ids["rid"]), call.world.cards.get(call.ids["id"])
    if request is None and exchange is None:
        return unknown(call, "request", call.ids["rid"])
    if card is None:
        return replies.ok(exchange.json) if exchange else unknown(call, "smart card", call.ids["id"])
    if request is not None:
        if request.status not in OPEN or not belongs(request, call.ids["id"]):
            return replies.failed()
        begin(call.world, request, call.now)
    card.document["Status"] = status
    profile = call.world.profiles.get(card.profile)
    if profile is not None and status != CARD_STATUSES["Assigned"]:
        # A profile knows every status of a card but this one.
        profile.document["Status"] = status
    return replies.ok(card.document)


def _is_base64(value: str) -> bool:
    """A plus sign that was not URL-encoded has become a space by now, which is what this is for."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
