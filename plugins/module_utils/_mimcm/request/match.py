# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the requests that match a wanted one: the same type, profile template, target, and card or profile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    OPEN,
    REQUEST_TYPE,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import (
    Wanted,
    carried_key,
    submission_order,
)


@dataclass(frozen=True)
class Found:
    """The requests that match a wanted one, and what else was listed.

    Args:
        matches: The matches, in the order in which they were submitted.
        listed: The ids of all listed requests, whether they match or not.
    """

    matches: list[Request]
    listed: frozenset[str]


def list_open(client: Client, wanted: Wanted) -> list[Request]:
    """Return all open requests among which a request for the same could be."""
    listed = {
        request["uuid"]: request
        for status in OPEN
        for request in client.list_requests(status=status, target_user=_target_user(wanted))
        # Filtered here too, so an ended request never matches, whatever the server lists.
        if request["status"] == status
    }
    return list(listed.values())


def find_matches(client: Client, wanted: Wanted) -> Found:
    """Return the requests that match the wanted one.

    An open request matches if all wanted properties are equal. If an idempotency key is wanted, a request with another
    key does not match, and a completed request with the same key does.
    """
    listed = list_open(client, wanted)
    matches = rivals(listed, wanted)
    if wanted.key and not matches:
        fitting = [request for request in listed if _same(request, wanted) and carried_key(request) is None]
        matches = list(_completed(client, wanted)) or sorted(fitting, key=submission_order)
    return Found(matches, frozenset(request["uuid"] for request in listed))


def rivals(requests: Iterable[Request], wanted: Wanted) -> list[Request]:
    """Return the open requests for the same, in the order in which they were submitted.

    With an idempotency key these are the ones with the same key, without one all of them.
    """
    found = (
        request
        for request in requests
        if request["status"] in OPEN
        and _same(request, wanted)
        and (wanted.key is None or carried_key(request) == wanted.key)
    )
    return sorted(found, key=submission_order)


def _target_user(wanted: Wanted) -> str | None:
    return "current" if wanted.for_caller else None


def _completed(client: Client, wanted: Wanted) -> Iterator[Request]:
    for request in client.list_requests(status="Completed", target_user=_target_user(wanted)):
        if request["status"] == "Completed" and _same(request, wanted) and carried_key(request) == wanted.key:
            yield request


def _same(request: Request, wanted: Wanted) -> bool:
    return (
        _same_type(request, wanted.type)
        and wanted.profile_template in (None, request["profile_template_uuid"])
        and wanted.target in (None, request["target_user_uuid"])
        and wanted.smartcard in (None, request["old_smartcard_uuid"], request["new_smartcard_uuid"])
        and wanted.profile in (None, request["old_profile_uuid"], request["new_profile_uuid"])
    )


def differences(request: Request, wanted: Wanted, comment: str) -> list[str]:
    """Return in what a request that the server calls the created one differs from the wanted one, as clauses.

    What the server does not show is no difference.

    Args:
        request: The request.
        wanted: The wanted request.
        comment: The comment that was sent.
    """
    found = []
    if request["request_type_code"] is not None and not _same_type(request, wanted.type):
        found.append(f"its type is {request['request_type'] or request['request_type_code']}, not {wanted.type}")
    # A request for the caller is for whoever made it.
    target = request["originator_user_uuid"] if wanted.for_caller else wanted.target
    for name, expected, shown in (
        ("profile template", wanted.profile_template, [request["profile_template_uuid"]]),
        ("target user", target, [request["target_user_uuid"]]),
        ("smart card", wanted.smartcard, [request["old_smartcard_uuid"], request["new_smartcard_uuid"]]),
        ("profile", wanted.profile, [request["old_profile_uuid"], request["new_profile_uuid"]]),
    ):
        known = [value for value in dict.fromkeys(shown) if value]
        if expected and known and expected not in known:
            found.append(f"its {name} is {' or '.join(known)}, not {expected}")
    return [*found, *_other_comment(request, wanted, comment)]


def _other_comment(request: Request, wanted: Wanted, comment: str) -> Iterator[str]:
    """Say that a comment is not the one that was sent. A server may shorten a comment, or add to it."""
    shown, carried = " ".join(str(request["comment"] or "").split()), carried_key(request)
    sent = " ".join(comment.split())
    if carried != wanted.key and carried is not None:
        yield f"its idempotency key is {carried}, not {wanted.key}" if wanted.key else "it has an idempotency key"
    elif carried is None and shown not in sent and sent not in shown:
        yield "its comment is another one"


def _same_type(request: Request, name: str) -> bool:
    number = CREATION_TYPES[name]
    if number is None:
        # No source documents the number of this type, so it must be one that has no name yet.
        return request["request_type_code"] is not None and request["request_type_code"] not in REQUEST_TYPE
    return bool(request["request_type_code"] == number)
