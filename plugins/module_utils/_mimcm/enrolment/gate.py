# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a pipeline is told: the plan in Markdown, and whether it may go on, in numbers, words and Markdown. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import ask_again
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.markdown import escaped, table

Item = dict[str, Any]

_ENROLMENT_HEADER = ("Name", "Profile template", "Action", "Status", "Request", "Problem")
_REMOVAL_HEADER = ("Target", "Profile template", "Status", "Action", "Request", "Revocation", "Problem")
_GATE_HEADER = ("Name", "Profile template", "Type", "Status", "Outcome", "Request", "Problem")
_HEADLINES = {"reached": "All reached", "waiting": "Still waiting", "rejected": "Rejected"}
# What the outcomes of requests are called; the first that any has decides.
_OUTCOMES = {"rejected": "rejected", "missing": "rejected", "failed": "rejected", "waiting": "waiting"}


def plan_markdown(result: Mapping[str, Any], scope: str, check_mode: bool) -> str:
    """Return what a run of mimcm_enrolments does, or would do, in Markdown.

    Args:
        result: What the module returns.
        scope: Which file it is.
        check_mode: Whether it only would.
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


def _sentences(result: Mapping[str, Any], check_mode: bool) -> str:
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
        found.append(f"Of people who were removed, {counts['report']} are left as they are.")
    return " ".join(found)


def _removed_lines(removed: Iterable[Mapping[str, Any]]) -> list[str]:
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


def gate(
    looked: Mapping[str, Any], plan: Mapping[str, Any], exit_code_waiting: int, exit_code_rejected: int
) -> dict[str, Any]:
    """Return whether a pipeline may go on.

    Args:
        looked: What mimcm_request_wait returned.
        plan: What mimcm_enrolments returned, empty for nothing.
        exit_code_waiting: The exit code while requests wait.
        exit_code_rejected: The exit code when one was rejected.
    """
    requests = [*_looked_at(looked, plan), *_without_request(plan)]
    outcomes = [_OUTCOMES.get(item["outcome"], "reached") for item in requests]
    verdict = next((name for name in ("rejected", "waiting") if name in outcomes), "reached")
    counted = Counter(item["outcome"] for item in requests)
    counts = {name: counted[name] for name in ("reached", "waiting", "rejected", "missing", "failed")}
    exit_codes = {"reached": 0, "waiting": exit_code_waiting, "rejected": exit_code_rejected}
    result = {
        "verdict": verdict,
        "exit_code": exit_codes[verdict],
        "counts": {"total": len(requests), **counts},
        "requests": requests,
        "removed": [item for item in plan.get("removed", []) if item["action"] != "none"],
    }
    return {"result": result, "markdown": _gate_markdown(result)}


def _looked_at(looked: Mapping[str, Any], plan: Mapping[str, Any]) -> list[Item]:
    """Return each request that was looked at, with what the plan knows of it, in the plan's order."""
    known = {item["uuid"]: item for item in looked["requests"]}
    problems = looked["problems"]
    enrolments = {item["request_id"]: item for item in plan.get("enrolments", []) if item["request_id"]}
    groups = {"reached": "reached", "rejected": "rejected", "timed_out": "waiting", "missing": "missing"}
    outcomes = {request_id: outcome for group, outcome in groups.items() for request_id in looked[group]}
    order = dict.fromkeys([*enrolments, *plan.get("request_ids", []), *outcomes])
    found = []
    for request_id in order:
        if request_id not in outcomes:
            continue
        request, enrolment = known.get(request_id, {}), enrolments.get(request_id, {})
        status, problem = request.get("status"), problems.get(request_id)
        if enrolment and outcomes[request_id] == "rejected":
            problem = ask_again(request_id, status, enrolment["name"], enrolment["generation"])
        found.append(
            {
                "request_id": request_id,
                "name": enrolment.get("name"),
                "target": enrolment.get("target") or request.get("target_user_uuid"),
                "profile_template": enrolment.get("profile_template") or request.get("profile_template_uuid"),
                "request_type": request.get("request_type"),
                "comment": request.get("comment"),
                "status": status,
                "outcome": outcomes[request_id],
                "problem": problem,
            }
        )
    return found


def _without_request(plan: Mapping[str, Any]) -> list[Item]:
    """Return what the plan says of those who have no request yet."""
    return [
        {
            "request_id": None,
            "name": item["name"],
            "target": item["target"],
            "profile_template": item["profile_template"],
            "request_type": "Enroll",
            "comment": None,
            "status": None,
            "outcome": "failed" if item["outcome"] == "failed" else "waiting",
            "problem": item["problem"] or "It has not been requested yet; run the apply step.",
        }
        for item in plan.get("enrolments", [])
        if not item["request_id"]
    ]


def _gate_markdown(result: Mapping[str, Any]) -> str:
    counts = result["counts"]
    numbers = ", ".join(f"{counts[name]} {name}" for name in counts if name != "total" and counts[name])
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
