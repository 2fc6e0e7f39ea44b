# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The properties of a wanted request, and the idempotency key in its comment. No I/O."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.times import instant

# The limit of the same product's SQL procedures; for REST no limit is documented.
COMMENT_MAX = 256

_EARLIEST = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
_KEY = re.compile(r"[A-Za-z0-9._:/@+-]{1,64}")


_CARRIED = re.compile(r"\[mimcm:([A-Za-z0-9._:/@+-]{1,64})\]")


@dataclass(frozen=True)
class Wanted:
    """The properties in which a request must equal the wanted one; None for those that do not matter.

    Args:
        type: One of C(lifecycle.CREATION_TYPES).
        profile_template: The profile template's id.
        target: The target user's id; None for the account itself, or for the owner of the card or profile.
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
        """Whether the request is for the account that signs in, so the server can filter."""
        return not (self.target or self.smartcard or self.profile)


def comment_with_key(comment: str, key: str | None) -> str:
    """Return a comment with an idempotency key at its end, as C([mimcm:the-key]).

    Raises:
        UsageError: The key contains characters that are not allowed, or the comment becomes too long.
    """
    if key is not None and not _KEY.fullmatch(key):
        raise UsageError("idempotency_key must be 1 to 64 letters, digits or characters of ._:/@+- without spaces")
    if _CARRIED.search(comment):
        raise UsageError("comment must not contain [mimcm:...] itself", remedy="set idempotency_key instead")
    text = f"{comment} [mimcm:{key}]".strip() if key else comment
    if len(text) > COMMENT_MAX:
        raise UsageError(
            f"comment{' with idempotency_key' if key else ''} has {len(text)} characters, but MIM CM keeps only "
            f"{COMMENT_MAX}",
            remedy="shorten it",
        )
    return text


def carried_key(request: Request) -> str | None:
    """Return the idempotency key in a request's comment, None without one."""
    found = _CARRIED.search(str(request["comment"] or ""))
    return found[1] if found else None


def keeps_key(request: Request, wanted: Wanted) -> bool:
    """Return whether a created request still has its idempotency key; assumed if the server does not show comments."""
    return not wanted.key or request["comment"] is None or carried_key(request) == wanted.key


def submission_order(request: Request) -> tuple[datetime.datetime, str, str]:
    """Return what to sort requests by, the one that was submitted first in front; the id decides about ties.

    Not the text of the time alone: the server leaves zeros at its end out, and as texts 0.12 comes before 0.1Z.
    """
    submitted = request["submitted"] or ""
    return instant(submitted) or _EARLIEST, submitted, request["uuid"]


def ask_again(request_id: str, status: str | None, name: str, generation: int) -> str:
    """Return the message that a rejected request is not created again, and how to request it again."""
    what = "Failed or was abandoned" if status == "Failed" else f"was {status}"
    return (
        f"Request {request_id} {what}, and is not created again; find out why, and set generation: {generation + 1} "
        f"for {name} to request everything again that is not still open."
    )
