# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a compliance check: gather objects, evaluate rules, compare with the previous check, and count."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance import findings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.findings import (
    AppliedRule,
    Finding,
    Record,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.gather import (
    data_check,
    gather,
    kinds_for,
    rules_for,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import Rule
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.summary import summary
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import (
    UnreadableObject,
    unread_times,
    with_ages,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import some

_NAMED = 10


def check(
    client: Client,
    rules: Sequence[Rule],
    certificates: str,
    previous: Record | None,
    accepted: set[str],
    now: datetime.datetime,
) -> tuple[Record, list[str]]:
    """Return the record of a check, and warnings.

    If only the time differs, it is the record of the previous check.

    Args:
        client: The API.
        rules: The enabled rules.
        certificates: C(all) or C(own); see L(gather).
        previous: The record of the previous check, None for none.
        accepted: The fingerprints that the baseline accepts.
        now: The time.

    Raises:
        MimcmError: An object could not be read, or a rule cannot be evaluated.
    """
    gathered = gather(client, kinds_for(rules, certificates), certificates, rules_for(rules, certificates))
    lacks_data = data_check(client) if any(rule.asks_for_data for rule in rules) else lambda request: False
    world = with_ages(gathered, now, lacks_data)
    generated = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = findings.compared(findings.evaluate(rules, world), previous, accepted, generated)
    resolved = findings.resolved(found, previous)
    record: Record = {
        "version": findings.VERSION,
        "generated": generated,
        "previous_generated": previous["generated"] if previous else None,
        "server": client.base,
        "findings": found,
        "resolved": resolved,
        "rules": [_applied(rule, found) for rule in rules],
        "summary": summary(world, found, resolved, now),
        "unreadable": gathered["unreadable"],
    }
    return findings.settled(record, previous), unread_times(world)


def lines(found: Sequence[Finding]) -> str:
    """Return findings as the text of a diff, one line each."""
    texts = [f"{one['severity']} {one['rule']} {one['about']} {one['object']}: {one['reason']}\n" for one in found]
    return "".join(texts)


def failure(found: Sequence[Finding], failing: Sequence[str], fail_on: str) -> MimcmError:
    """Return the error of a check that fails, naming some of the findings that make it fail.

    Args:
        found: All findings.
        failing: The fingerprints of the findings that make the check fail.
        fail_on: The least severity that fails.
    """
    chosen = set(failing)
    named = [f"{one['rule']} for {one['about']} {one['object']}" for one in found if one["fingerprint"] in chosen]
    many = f"{len(named)} findings of severity {fail_on} or above are" if len(named) > 1 else "A finding is"
    return MimcmError(
        f"{many} not accepted",
        reason=some(named, len(named), _NAMED),
        remedy="fix what `findings` in the result reports, or accept it in the baseline",
    )


def incomplete(unreadable: Sequence[UnreadableObject]) -> MimcmError:
    """Return the error of a check that could not read everything."""
    named = [f"{one['about']} {one['object']}" for one in unreadable]
    return MimcmError(
        f"The check is incomplete, because {len(named)} {'objects' if len(named) > 1 else 'object'} could not be read",
        reason=some(named, len(named), _NAMED),
        remedy="`unreadable` in the result says why; correct that, or set on_unreadable: report",
    )


def _applied(rule: Rule, found: Sequence[Finding]) -> AppliedRule:
    return {
        "rule": rule.id,
        "title": rule.title,
        "severity": rule.severity,
        "about": rule.about,
        "findings": sum(one["rule"] == rule.id for one in found),
    }
