# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create a request: what it must name, what the policy says to it, and one request whatever the connection does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence, write_once
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    MimcmError,
    ServerError,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import shapes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    REQUEST_TYPE,
    policy_type,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import Item, Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid, is_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.match import find_matches
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import Wanted

_CARD = ("smartcard_id",)
_CARD_OR_PROFILE = ("smartcard_id", "profile_id")
_TEMPLATE = ("profile_template",)
# What each type is about: one of these options must be given.
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
_NAMED = 10


def check_subject(request_type: str, given: Mapping[str, Any]) -> None:
    """Refuse a request that does not say what it is about.

    Raises:
        UsageError: The message names the options.
    """
    subjects = _SUBJECTS[request_type]
    if not any(given[name] for name in subjects):
        raise UsageError(f"A request of type {request_type} needs {' or '.join(subjects)}")
    if given["smartcard_id"] and given["profile_id"]:
        raise UsageError(
            "A request is about a smart card or about a profile", remedy="leave smartcard_id or profile_id out"
        )
    if request_type == "Enroll" and (given["smartcard_id"] or given["profile_id"]):
        raise UsageError(
            "A request of type Enroll makes a new card or profile", remedy="leave smartcard_id and profile_id out"
        )


def template_id(client: Client, text: str) -> str:
    """Return the id of the profile template that is given by id or by name.

    Raises:
        UsageError: There is none of that name, or several.
    """
    if is_guid(text.strip()):
        return guid(text, "profile_template")
    templates = client.list_profile_templates()
    found = [template for template in templates if template["name"] == text]
    if len(found) == 1:
        return str(found[0]["uuid"])
    if found:
        ids = ", ".join(template["uuid"] for template in found)
        raise UsageError(
            f"{len(found)} profile templates are named '{text}'",
            where="profile_template",
            remedy=f"give one of the ids {ids}",
        )
    names = ", ".join(f"'{template['name']}'" for template in templates[:_NAMED]) or "none"
    more = f" and {len(templates) - _NAMED} more" if len(templates) > _NAMED else ""
    raise UsageError(
        f"the account can read no profile template '{text}'",
        where="profile_template",
        remedy=f"it can read {names}{more}",
    )


def read_policy(client: Client, wanted: Wanted) -> tuple[Item | None, str]:
    """Return the policy that a request must agree with and what it is called; for want of it, why there is none."""
    try:
        template = wanted.profile_template or _template_of_subject(client, wanted)
        if template is None:
            return None, "the profile template of the card or profile is not known"
        policy = client.get_workflow_policy(template, policy_type(wanted.type))
    except (Forbidden, ServerError) as error:
        # The server decides in the end; what it does not let us read is no reason not to ask.
        return None, error.clause
    name = f"the {policy_type(wanted.type)} policy of profile template {template}"
    return (
        policy,
        name if policy else f"the server has none for {policy_type(wanted.type)} and profile template {template}",
    )


def _template_of_subject(client: Client, wanted: Wanted) -> str | None:
    get, subject_id = (
        (client.get_smartcard, wanted.smartcard) if wanted.smartcard else (client.get_profile, wanted.profile)
    )
    subject = get(subject_id) if subject_id else None
    return subject["profile_template_uuid"] if subject else None


def predicted(wanted: Wanted, body: Mapping[str, Any], data_collection: Mapping[str, Any]) -> Request:
    """Return a request as far as it is known before the server has seen it."""
    number = CREATION_TYPES[wanted.type]
    return {
        **shapes.REQUEST.empty(),
        "status": None,
        "status_code": None,
        "request_type": REQUEST_TYPE.get(number) if number else None,
        "request_type_code": number,
        "data_collection": [{"name": name, "value": value} for name, value in data_collection.items()],
        "target_user_uuid": wanted.target,
        "profile_template_uuid": wanted.profile_template,
        "old_smartcard_uuid": wanted.smartcard,
        "old_profile_uuid": wanted.profile,
        "comment": body["comment"],
        "priority": None if body["priority"] is None else int(body["priority"]),
    }


def create(client: Client, wanted: Wanted, body: Mapping[str, Any], how: Persistence) -> tuple[str, Request | None]:
    """Create a request once, and return its id and what the server says of it.

    Raises:
        MimcmError: It was refused, or it is not known whether it was created, or it was and could not be read.
    """

    def look() -> str | None:
        matches = find_matches(client, wanted)
        return matches[0]["uuid"] if matches else None

    request_id = write_once(lambda: client.create_request(body), look, "the creation of the request", how)
    try:
        return request_id, client.get_request(request_id)
    except MimcmError as error:
        raise MimcmError(
            f"Request {request_id} was created, but could not be read afterwards",
            reason=error.fact,
            remedy=error.remedy,
            **error.details,
            changed=True,
            request_id=request_id,
        ) from None
