# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the execution of a request does to its card and profile."""

from __future__ import annotations

from .values import CARD_STATUSES, NO_GUID, REQUEST_TYPES, STATUSES
from .world import Profile, Request, World, move, new_id, profile_document

# The statuses in which the work of a request is done.
OPEN = (STATUSES["Approved"], STATUSES["Executing"])

_T = REQUEST_TYPES
# The types that end with certificates.
ISSUING = frozenset(
    _T[name]
    for name in ("Enroll", "Recover", "Renew", "Duplicate", "RecoverOnBehalf", "OnlineUpdate", "TemporaryCards")
)
# What becomes of card and profile when a request of the type is completed; other types leave them as they are.
OUTCOMES = {
    **dict.fromkeys(ISSUING, CARD_STATUSES["Active"]),
    _T["Reinstate"]: CARD_STATUSES["Active"],
    _T["Revoke"]: CARD_STATUSES["Disabled"],
    _T["Retire"]: CARD_STATUSES["Retired"],
}


def issues(request: Request) -> bool:
    return request.document["RequestType"] in ISSUING


def begin(world: World, request: Request, now: float) -> None:
    """The first step of the work: Approved becomes Executing, and what is issued gets a profile."""
    if request.status == STATUSES["Approved"]:
        move(request, STATUSES["Executing"], now)
    if issues(request):
        _ensure_profile(world, request)


def _ensure_profile(world: World, request: Request) -> None:
    document = request.document
    if document["NewProfileUuid"] == NO_GUID:
        # The documented request shows its profile only once it is completed.
        document["NewProfileUuid"] = (request.when_completed or {}).get("NewProfileUuid", new_id())
    identifier = document["NewProfileUuid"]
    if identifier not in world.profiles:
        world.profiles[identifier] = Profile(
            profile_document(
                Uuid=identifier,
                AssignedUserUuid=document["TargetUserUuid"],
                ProfileTemplateUuid=document["ProfileTemplateUuid"],
            )
        )
    card = world.cards.get(document["NewSmartcardUuid"])
    if card and card.profile == NO_GUID:
        card.profile = identifier


def complete(world: World, request: Request) -> None:
    """To be called once the request is Completed."""
    outcome = OUTCOMES.get(request.document["RequestType"])
    if outcome is None:
        return
    if issues(request) and request.document["NewProfileUuid"] != NO_GUID:
        _ensure_profile(world, request)
    card = world.cards.get(_either(request, "Smartcard"))
    profile = world.profiles.get(card.profile if card and card.profile != NO_GUID else _either(request, "Profile"))
    for item in (card, profile):
        if item is not None:
            item.document["Status"] = outcome


def _either(request: Request, what: str) -> str:
    """The new one, or the old one for a request that makes no other."""
    new = str(request.document[f"New{what}Uuid"])
    return new if new != NO_GUID or issues(request) else str(request.document[f"Old{what}Uuid"])
