# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations 11 and 19 to 22: profiles, what may be done with them and with cards, and certificates."""

from __future__ import annotations

from typing import Any

from . import replies
from .call import Call, example, unknown
from .replies import Reply
from .requests_api import readable
from .values import PROFILE_FILTERS, PROFILE_STATUSES, named
from .world import Card, Certificate, Profile, World

_S = PROFILE_STATUSES
_RETIRED = _S["Retired"]
# Those of a Disabled card and of an Active profile are documented; the others are inferred.
CARD_OPERATIONS = {
    _S["Active"]: ["renew", "unblock", "retire", "disable"],
    _S["Disabled"]: ["renew", "unblock", "retire"],
    _RETIRED: [],
}
PROFILE_OPERATIONS = {
    _S["Active"]: ["renew", "disable", "recover"],
    _S["Disabled"]: ["renew", "recover"],
    _RETIRED: [],
}
# New, Assigned, Suspended, and numbers that nobody knows.
_OTHERWISE = ["retire"]

# What a card or a profile shows of a certificate.
_SHORT = ("IsKeyHistory", "ArchivedOnCa", "CertificateType", "TemplateCommonName", "SerialNumber", "Thumbprint")


def _operations(item: Card | Profile) -> list[str]:
    if isinstance(item, Card):
        return CARD_OPERATIONS.get(item.status, _OTHERWISE)
    if item.operations is not None and item.status == _S["Active"]:
        return item.operations
    return PROFILE_OPERATIONS.get(item.status, _OTHERWISE)


def _shown(profile: Profile) -> dict[str, Any]:
    return {**profile.document, "ProfileOperations": _operations(profile)}


def card_operations(call: Call) -> Reply:
    card = call.world.cards.get(call.ids["id"])
    if card is None:
        return example(call) or unknown(call, "smart card", call.ids["id"])
    return replies.found(_operations(card))


def profile_operations(call: Call) -> Reply:
    profile = call.world.profiles.get(call.ids["id"])
    if profile is None:
        return example(call) or unknown(call, "profile", call.ids["id"])
    return replies.found(_operations(profile))


def list_profiles(call: Call) -> Reply:
    profiles = list(call.world.profiles.values())
    if "status" in call.query:
        status = call.query["status"].lower()
        if status not in (name.lower() for name in PROFILE_FILTERS):
            return replies.invalid(f"The value '{call.query['status']}' is not valid for status.")
        number = named(PROFILE_STATUSES, status)
        profiles = [profile for profile in profiles if profile.status == number]
    return replies.found([_shown(profile) for profile in profiles])


def get_profile(call: Call) -> Reply:
    profile = call.world.profiles.get(call.ids["id"])
    if profile is None:
        return example(call) or unknown(call, "profile", call.ids["id"])
    return replies.ok(_shown(profile))


def profiles_of_request(call: Call) -> Reply:
    """The new one before the old one."""
    request = readable(call, call.ids["id"])
    if request is None:
        return example(call) or unknown(call, "request", call.ids["id"])
    named_there = dict.fromkeys((request.document["NewProfileUuid"], request.document["OldProfileUuid"]))
    profiles = [call.world.profiles[profile] for profile in named_there if profile in call.world.profiles]
    return replies.found([_shown(profile) for profile in profiles])


def _short(certificates: list[Certificate]) -> Reply:
    return replies.found([{name: item.document[name] for name in _SHORT} for item in certificates])


def card_certificates(call: Call) -> Reply:
    identifier = call.ids["id"]
    if identifier not in call.world.cards:
        return example(call) or unknown(call, "smart card", identifier)
    return _short([item for item in call.world.certificates if item.smartcard == identifier])


def profile_certificates(call: Call) -> Reply:
    identifier = call.ids["id"]
    if identifier not in call.world.profiles:
        return example(call) or unknown(call, "profile", identifier)
    return _short([item for item in call.world.certificates if item.profile == identifier])


def own_certificates(call: Call) -> Reply:
    certificates = [item for item in call.world.certificates if item.mine and not _retired(call.world, item)]
    return replies.found([item.document for item in certificates])


def _retired(world: World, certificate: Certificate) -> bool:
    holders = (world.cards.get(certificate.smartcard), world.profiles.get(certificate.profile))
    return any(holder is not None and holder.status == _RETIRED for holder in holders)
