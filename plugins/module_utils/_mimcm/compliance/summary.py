# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers of a compliance check. No I/O."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import SEVERITIES
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import (
    CertificateToCheck,
    RequestToCheck,
    World,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import validity
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    PROFILE_STATUS,
    REQUEST_TYPE,
    SMARTCARD_STATUS,
    STATUS_CHOICES,
)

_Thing = Mapping[str, Any]


class Count(TypedDict):
    """How many objects have a name, such as a status."""

    name: str
    count: int


class LabelledCount(TypedDict):
    """How many objects are in a range, such as an age."""

    label: str
    count: int


class RequestNumbers(TypedDict):
    """The numbers of the requests."""

    total: int
    by_status: list[Count]
    by_type: list[Count]
    ages: list[LabelledCount]


class HolderNumbers(TypedDict):
    """The numbers of the smart cards or of the profiles."""

    total: int
    by_status: list[Count]


class CertificateNumbers(TypedDict):
    """The numbers of the certificates."""

    total: int
    by_template: list[Count]
    expiry: list[LabelledCount]


class FindingNumbers(TypedDict):
    """The numbers of the findings."""

    total: int
    new: int
    accepted: int
    resolved: int
    by_severity: list[Count]


class Summary(TypedDict):
    """The numbers of a check; null for kinds of objects that were not read."""

    requests: RequestNumbers
    smartcards: HolderNumbers | None
    profiles: HolderNumbers | None
    certificates: CertificateNumbers | None
    findings: FindingNumbers


# The age ranges of open requests, with their upper ends in days.
_AGES = {"up to 1 day": 1, "1 to 7 days": 7, "7 to 30 days": 30, "30 to 90 days": 90, "over 90 days": None}
_MONTHS = 12


def summary(world: World, found: Sequence[_Thing], resolved: Sequence[_Thing], now: datetime.datetime) -> Summary:
    """Return the numbers of a check, for pages and charts.

    Args:
        world: The objects, with their ages.
        found: The findings.
        resolved: The findings of the previous check that are resolved.
        now: The time.
    """
    return {
        "requests": {
            "total": len(world["request"]),
            "by_status": by_name(world["request"], "status", STATUS_CHOICES),
            "by_type": by_name(world["request"], "request_type", list(REQUEST_TYPE.values())),
            "ages": _ages(world["request"]),
        },
        "smartcards": _holders(world.get("smartcard"), SMARTCARD_STATUS),
        "profiles": _holders(world.get("profile"), PROFILE_STATUS),
        "certificates": _certificates(world, now),
        "findings": {
            "total": len(found),
            "new": sum(one["status"] == "new" for one in found),
            "accepted": sum(one["status"] == "accepted" for one in found),
            "resolved": len(resolved),
            "by_severity": counted(SEVERITIES, (one["severity"] for one in found)),
        },
    }


def by_name(found: Iterable[_Thing], key: str, known: Sequence[str]) -> list[Count]:
    """Return how many objects have each name, in the order of the known names. An unknown number is its own name."""
    counts = Counter(item[key] or f"unknown ({item[f'{key}_code']})" for item in found)
    order = [*known, *sorted(counts.keys() - set(known))]
    return [{"name": name, "count": counts[name]} for name in order if counts[name]]


def counted(names: Iterable[str], found: Iterable[str]) -> list[Count]:
    """Return how often each name was found, including names with a count of 0."""
    counts = Counter(found)
    return [{"name": name, "count": counts[name]} for name in names]


def _holders(found: Sequence[_Thing] | None, statuses: Mapping[int, str]) -> HolderNumbers | None:
    if found is None:
        return None
    return {"total": len(found), "by_status": by_name(found, "status", list(statuses.values()))}


def _ages(requests: Iterable[RequestToCheck]) -> list[LabelledCount]:
    counts: Counter[str] = Counter()
    for request in requests:
        age = request["age_days"]
        if request["open"] and age is not None:
            counts[next(label for label, end in _AGES.items() if end is None or age <= end)] += 1
    return [{"label": label, "count": counts[label]} for label in _AGES]


def _certificates(world: World, now: datetime.datetime) -> CertificateNumbers | None:
    if "certificate" not in world:
        return None
    certificates = world["certificate"]
    templates = Counter(str(certificate["template_common_name"] or "unknown") for certificate in certificates)
    months = [_month(now, ahead) for ahead in range(_MONTHS)]
    ends = Counter(_end(certificate, months) for certificate in certificates)
    return {
        "total": len(certificates),
        "by_template": [{"name": name, "count": count} for name, count in sorted(templates.items())],
        "expiry": [{"label": label, "count": ends[label]} for label in ("expired", *months, "later", "not known")],
    }


def _month(now: datetime.datetime, ahead: int) -> str:
    years, month = divmod(now.month - 1 + ahead, 12)
    return f"{now.year + years:04d}-{month + 1:02d}"


def _end(certificate: CertificateToCheck, months: Sequence[str]) -> str:
    end = validity.end_of(certificate)
    if end is None:
        return "not known"
    if certificate["expired"]:
        return "expired"
    month = f"{end.year:04d}-{end.month:02d}"
    return month if month in months else "later"
