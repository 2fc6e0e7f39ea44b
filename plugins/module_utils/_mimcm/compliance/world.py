# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of a compliance check, with the additional keys that rules may use. No I/O."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict, cast

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import validity
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import OPEN
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import (
    Certificate,
    CertificateWithExpiry,
    Profile,
    Request,
    Smartcard,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import times
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import some

Thing = Mapping[str, Any]
"""One object that rules check, of any kind."""

_DAY = datetime.timedelta(days=1)
_NAMED = 10


class HeldCertificate(Certificate):
    """A certificate, and the smart card and the profile that it is on."""

    smartcard_uuid: str | None
    profile_uuid: str | None


class UnreadableObject(TypedDict):
    """An object that could not be read, or not in full, and why."""

    about: str
    object: str
    reason: str


class Gathered(TypedDict, total=False):
    """The objects by kind, as they were read. Requests are always present, other kinds only if a rule needs them."""

    request: list[Request]
    smartcard: list[Smartcard]
    profile: list[Profile]
    certificate: list[HeldCertificate]
    unreadable: list[UnreadableObject]


class RequestToCheck(Request):
    """A request, with additional keys for rules."""

    open: bool
    age_days: float | None
    age_hours: float | None
    ended_days: float | None
    lacks_data: bool


class SmartcardToCheck(Smartcard):
    """A smart card, with additional keys for rules."""

    has_completed_request: bool
    has_open_request: bool


class CertificateToCheck(CertificateWithExpiry):
    """A certificate, with additional keys for rules."""

    smartcard_uuid: str | None
    profile_uuid: str | None


class World(TypedDict, total=False):
    """The objects by kind, as rules see them."""

    request: list[RequestToCheck]
    smartcard: list[SmartcardToCheck]
    profile: list[Profile]
    certificate: list[CertificateToCheck]


def of_kind(world: World, kind: str) -> Sequence[Thing]:
    """Return the objects of one kind."""
    return cast(Mapping[str, Sequence[Thing]], world)[kind]


def with_ages(
    gathered: Gathered, now: datetime.datetime, lacks_data: Callable[[Request], bool] = lambda request: False
) -> World:
    """Return the objects with the additional keys that rules may use.

    Args:
        gathered: The objects.
        now: The time.
        lacks_data: Tells whether an open request lacks data.
    """
    requests = gathered["request"]
    world: World = {"request": [_request(request, now, lacks_data) for request in requests]}
    if "certificate" in gathered:
        # The cast is safe: with_expiry keeps all other keys.
        aged = [validity.with_expiry(certificate, now) for certificate in gathered["certificate"]]
        world["certificate"] = cast(list[CertificateToCheck], aged)
    if "smartcard" in gathered:
        completed = _cards_of(request for request in requests if request["status"] == "Completed")
        opened = _cards_of(request for request in requests if request["status"] in OPEN)
        world["smartcard"] = [
            {**card, "has_completed_request": card["uuid"] in completed, "has_open_request": card["uuid"] in opened}
            for card in gathered["smartcard"]
        ]
    if "profile" in gathered:
        world["profile"] = gathered["profile"]
    return world


def unread_times(world: World) -> list[str]:
    """Return a warning if the age of an open request is not known, because no rule about ages can find it."""
    unknown = [request["uuid"] for request in world["request"] if request["open"] and request["age_days"] is None]
    if not unknown:
        return []
    named = some(unknown, len(unknown), _NAMED)
    return [f"The submission time of these open requests could not be read, so no age rule applies to them: {named}."]


def certificate_id(certificate: Thing) -> str:
    """Return the id of a certificate: its thumbprint, or its serial number if it has none."""
    return validity.comparable(certificate["thumbprint"] or certificate["serial_number"] or "unknown")


def _request(request: Request, now: datetime.datetime, lacks_data: Callable[[Request], bool]) -> RequestToCheck:
    is_open = request["status"] in OPEN
    age = _days_since(request["submitted"], now)
    ended = request["completed"] or request["submitted"]
    return {
        **request,
        "open": is_open,
        "age_days": age,
        "age_hours": None if age is None else age * 24,
        "ended_days": None if is_open else _days_since(ended, now),
        "lacks_data": is_open and lacks_data(request),
    }


def _days_since(text: str | None, now: datetime.datetime) -> float | None:
    then = times.instant(text)
    return None if then is None else (now - then) / _DAY


def _cards_of(requests: Iterable[Request]) -> set[str]:
    return {
        card
        for request in requests
        for card in (request["new_smartcard_uuid"], request["old_smartcard_uuid"])
        if card is not None
    }
