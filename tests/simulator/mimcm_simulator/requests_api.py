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
from .execution import complete
from .replies import Reply
from .templates import Policy, Template, policy_for
from .values import NO_GUID, REQUEST_TYPES, STATUSES, guid, name_of, named
from .world import (
    Request,
    advance,
    allowed,
    find_request,
    move,
    new_id,
    readable_requests,
    request_document,
    script,
    shown,
)

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
    return replies.found([shown(request) for request in requests])


def get_request(call: Call) -> Reply:
    request = readable(call, call.ids["id"])
    return replies.ok(shown(request)) if request else unknown(call, "request", call.ids["id"])


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
    if target == STATUSES["Completed"]:
        complete(call.world, request)
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
    given = _data_collection(body.get("datacollection"))
    comment, priority = _comment(body), _priority(body.get("priority"))
    target = _optional_guid(body, "target") or values.pop("TargetUserUuid", world.caller)
    template = _template(call, values["ProfileTemplateUuid"])
    policy = policy_for(template, name) if template else Policy()
    if not policy.enabled:
        raise Refused(replies.failed())
    collected = _collected(policy, given)
    waits = world.approvals_needed and policy.approvals_needed > 0
    document = request_document(
        call.now,
        Uuid=new_id(),
        RequestType=REQUEST_TYPES[name],
        Status=STATUSES["Pending" if waits else "Approved"],
        DataCollection=collected,
        OriginatorUserUuid=world.caller,
        TargetUserUuid=target,
        Priority=priority,
        Comment=comment,
        # The documented requests without any item are not complete either.
        IsDataCollectionComplete=bool(collected) and all(item["Value"] is not None for item in collected),
        **{"IsSmartcard": template is None or template.smartcard, **values},
    )
    steps = world.approver if policy.approvals_needed else ()
    return advance(Request(document, script(steps, call.now)), call.now)


def _template(call: Call, identifier: str) -> Template | None:
    """None where nothing is known of the template; that is an error once the world has templates of its own."""
    template = call.world.templates.get(identifier)
    if template is None and call.world.templates and not call.documented:
        raise Refused(replies.failed())
    return template


def _collected(policy: Policy, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items of the policy with the given values or their defaults, and then whatever else was given."""
    values = {item["Name"].lower(): item["Value"] for item in given}
    collected = []
    for item in policy.data_collection:
        value = values.pop(item.name.lower(), None)
        if value in (None, ""):
            value = item.default
        if value is None and item.required:
            text = f"The data item '{item.name}' is required."
            raise Refused(replies.invalid_field("datacollection", text))
        collected.append({"Name": item.name, "Value": value})
    return collected + [item for item in given if item["Name"].lower() in values]


def _type(body: dict[str, Any]) -> str:
    number = named(REQUEST_TYPES, body.get("type"))
    name = None if number is None else name_of(REQUEST_TYPES, number)
    if name is not None:
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
    return _about_card(call, name, card) if card else _about_profile(call, name, profile or NO_GUID, template)


def _about_card(call: Call, name: str, card: str) -> dict[str, Any]:
    known = call.world.cards.get(card)
    if known is None:
        raise Refused(replies.failed())
    new = {"NewSmartcardUuid": card, "NewProfileUuid": known.profile} if name in KEEPS_ITS_CARD else {}
    return {
        **new,
        "OldSmartcardUuid": card,
        "OldProfileUuid": known.profile,
        "ProfileTemplateUuid": known.document["ProfileTemplateUuid"],
        "TargetUserUuid": _owner(call, known.document),
        # Whatever the template says: this request is about a card.
        "IsSmartcard": True,
    }


def _about_profile(call: Call, name: str, profile: str, template: str | None) -> dict[str, Any]:
    known = call.world.profiles.get(profile)
    if known is None:
        raise Refused(replies.failed())
    new = {"NewProfileUuid": profile} if name in KEEPS_ITS_CARD else {}
    return {
        **new,
        "OldProfileUuid": profile,
        "ProfileTemplateUuid": template or known.document["ProfileTemplateUuid"],
        "TargetUserUuid": _owner(call, known.document),
        "IsSmartcard": False,
    }


def _owner(call: Call, document: dict[str, Any]) -> str:
    user = str(document["AssignedUserUuid"])
    return call.world.caller if user == NO_GUID else user
