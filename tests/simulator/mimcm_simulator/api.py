# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of the API: which operation a path is, and who answers it."""

from __future__ import annotations

from dataclasses import dataclass

from . import cards_api, enrolment_api, keys_api, profiles_api, replies, requests_api, templates_api
from .call import Call, Handler, Refused
from .replies import Reply
from .values import guid

UNKNOWN_OPERATION = "other"


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    handler: Handler

    @property
    def operation(self) -> str:
        return f"{self.method} {self.template}"


ROUTES = (
    Route("GET", "/profiletemplates", templates_api.list_templates),
    Route("GET", "/profiletemplates/{id}", templates_api.get_template),
    Route("GET", "/profiletemplates/{id}/policies/{type}", templates_api.get_policy),
    Route("GET", "/profiletemplates/{id}/policy/workflow/{type}", templates_api.get_policy),
    Route("GET", "/profiletemplates/{id}/configuration/smartcards", templates_api.get_configuration),
    Route("POST", "/requests", requests_api.create_request),
    Route("GET", "/requests", requests_api.list_requests),
    Route("GET", "/requests/{id}", requests_api.get_request),
    Route("PUT", "/requests/{id}", requests_api.end_request),
    Route("GET", "/requests/{id}/certificaterequestgenerationoptions", enrolment_api.generation_options),
    Route("POST", "/requests/{id}/certificatedata", enrolment_api.submit),
    Route("GET", "/requests/{id}/profiles", profiles_api.profiles_of_request),
    Route("POST", "/smartcards", cards_api.bind_card),
    Route("GET", "/smartcards", cards_api.list_cards),
    Route("GET", "/smartcards/{id}", cards_api.get_card),
    Route("GET", "/smartcards/{id}/serverproposedpin", cards_api.proposed_pin),
    Route("GET", "/requests/{rid}/smartcards/{id}/serverproposedpin", cards_api.proposed_pin_of_request),
    Route("GET", "/requests/{rid}/smartcards/{id}/authenticationresponse", keys_api.authentication_response),
    Route("GET", "/requests/{rid}/smartcards/{id}/diversifiedkey", keys_api.diversified_key),
    Route("PUT", "/requests/{rid}/smartcards/{id}", cards_api.change_card),
    Route("GET", "/smartcards/{id}/operations", profiles_api.card_operations),
    Route("GET", "/profiles/{id}/operations", profiles_api.profile_operations),
    Route("GET", "/profiles", profiles_api.list_profiles),
    Route("GET", "/profiles/{id}", profiles_api.get_profile),
    Route("GET", "/smartcards/{id}/certificates", profiles_api.card_certificates),
    Route("GET", "/profiles/{id}/certificates", profiles_api.profile_certificates),
    Route("GET", "/certificates", profiles_api.own_certificates),
)
# The two documented spellings of one operation, and the choice of the command line that each belongs to.
POLICY_ROUTES = {
    "/profiletemplates/{id}/policies/{type}": "policies",
    "/profiletemplates/{id}/policy/workflow/{type}": "policy/workflow",
}


def segments_of(template: str, path: str) -> dict[str, str] | None:
    """Return the values of the template's parameters in a path, or None if the path does not match."""
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


def _exists(call: Call, route: Route) -> bool:
    return call.options.policy_route in ("both", POLICY_ROUTES.get(route.template, call.options.policy_route))


def answer(call: Call) -> Reply:
    if call.options.api_disabled:
        return replies.page(404)
    route, ids, other_method = route_of(call.method, call.path)
    if route is not None and not _exists(call, route):
        route = None
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
        return route.handler(call)
    except Refused as refusal:
        return refusal.reply
