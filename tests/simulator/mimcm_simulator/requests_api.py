# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations 5 to 8: create, list, read and end requests."""

from __future__ import annotations

import json
from typing import Any

from . import replies
from .call import Call, Refused, json_body, unknown
from .documented import documented_request, match
from .replies import Reply
from .values import NO_GUID, REQUEST_TYPES, STATUSES, guid, named
from .world import Request, advance, allowed, find_request, move, new_id, readable_requests, request_document, script

COMMENT_LENGTH = 256
PRIORITIES = range(256)

# What a type of request is about. "either" is a smart card or a software profile.
SUBJECTS = {
    "Enroll": "template",
    "TemporaryCards": "template",
    "Unblock": "smartcard",
    "OfflineUnblock": "smartcard",
    "Retire": "smartcard",
    "Recover": "either",
    "Renew": "either",
    "Revoke": "either",
    "Duplicate": "either",
    "Reinstate": "either",
    "OnlineUpdate": "either",
    "RecoverOnBehalf": "either",
}
# The documented Unblock shows the card both as the old and as the new one; the types that change a card in place too.
KEEPS_ITS_CARD = frozenset({"Unblock", "OfflineUnblock", "Retire", "Reinstate", "Revoke", "OnlineUpdate"})

# The status of a PUT body, and the status that the request gets.
ENDINGS = {"Completed": STATUSES["Completed"], "Canceled": STATUSES["Canceled"], "Abandoned": STATUSES["Failed"]}


def readable(call: Call, identifier: str) -> Request | None:
    """The request, unless the caller may not read it or the server fails over it."""
    request = find_request(call.world, identifier, call.now)
    if request and request.forbidden:
        raise Refused(replies.forbidden())
    if request and request.broken:
        raise Refused(replies.failed())
    return request


def list_requests(call: Call) -> Reply:
    requests = readable_requests(call.world, call.now)
    if "status" in call.query:
        status = named(STATUSES, call.query["status"])
        if status is None:
            return replies.invalid(f"The value '{call.query['status']}' is not valid for status.")
        requests = [request for request in requests if request.status == status]
    if "targetuser" in call.query:
        if call.query["targetuser"].lower() != "current":
            return replies.invalid(f"The value '{call.query['targetuser']}' is not valid for targetuser.")
        requests = [request for request in requests if guid(request.document["TargetUserUuid"]) == call.world.caller]
    return replies.found([request.document for request in requests])


def get_request(call: Call) -> Reply:
    request = readable(call, call.ids["id"])
    return replies.ok(request.document) if request else unknown(call, "request", call.ids["id"])


def end_request(call: Call) -> Reply:
    body = json_body(call)
    target = named(ENDINGS, body.get("status"))
    if target is None:
        return replies.invalid_field("status", f"The status must be one of {', '.join(ENDINGS)}.")
    request = readable(call, call.ids["id"])
    if request is None:
        return unknown(call, "request", call.ids["id"])
    if target == STATUSES["Completed"] and request.when_completed and request.status == STATUSES["Approved"]:
        # The documentation shows no status between Approved and Completed for this request.
        request.document = dict(request.when_completed)
    elif allowed(request.status, target) and not _pending_abandon(request, target):
        move(request, target, call.now)
    else:
        return replies.failed()
    return replies.ok(request.document)


def _pending_abandon(request: Request, target: int) -> bool:
    """A number outside the lifecycle is open for anything but an abandonment, which is documented for two statuses."""
    return target == STATUSES["Failed"] and request.status not in (STATUSES["Approved"], STATUSES["Executing"])


def create_request(call: Call) -> Reply:
    body = json_body(call)
    identifier = _documented(call)
    if identifier is None:
        request = _new_request(call, body)
        identifier = request.document["Uuid"]
        call.world.requests[identifier] = request
    return replies.ok(f"api/v1.0/requests/{identifier}", 201)


def _documented(call: Call) -> str | None:
    """The identifier of the documented answer, the first time that a documented body comes."""
    exchange = match(call.documented, call.method, call.path, call.query, json.loads(call.body))
    identifier = str(exchange.json).rsplit("/", 1)[-1] if exchange else None
    if identifier is None or identifier in call.world.created_as_documented:
        return None
    request = documented_request(call.documented, identifier)
    if request is None:
        return None
    call.world.created_as_documented.add(identifier)
    call.world.requests[identifier] = request
    return identifier


def _new_request(call: Call, body: dict[str, Any]) -> Request:
    world = call.world
    name = _type(body)
    values = _subject(call, name, body)
    document = request_document(
        call.now,
        Uuid=new_id(),
        RequestType=REQUEST_TYPES[name],
        Status=STATUSES["Pending" if world.approvals_needed else "Approved"],
        DataCollection=_data_collection(body.get("datacollection")),
        OriginatorUserUuid=world.caller,
        TargetUserUuid=_optional_guid(body, "target") or world.caller,
        Priority=_priority(body.get("priority")),
        Comment=_comment(body),
        **values,
    )
    return advance(Request(document, script(world.approver, call.now)), call.now)


def _type(body: dict[str, Any]) -> str:
    number = named(REQUEST_TYPES, body.get("type"))
    for name, value in REQUEST_TYPES.items():
        if value == number:
            return name
    raise Refused(replies.invalid_field("type", f"The value {json.dumps(body.get('type'))} is not a type of request."))


def _comment(body: dict[str, Any]) -> str:
    comment = body.get("comment")
    if not isinstance(comment, str):
        raise Refused(replies.invalid_field("comment", "The comment field is required."))
    if len(comment) > COMMENT_LENGTH:
        raise Refused(replies.invalid_field("comment", f"The comment is longer than {COMMENT_LENGTH} characters."))
    return comment


def _priority(value: Any) -> int:
    """A number, or a string of digits as in the documented example."""
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if number is None:
        return 0
    if isinstance(number, bool) or not isinstance(number, int) or number not in PRIORITIES:
        raise Refused(replies.invalid_field("priority", "The priority must be a number from 0 to 255."))
    return number


def _data_collection(value: Any) -> list[dict[str, Any]]:
    """Both documented spellings: a list of one-item objects, and a string that holds the JSON of that list."""
    try:
        items = json.loads(value) if isinstance(value, str) else value or []
    except ValueError:
        items = None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Refused(replies.invalid_field("datacollection", "The data collection is not a list of items."))
    return [{"Name": name, "Value": content} for item in items for name, content in item.items()]


def _optional_guid(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    found = guid(value)
    if value is not None and found is None:
        raise Refused(replies.invalid_field(name, f"The value of {name} is not a GUID."))
    return None if found == NO_GUID else found


def _subject(call: Call, name: str, body: dict[str, Any]) -> dict[str, Any]:
    template, card, profile = (_optional_guid(body, key) for key in ("profiletemplateuuid", "smartcard", "profile"))
    kind = SUBJECTS[name]
    if kind == "template" and not template:
        raise Refused(replies.invalid_field("profiletemplateuuid", f"{name} needs a profile template."))
    if kind == "smartcard" and not card:
        raise Refused(replies.invalid_field("smartcard", f"{name} needs a smart card."))
    if kind == "either" and not card and not profile:
        raise Refused(replies.invalid_field("smartcard", f"{name} needs a smart card or a profile."))
    if kind == "template":
        return {"ProfileTemplateUuid": template}
    return _about_card(call, name, card) if card else _about_profile(name, profile, template)


def _about_card(call: Call, name: str, card: str) -> dict[str, Any]:
    known = call.world.cards.get(card)
    if known is None:
        raise Refused(replies.failed())
    new = {"NewSmartcardUuid": card} if name in KEEPS_ITS_CARD else {}
    return {**new, "OldSmartcardUuid": card, "ProfileTemplateUuid": known.document["ProfileTemplateUuid"]}


def _about_profile(name: str, profile: str | None, template: str | None) -> dict[str, Any]:
    new = {"NewProfileUuid": profile} if name in KEEPS_ITS_CARD else {}
    return {**new, "OldProfileUuid": profile, "ProfileTemplateUuid": template or NO_GUID, "IsSmartcard": False}
