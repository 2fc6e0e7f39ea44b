# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which request is the one that is wanted: the same type, profile template, target, and card or profile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.values import CREATION_TYPES, REQUEST_TYPE

# In the order of a request's life: one that moves on while the lists are read one by one is seen in a later list.
OPEN = ("Pending", "Approved", "Executing")

# The same product's SQL procedures allow as many; for REST no length is documented.
COMMENT_MAX = 256

_KEY = re.compile(r"[A-Za-z0-9._:/@+-]{1,64}")
_CARRIED = re.compile(r"\[mimcm:([A-Za-z0-9._:/@+-]{1,64})\]")


@dataclass(frozen=True)
class Wanted:
    """What makes two requests the same wish; None for what does not count.

    Args:
        type: One of C(values.CREATION_TYPES).
        profile_template: The profile template's id.
        target: The target user's id; None for the account itself, or for whom the card or profile belongs to.
        smartcard: The smart card's Uuid.
        profile: The profile's Uuid.
        key: The idempotency key.
    """

    type: str
    profile_template: str | None = None
    target: str | None = None
    smartcard: str | None = None
    profile: str | None = None
    key: str | None = None

    @property
    def for_caller(self) -> bool:
        """Whether the request is for the account that signs in, so that the server can filter."""
        return not (self.target or self.smartcard or self.profile)


def comment_with_key(comment: str, key: str | None) -> str:
    """Return a comment that carries an idempotency key, as C([mimcm:the-key]) at its end.

    Raises:
        UsageError: The key has other characters than it may have, or the comment becomes too long.
    """
    if key is not None and not _KEY.fullmatch(key):
        raise UsageError("idempotency_key must be 1 to 64 letters, digits or characters of ._:/@+- without blanks.")
    if _CARRIED.search(comment):
        raise UsageError("comment must not hold [mimcm:...] itself; set idempotency_key instead.")
    text = f"{comment} [mimcm:{key}]".strip() if key else comment
    if len(text) > COMMENT_MAX:
        raise UsageError(
            f"comment{' with idempotency_key' if key else ''} has {len(text)} characters, and MIM CM keeps "
            f"{COMMENT_MAX}; shorten it."
        )
    return text


def carried_key(request: Request) -> str | None:
    """Return the idempotency key that a request carries, None for none."""
    found = _CARRIED.search(str(request["comment"] or ""))
    return found[1] if found else None


def find_matches(client: Client, wanted: Wanted) -> list[Request]:
    """Return the requests that are the wanted one, the first submitted first.

    An open request matches if all that is wanted is the same. With a key, one that carries another key does not, and
    one that carries the key also matches when it has completed.
    """
    target_user = "current" if wanted.for_caller else None
    found = {
        request["uuid"]: request
        for status in OPEN
        for request in client.list_requests(status=status, target_user=target_user)
        # Filtered here too: what has ended is never taken for what is wanted, whatever the server lists.
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
        # No source tells its number: it is one of those that have no name.
        return request["request_type_code"] is not None and request["request_type_code"] not in REQUEST_TYPE
    return bool(request["request_type_code"] == number)
