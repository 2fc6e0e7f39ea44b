# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markdown reports of a plan for a desired-state file, and of a gate. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import GateResult
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.plan import ShownEnrolment, ShownRemoval
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.markdown import escaped, table

_ENROLMENT_HEADER = ("Name", "Profile template", "Action", "Status", "Request", "Problem")
_REMOVAL_HEADER = ("Target", "Profile template", "Status", "Action", "Request", "Revocation", "Problem")
_GATE_HEADER = ("Name", "Profile template", "Type", "Status", "Outcome", "Request", "Problem")
_HEADLINES = {"reached": "All reached", "waiting": "Still waiting", "rejected": "Rejected"}


class PlanToShow(TypedDict):
    """The part of the result of mimcm_enrolments that the report shows."""

    enrolments: list[ShownEnrolment]
    removed: list[ShownRemoval]
    summary: dict[str, int]


def plan_markdown(result: PlanToShow, scope: str, check_mode: bool) -> str:
    """Return a report in Markdown of the changes that mimcm_enrolments made, or would make.

    Args:
        result: The result of the module.
        scope: The name of the desired-state file.
        check_mode: Whether the module ran in check mode.
    """
    lines = [f"## {'Plan' if check_mode else 'Apply'}: {escaped(scope)}", "", _sentences(result, check_mode), ""]
    lines += table(
        _ENROLMENT_HEADER,
        (
            (e["name"], e["profile_template"], e["action"], e["status"], e["request_id"], e["problem"])
            for e in result["enrolments"]
        ),
    )
    return "\n".join([*lines, *_removed_lines(result["removed"])])


def _sentences(result: PlanToShow, check_mode: bool) -> str:
    counts = result["summary"]
    would, nothing = ("would be ", "Nothing would change") if check_mode else ("", "Nothing was changed")
    done = {"create": "created", "cancel": "canceled", "revoke": "revoked"}
    changes = [f"{counts[action]} {would}{word}" for action, word in done.items() if counts[action]]
    there = Counter(item["outcome"] for item in result["enrolments"] if item["action"] == "none")
    standing = [f"{there[name]} {name}" for name in ("open", "completed", "rejected") if there[name]]
    found = [f"{', '.join(changes) or nothing}."]
    if standing:
        found.append(f"Already requested: {', '.join(standing)}.")
    if counts["failed"]:
        found.append(f"{counts['failed']} {'would fail' if check_mode else 'failed'}.")
    if counts["report"]:
        found.append(
            f"{counts['report']} {'requests' if counts['report'] > 1 else 'request'} of removed people left unchanged."
        )
    return " ".join(found)


def _removed_lines(removed: Iterable[ShownRemoval]) -> list[str]:
    rows = table(
        _REMOVAL_HEADER,
        (
            (
                *(item["target"], item["profile_template_uuid"], item["status"], item["action"]),
                *(item["request_id"], item["revocation_id"], item["problem"]),
            )
            for item in removed
            if item["action"] != "none"
        ),
    )
    return ["### Removed", "", *rows] if rows else []


def gate_markdown(result: GateResult) -> str:
    """Return the verdict of a gate in Markdown."""
    counts = result["counts"]
    numbers = ", ".join(f"{count} {name}" for name, count in counts.items() if name != "total" and count)
    lines = [
        f"## {_HEADLINES[result['verdict']]}",
        "",
        f"{counts['total']} request{'' if counts['total'] == 1 else 's'}{': ' if numbers else ''}{numbers}. "
        f"Exit code {result['exit_code']}.",
        "",
    ]
    lines += table(
        _GATE_HEADER,
        (
            (
                *(item["name"] or item["target"], item["profile_template"], item["request_type"], item["status"]),
                *(item["outcome"], item["request_id"], item["problem"]),
            )
            for item in result["requests"]
        ),
    )
    return "\n".join([*lines, *_removed_lines(result["removed"])])
