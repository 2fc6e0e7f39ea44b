# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of the API: which operation a path is, and who answers it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from . import cards_api, replies, requests_api
from .call import Call, Handler, Refused
from .documented import match
from .replies import Reply
from .values import guid

UNKNOWN_OPERATION = "other"


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    # None: nothing but the documented examples answers this operation.
    handler: Handler | None = None

    @property
    def operation(self) -> str:
        return f"{self.method} {self.template}"


ROUTES = (
    Route("GET", "/profiletemplates"),
    Route("GET", "/profiletemplates/{id}"),
    Route("GET", "/profiletemplates/{id}/policies/{type}"),
    Route("GET", "/profiletemplates/{id}/configuration/smartcards"),
    Route("POST", "/requests", requests_api.create_request),
    Route("GET", "/requests", requests_api.list_requests),
    Route("GET", "/requests/{id}", requests_api.get_request),
    Route("PUT", "/requests/{id}", requests_api.end_request),
    Route("GET", "/requests/{id}/certificaterequestgenerationoptions"),
    Route("POST", "/requests/{id}/certificatedata"),
    Route("GET", "/requests/{id}/profiles"),
    Route("POST", "/smartcards", cards_api.bind_card),
    Route("GET", "/smartcards", cards_api.list_cards),
    Route("GET", "/smartcards/{id}", cards_api.get_card),
    Route("GET", "/smartcards/{id}/serverproposedpin", cards_api.proposed_pin),
    Route("GET", "/requests/{rid}/smartcards/{id}/serverproposedpin", cards_api.proposed_pin_of_request),
    Route("GET", "/requests/{rid}/smartcards/{id}/authenticationresponse"),
    Route("GET", "/requests/{rid}/smartcards/{id}/diversifiedkey"),
    Route("PUT", "/requests/{rid}/smartcards/{id}"),
    Route("GET", "/smartcards/{id}/operations"),
    Route("GET", "/profiles/{id}/operations"),
    Route("GET", "/profiles"),
    Route("GET", "/profiles/{id}"),
    Route("GET", "/smartcards/{id}/certificates"),
    Route("GET", "/profiles/{id}/certificates"),
    Route("GET", "/certificates"),
)


def segments_of(template: str, path: str) -> dict[str, str] | None:
    """What stands in the places of the template, or None when the path is another one."""
    names, values = template.split("/"), path.rstrip("/").split("/")
    if len(names) != len(values):
        return None
    if not all(name.startswith("{") or name == value.lower() for name, value in zip(names, values, strict=True)):
        return None
    return {name[1:-1]: value for name, value in zip(names, values, strict=True) if name.startswith("{")}


def route_of(method: str, path: str) -> tuple[Route | None, dict[str, str], bool]:
    """The route, the identifiers of the path, and whether another method would have found one."""
    other_method = False
    for route in ROUTES:
        ids = segments_of(route.template, path)
        if ids is not None and route.method == method:
            return route, ids, False
        other_method = other_method or ids is not None
    return None, {}, other_method


def operation_of(method: str, path: str) -> str:
    route = route_of(method, path)[0]
    return route.operation if route else UNKNOWN_OPERATION


def answer(call: Call) -> Reply:
    if call.options.api_disabled:
        return replies.page(404)
    route, ids, other_method = route_of(call.method, call.path)
    if other_method:
        return replies.error(405, f"The requested resource does not support http method '{call.method}'.")
    if route is None:
        message = f"No HTTP resource was found that matches the request URI '{call.path}'."
        return replies.error(404, message, MessageDetail="No type was found that matches the controller.")
    for name, value in ids.items():
        identifier = guid(value) if name != "type" else value.lower()
        if identifier is None:
            return replies.invalid(f"The parameter '{name}' of type 'System.Guid' has no valid value.")
        call.ids[name] = identifier
    try:
        return (route.handler or as_documented)(call)
    except Refused as refusal:
        return refusal.reply


def as_documented(call: Call) -> Reply:
    """The recorded example when there is one; otherwise there is nothing to return."""
    try:
        body = json.loads(call.body) if call.body.strip() else None
    except ValueError:
        return replies.invalid("The body is not valid JSON.")
    exchange = match(call.documented, call.method, call.path, call.query, body)
    return replies.ok(exchange.json, exchange.status) if exchange else replies.nothing()
