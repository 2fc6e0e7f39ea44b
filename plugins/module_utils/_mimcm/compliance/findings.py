# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings of a compliance check, compared with those of the previous check. No I/O."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypedDict, cast

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import KINDS, SEVERITIES, Rule
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.summary import Summary
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import (
    Thing,
    UnreadableObject,
    World,
    certificate_id,
    of_kind,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import FileError

VERSION = 1


class Found(TypedDict):
    """A finding before it is compared with the previous check."""

    rule: str
    title: str
    severity: str
    about: str
    object: str
    reason: str
    fingerprint: str
    details: Mapping[str, Any]


class Finding(Found):
    """A finding, with its status from the previous check and the baseline."""

    status: str
    first_seen: str


class AppliedRule(TypedDict):
    """A rule, and how many findings it has."""

    rule: str
    title: str
    severity: str
    about: str
    findings: int


class Record(TypedDict):
    """The record of a check: what it returns, and leaves for the next check to compare with."""

    version: int
    generated: str
    previous_generated: str | None
    server: str
    findings: list[Finding]
    resolved: list[Finding]
    rules: list[AppliedRule]
    summary: Summary
    unreadable: list[UnreadableObject]


STATUSES = ("new", "known", "accepted")
_TEXTS = ("rule", "title", "severity", "about", "object", "reason", "fingerprint", "status", "first_seen")

# The properties of the object that a finding contains in its details.
_DETAILS = {
    "request": (
        *("status", "status_code", "request_type", "target_user_uuid", "profile_template_uuid"),
        *("submitted", "completed", "new_smartcard_uuid", "old_smartcard_uuid", "new_profile_uuid", "old_profile_uuid"),
    ),
    "smartcard": ("status", "status_code", "card_id", "assigned_user_uuid", "profile_template_uuid"),
    "profile": ("status", "status_code", "assigned_user_uuid", "profile_template_uuid"),
    "certificate": (
        *("template_common_name", "serial_number", "requester_name", "not_before", "not_after"),
        *("smartcard_uuid", "profile_uuid"),
    ),
}


def evaluate(rules: Sequence[Rule], world: World) -> list[Found]:
    """Return the findings of rules, the most severe first, each object once for each rule.

    Raises:
        UsageError: A rule cannot be evaluated.
    """
    found = [
        _finding(rule, item)
        for rule in rules
        for item in {_identity(rule.about, item): item for item in rule.applies_to(of_kind(world, rule.about))}.values()
    ]
    order = {rule.id: position for position, rule in enumerate(rules)}
    rank = {severity: position for position, severity in enumerate(SEVERITIES)}
    return sorted(found, key=lambda one: (rank[one["severity"]], order[one["rule"]], one["object"]))


def fingerprint(rule: str, about: str, identity: str) -> str:
    """Return the fingerprint of a finding, which does not depend on its wording, severity and time."""
    return hashlib.sha256(f"{rule}\n{about}\n{identity}".encode()).hexdigest()[:32]


def seen(record: Record) -> dict[str, Any]:
    """Return the part of a record that depends neither on earlier checks nor on the time.

    Checks that find the same thus write the same files.
    """
    own = {"status", "first_seen"}
    summary = {**record["summary"], "findings": record["summary"]["findings"]["by_severity"]}
    return {
        "server": record["server"],
        "rules": record["rules"],
        "summary": summary,
        "findings": [{key: value for key, value in one.items() if key not in own} for one in record["findings"]],
        "unreadable": record.get("unreadable", []),
        "accepted": sorted(one["fingerprint"] for one in record["findings"] if one["status"] == "accepted"),
    }


def settled(record: Record, previous: Record | None) -> Record:
    """Return the record of the previous check if the new check found the same, otherwise the new record."""
    try:
        same = previous is not None and seen(previous) == seen(record)
    except (KeyError, TypeError):
        # The file was edited in the meantime.
        same = False
    if previous is None or not same:
        return record
    return {
        **record,
        "generated": previous["generated"],
        "previous_generated": previous.get("previous_generated"),
        "findings": previous["findings"],
        "resolved": previous["resolved"],
        "summary": previous["summary"],
    }


def compared(found: Iterable[Found], previous: Record | None, accepted: Collection[str], now: str) -> list[Finding]:
    """Return findings with their status from the previous check and the baseline.

    Args:
        found: The findings of this check.
        previous: The record of the previous check, None for none.
        accepted: The fingerprints in the baseline.
        now: The time, for findings that are new.
    """
    before = {one["fingerprint"]: one for one in previous["findings"]} if previous else {}
    result: list[Finding] = []
    for one in found:
        known = before.get(one["fingerprint"])
        status = "accepted" if one["fingerprint"] in accepted else "known" if known else "new"
        result.append({**one, "status": status, "first_seen": known["first_seen"] if known else now})
    return result


def resolved(found: Iterable[Found], previous: Record | None) -> list[Finding]:
    """Return the findings of the previous check that this check did not find any more."""
    now = fingerprints(found)
    return [one for one in previous["findings"] if one["fingerprint"] not in now] if previous else []


def differ(before: Iterable[Found], after: Iterable[Found]) -> bool:
    """Return whether findings were added or resolved."""
    return fingerprints(before) != fingerprints(after)


def fingerprints(found: Iterable[Found]) -> set[str]:
    """Return the fingerprints of findings."""
    return {one["fingerprint"] for one in found}


def failing(found: Iterable[Finding], fail_on: str) -> list[str]:
    """Return the fingerprints of the findings that make a check fail: not accepted, and severe enough.

    Args:
        found: The findings.
        fail_on: The least severity that fails, or C(never).
    """
    severe = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else []
    return [one["fingerprint"] for one in found if one["status"] != "accepted" and one["severity"] in severe]


def read_record(text: str | None, path: str) -> Record | None:
    """Return the record of an earlier check from the text of its file, None if there is none.

    Raises:
        FileError: The file is something else, which must not be overwritten.
    """
    if text is None:
        return None
    record = _parsed(text)
    ours = isinstance(record, Mapping) and record.get("version") == VERSION and isinstance(record.get("generated"), str)
    if not ours or not all(_are_findings(record.get(key)) for key in ("findings", "resolved")):
        raise FileError(
            f"{path} was not written by this module", where="report", remedy="remove it, or choose another file"
        )
    # The parts that are used were checked above.
    return cast(Record, dict(record))


def read_baseline(text: str | None, path: str) -> set[str]:
    """Return the fingerprints in a baseline, which is a list of them or the record of an earlier check.

    Raises:
        FileError: The file is neither.
    """
    if text is None:
        return set()
    found = _parsed(text)
    if isinstance(found, Mapping) and _are_findings(found.get("findings")):
        return fingerprints(found["findings"])
    if isinstance(found, list) and all(isinstance(item, str) for item in found):
        return set(found)
    raise FileError(
        f"{path} is neither a JSON list of fingerprints nor a report written by this module",
        where="baseline",
        remedy="correct the path, or copy the report of an earlier check there",
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _are_findings(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, Mapping) and _is_finding(one) for one in found)


def _is_finding(one: Mapping[str, Any]) -> bool:
    return (
        all(isinstance(one.get(key), str) for key in _TEXTS)
        and one["severity"] in SEVERITIES
        and one["about"] in KINDS
        and isinstance(one.get("details"), Mapping)
        and one["status"] in STATUSES
    )


def _identity(about: str, item: Thing) -> str:
    return certificate_id(item) if about == "certificate" else str(item["uuid"])


def _finding(rule: Rule, item: Thing) -> Found:
    identity = _identity(rule.about, item)
    return {
        "rule": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "about": rule.about,
        "object": identity,
        "reason": rule.reason_for(item),
        "fingerprint": fingerprint(rule.id, rule.about, identity),
        "details": {key: item.get(key) for key in _DETAILS[rule.about]},
    }
