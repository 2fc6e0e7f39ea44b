# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects that a compliance check looks at, with what rules cannot work out themselves. No I/O."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import validity
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    OPEN,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import Item, Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import times

World = Mapping[str, list[Item]]
"""The objects by kind; a kind that no rule is about, and that nothing else needs, is not there."""


_DAY = datetime.timedelta(days=1)


_NAMED = 10


def with_ages(
    world: World, now: datetime.datetime, lacks_data: Callable[[Request], bool] = lambda request: False
) -> World:
    """Return the objects with what rules may ask for beside the server's properties.

    Args:
        world: The objects.
        now: The time.
        lacks_data: Whether an open request lacks data.
    """
    requests = world["request"]
    completed = _cards_of(request for request in requests if request["status"] == "Completed")
    opened = _cards_of(request for request in requests if request["status"] in OPEN)
    found: dict[str, list[Item]] = {
        "request": [_request_with_ages(request, now, lacks_data) for request in requests],
        "certificate": [validity.with_expiry(certificate, now) for certificate in world.get("certificate", [])],
        "smartcard": [
            {**card, "has_completed_request": card["uuid"] in completed, "has_open_request": card["uuid"] in opened}
            for card in world.get("smartcard", [])
        ],
        "profile": world.get("profile", []),
    }
    return {kind: found[kind] for kind in world}


def unread_times(world: World) -> list[str]:
    """Return a warning if ages are not known: no rule on age can find such a request."""
    unknown = [item for item in world["request"] if item["open"] and item["age_days"] is None]
    if not unknown:
        return []
    named = ", ".join(item["uuid"] for item in unknown[:_NAMED])
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    return [
        f"When these open requests were submitted could not be read, so that no rule on age finds them: {named}{more}."
    ]


def certificate_id(certificate: Item) -> str:
    """Return what names a certificate: its thumbprint, for want of it its serial number."""
    return validity.comparable(certificate["thumbprint"] or certificate["serial_number"] or "unknown")


def _request_with_ages(request: Request, now: datetime.datetime, lacks_data: Callable[[Request], bool]) -> Item:
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
