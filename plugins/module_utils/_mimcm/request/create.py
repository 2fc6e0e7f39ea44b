# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create a request exactly once, even if the connection breaks, after checking it and its workflow policy."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import (
    NOT_THERE,
    Persistence,
    another_than_wanted,
    unread,
    write_once,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    MimcmError,
    Transient,
    UsageError,
    about_one_item,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    REQUEST_TYPE,
    policy_type,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import REQUEST, wire_data_collection
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request, WorkflowPolicy
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.match import differences, find_matches
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import Wanted
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.workflow_policy import objections

_WHAT = "the creation of the request"
_CARD = ("smartcard_id",)
_CARD_OR_PROFILE = ("smartcard_id", "profile_id")
_TEMPLATE = ("profile_template",)
# The subject of each request type: one of these options must be given.
_SUBJECTS = {
    "Enroll": _TEMPLATE,
    "TemporaryCards": _TEMPLATE,
    "Unblock": _CARD,
    "OfflineUnblock": _CARD,
    "Retire": _CARD,
    "Recover": _CARD_OR_PROFILE,
    "Renew": _CARD_OR_PROFILE,
    "Revoke": _CARD_OR_PROFILE,
    "Duplicate": _CARD_OR_PROFILE,
    "RecoverOnBehalf": _CARD_OR_PROFILE,
    "Reinstate": _CARD_OR_PROFILE,
    "OnlineUpdate": _CARD_OR_PROFILE,
}


def check_subject(
    request_type: str, profile_template: str | None, smartcard_id: str | None, profile_id: str | None
) -> None:
    """Refuse a request without a subject, or with two. The arguments are the options of these names.

    Raises:
        UsageError: The message names the options.
    """
    given = {"profile_template": profile_template, "smartcard_id": smartcard_id, "profile_id": profile_id}
    subjects = _SUBJECTS[request_type]
    if not any(given[name] for name in subjects):
        raise UsageError(f"A request of type {request_type} needs a subject", remedy=f"set {' or '.join(subjects)}")
    if smartcard_id and profile_id:
        raise UsageError(
            "A request is about either a smart card or a profile", remedy="leave smartcard_id or profile_id out"
        )
    if request_type == "Enroll" and (smartcard_id or profile_id):
        raise UsageError(
            "A request of type Enroll creates a new card or profile", remedy="leave smartcard_id and profile_id out"
        )


def read_policy(client: Client, wanted: Wanted) -> tuple[WorkflowPolicy | None, str]:
    """Return the workflow policy for a request and its name, or None and the reason why there is none."""
    try:
        template = wanted.profile_template or _template_of_subject(client, wanted)
        if template is None:
            return None, "the profile template of the card or profile is not known"
        policy = client.get_workflow_policy(template, policy_type(wanted.type))
    except MimcmError as error:
        if isinstance(error, Transient) or not about_one_item(error):
            raise
        # The server checks the policy anyway, so a policy that the account may not read does not stop the request.
        return None, error.clause
    name = f"the {policy_type(wanted.type)} policy of profile template {template}"
    return policy, name if policy else f"the server does not have {name}"


def check_policy(
    policy: WorkflowPolicy,
    name: str,
    data_collection: Mapping[str, Any],
    comment: str = "",
    priority: int | None = None,
) -> None:
    """Refuse a request that violates its workflow policy.

    Args:
        policy: The policy.
        name: Its name, for the message.
        data_collection: The values of the request's data collection items by name.
        comment: The user's comment.
        priority: The user's priority, None for none.

    Raises:
        UsageError: The request violates the policy; the message names every violation.
    """
    against = objections(policy, data_collection, comment, priority)
    if against:
        raise UsageError(
            f"The request violates {name}",
            reason="; ".join(against),
            remedy="or set check_policy: false to leave the decision to the server",
        )


def _template_of_subject(client: Client, wanted: Wanted) -> str | None:
    if wanted.smartcard:
        card = client.get_smartcard(wanted.smartcard)
        return card["profile_template_uuid"] if card else None
    profile = client.get_profile(wanted.profile) if wanted.profile else None
    return profile["profile_template_uuid"] if profile else None


def body_of(
    wanted: Wanted, data_collection: Mapping[str, Any], form: str, comment: str, priority: int | None = None
) -> dict[str, Any]:
    """Return the body of the call that creates a request, with None for properties that are left out.

    Args:
        wanted: The request.
        data_collection: The values of its data collection items by name.
        form: How the data collection is sent: C(list) or C(string).
        comment: The comment, which contains the idempotency key.
        priority: The priority, None for the one in the policy.
    """
    return {
        "profiletemplateuuid": wanted.profile_template,
        "datacollection": wire_data_collection(data_collection, form),
        "target": wanted.target,
        "type": wanted.type,
        "comment": comment,
        # The documented example sends a string.
        "priority": None if priority is None else str(priority),
        "smartcard": wanted.smartcard,
        "profile": wanted.profile,
    }


def predicted(wanted: Wanted, body: Mapping[str, Any], data_collection: Mapping[str, Any]) -> Request:
    """Return a request that was not created yet, as far as its properties are known, for check mode."""
    number = CREATION_TYPES[wanted.type]
    request = REQUEST.empty()
    request["request_type"] = REQUEST_TYPE.get(number) if number else None
    request["request_type_code"] = number
    request["status"] = request["status_code"] = None
    request["data_collection"] = [{"name": name, "value": value} for name, value in data_collection.items()]
    request["target_user_uuid"] = wanted.target
    request["profile_template_uuid"] = wanted.profile_template
    request["old_smartcard_uuid"] = wanted.smartcard
    request["old_profile_uuid"] = wanted.profile
    request["comment"] = body["comment"]
    request["priority"] = None if body["priority"] is None else int(body["priority"])
    return request


@dataclass(frozen=True)
class Created:
    """A created request.

    Args:
        request: The request as the server returns it.
        ours: Whether it is certain that this run created it, and not another one that wants the same.
    """

    request: Request
    ours: bool


def create(
    client: Client, wanted: Wanted, body: Mapping[str, Any], how: Persistence, known: Container[str] = ()
) -> Created:
    """Create a request exactly once, and return it.

    The answer names a request. If that one is not what was wanted, it is looked for as after an unreadable answer.

    Args:
        client: The API.
        wanted: The request.
        body: The body of the call.
        how: How hard to try.
        known: The ids of requests that existed before.

    Raises:
        MimcmError: The creation was refused, or its outcome is unknown, or the created request could not be read.
    """
    creation = _Creation(client, wanted, body, known)
    return write_once(creation.send, creation.look, _WHAT, how)


class _Creation:
    """One creation: sends it, compares what the answer names with what was wanted, and looks for it otherwise."""

    def __init__(self, client: Client, wanted: Wanted, body: Mapping[str, Any], known: Container[str]) -> None:
        self._client, self._wanted, self._body, self._known = client, wanted, body, known
        self._named: str | None = None

    def send(self) -> Created:
        """Create the request.

        Raises:
            InvalidAnswer: The answer names no request, or another one.
            MimcmError: The creation was refused, or the created request could not be read.
        """
        self._named = None
        named = self._named = self._client.create_request(self._body)
        try:
            request = self._client.get_request(named)
        except Forbidden as error:
            # What the account may not read can be somebody else's request.
            if found := self.look():
                return found
            raise unread(f"Request {named} was created", error, request_id=named) from None
        except MimcmError as error:
            raise unread(f"Request {named} was created", error, request_id=named) from None
        differences = self._differences(request)
        if request is None or differences:
            raise another_than_wanted(f"request {named}", differences, _WHAT)
        return Created(request, ours=True)

    def look(self) -> Created | None:
        """Return the request if the server has it, None otherwise."""
        found = find_matches(self._client, self._wanted).matches
        matches = [request for request in found if request["uuid"] not in self._known]
        named = [request for request in matches if request["uuid"] == self._named]
        return next((Created(request, request["uuid"] == self._named) for request in [*named, *matches]), None)

    def _differences(self, request: Request | None) -> list[str]:
        if request is None:
            return [NOT_THERE]
        if request["uuid"] in self._known:
            return ["it existed before"]
        return differences(request, self._wanted, str(self._body["comment"]))
