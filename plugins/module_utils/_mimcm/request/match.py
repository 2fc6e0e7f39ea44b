# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the requests that match a wanted one: the same type, profile template, target, and card or profile."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    OPEN,
    REQUEST_TYPE,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import Wanted, carried_key


def find_matches(client: Client, wanted: Wanted) -> list[Request]:
    """Return the requests that match the wanted one, in the order in which they were submitted.

    An open request matches if all wanted properties are equal. If an idempotency key is wanted, a request with another
    key does not match, and a completed request with the same key does.
    """
    target_user = "current" if wanted.for_caller else None
    found = {
        request["uuid"]: request
        for status in OPEN
        for request in client.list_requests(status=status, target_user=target_user)
        # Filtered here too, so an ended request never matches, whatever the server lists.
        if request["status"] == status and _same(request, wanted) and _key_fits(request, wanted.key)
    }
    matches = sorted(found.values(), key=lambda request: (request["submitted"] or "", request["uuid"]))
    if not wanted.key:
        return matches
    keyed = [request for request in matches if carried_key(request) == wanted.key]
    return keyed or list(_completed(client, wanted, target_user)) or matches


def _completed(client: Client, wanted: Wanted, target_user: str | None) -> Iterator[Request]:
    for request in client.list_requests(status="Completed", target_user=target_user):
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


def _key_fits(request: Request, key: str | None) -> bool:
    return key is None or carried_key(request) in (key, None)


def _same_type(request: Request, name: str) -> bool:
    number = CREATION_TYPES[name]
    if number is None:
        # No source documents the number of this type, so it must be one that has no name yet.
        return request["request_type_code"] is not None and request["request_type_code"] not in REQUEST_TYPE
    return bool(request["request_type_code"] == number)
