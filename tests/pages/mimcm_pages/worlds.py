# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of mimcm_compliance, made up: nothing found, a few things, thousands, and texts that try to break out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

Result = dict[str, Any]
Finding = dict[str, Any]

SEVERITIES = ["critical", "high", "medium", "low", "info"]
RULES = [
    ("smartcard-without-request", "Smart cards in use without a completed request", "critical", "smartcard"),
    ("certificate-expired", "Certificates that have expired", "high", "certificate"),
    ("pending-too-long", "Requests that wait too long for an approver", "medium", "request"),
    ("approved-not-executed", "Approved requests that nobody executes", "medium", "request"),
    ("executing-too-long", "Requests that are being executed for too long", "medium", "request"),
    ("smartcard-disabled-assigned", "Disabled smart cards that still belong to somebody", "medium", "smartcard"),
    ("certificate-expires-soon", "Certificates that expire soon", "medium", "certificate"),
    ("failed-or-denied", "Requests that failed or were denied lately", "low", "request"),
    ("missing-data-collection", "Open requests that lack data", "low", "request"),
    ("unknown-profile-status", "Profiles with a status that this collection does not know", "low", "profile"),
    ("enrollment-agent-needed", "Open requests that need an enrolment agent", "info", "request"),
]
REASONS = {
    "smartcard-without-request": "No completed request accounts for it, and none is open.",
    "certificate-expired": "It expired at 2026-10-{day:02d}T08:00:00Z.",
    "pending-too-long": "It has waited for an approver since 2026-10-{day:02d}T08:00:00Z; 7 days are allowed.",
    "certificate-expires-soon": "It expires at 2026-12-{day:02d}T08:00:00Z, within 30 days.",
    "failed-or-denied": "It ended as Denied.",
    "approved-not-executed": "It is approved and not executed; 14 days are allowed.",
    "smartcard-disabled-assigned": "It is disabled and still assigned to a user.",
    "missing-data-collection": "Its data collection is not complete.",
    "enrollment-agent-needed": "It can be executed by an enrolment agent only.",
}
GENERATED = "2026-11-25T10:00:00Z"
PREVIOUS = "2026-11-24T10:00:00Z"
SERVER = "https://cm.contoso.com/CertificateManagement/api/v1.0"
MONTHS = ["2026-11", "2026-12", *(f"2027-{month:02d}" for month in range(1, 11))]

# Texts that a server could hold. Each must be shown as it is; none may run, load or break anything.
HOSTILE = [
    "<script>alert('script')</script>",
    '"><img src=x onerror="alert(1)">',
    "'><svg/onload=alert(2)>",
    "</td></tr></table></script></style><script>alert(3)</script>",
    "{{ 7 * 7 }} {% raw %} {{ lookup('env', 'HOME') }} {# gone? #}",
    "--><!-- ]]> &lt;b&gt; &amp;amp; &#60;",
    "one\u2028two\u2029three",
    "left \u202egnp.exe\u202c right \u2066inner\u2069",
    "javascript:alert(4)",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css><base href=http://127.0.0.1:9/>",
    "a" * 400,
    "bell \x07 escape \x1b[31m red",
    "emoji \U0001f512, accents \u00e9\u00fc, \u05e2\u05d1\u05e8\u05d9\u05ea, $HOME `id` \\n",
]


def finding(number: int, rule: int, status: str = "known") -> Finding:
    name, title, severity, about = RULES[rule]
    digest = hashlib.sha256(f"{name} {number}".encode()).hexdigest()
    guid = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    details = {
        "request": {"status": "Pending", "request_type": "Enroll", "target_user_uuid": guid, "completed": None},
        "smartcard": {"status": "Active", "card_id": guid, "assigned_user_uuid": guid},
        "profile": {"status": None, "status_code": 12, "assigned_user_uuid": guid},
        "certificate": {"template_common_name": "ContosoSmartcardLogon", "serial_number": digest[:16].upper()},
    }
    return {
        "rule": name,
        "title": title,
        "severity": severity,
        "about": about,
        "object": digest[:40].upper() if about == "certificate" else guid,
        "reason": REASONS.get(name, "It is as the rule says.").format(day=number % 28 + 1),
        "fingerprint": digest[32:],
        "status": status,
        "first_seen": GENERATED if status == "new" else f"2026-{number % 10 + 1:02d}-{number % 28 + 1:02d}T10:00:00Z",
        "details": details[about],
    }


def counts(pairs: Iterable[tuple[str, int]], key: str = "name") -> list[dict[str, Any]]:
    return [{key: name, "count": count} for name, count in pairs]


def result(
    found: Sequence[Finding], gone: Sequence[Finding], previous: str | None = PREVIOUS, scale: int = 1
) -> Result:
    """What the module returns for these findings, in a world of some size."""
    by_rule, by_severity = Counter(one["rule"] for one in found), Counter(one["severity"] for one in found)
    rank = {severity: position for position, severity in enumerate(SEVERITIES)}
    statuses = [("Pending", 41), ("Approved", 12), ("Executing", 7), ("Completed", 1184), ("Denied", 9), ("Failed", 3)]
    types = [("Enroll", 902), ("Renew", 231), ("Recover", 12), ("Unblock", 64), ("Disable", 31), ("Retire", 16)]
    ages = [("up to 1 day", 18), ("1 to 7 days", 21), ("7 to 30 days", 13), ("30 to 90 days", 6), ("over 90 days", 2)]
    ends = [
        ("expired", 9),
        *zip(MONTHS, [4, 31, 88, 64, 72, 121, 97, 58, 83, 140, 66, 39], strict=True),
        ("later", 212),
    ]
    many = [(name, count * scale) for name, count in statuses]
    return {
        "changed": bool(found),
        "generated": GENERATED,
        "previous_generated": previous,
        "server": SERVER,
        "findings": sorted(found, key=lambda one: rank[one["severity"]]),
        "resolved": list(gone),
        "failing": [],
        "rules": [
            {"rule": name, "title": title, "severity": severity, "about": about, "findings": by_rule[name]}
            for name, title, severity, about in RULES
        ],
        "summary": {
            "requests": {
                "total": sum(count for _name, count in many),
                "by_status": counts(many),
                "by_type": counts(types),
                "ages": counts(ages, "label"),
            },
            "smartcards": {"total": 817, "by_status": counts([("Active", 740), ("Disabled", 19), ("Retired", 58)])},
            "profiles": {"total": 930, "by_status": counts([("Active", 851), ("Retired", 79)])},
            "certificates": {
                "total": 1206,
                "by_template": counts([("ContosoSmartcardLogon", 790), ("ContosoWebServer", 301), ("User", 115)]),
                "expiry": counts([*ends, ("not known", 122)], "label"),
            },
            "findings": {
                "total": len(found),
                "new": sum(one["status"] == "new" for one in found),
                "accepted": sum(one["status"] == "accepted" for one in found),
                "resolved": len(gone),
                "by_severity": counts((severity, by_severity[severity]) for severity in SEVERITIES),
            },
        },
    }


def small() -> Result:
    """A day like any other."""
    chosen = [0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 5, 5, 6, 6, 6, 7, 8, 8, 10]
    status = {1: "new", 4: "new", 12: "new", 10: "accepted", 17: "accepted"}
    found = [finding(number, rule, status.get(number, "known")) for number, rule in enumerate(chosen)]
    return result(found, [finding(900, 2), finding(901, 7)])


def first() -> Result:
    """The first check: everything is new."""
    return result([finding(number, rule, "new") for number, rule in enumerate([0, 1, 2, 10])], [], None)


def empty() -> Result:
    """Nothing is found, and not everything was read."""
    made = result([], [])
    made["changed"] = False
    made["summary"] |= {"smartcards": None, "profiles": None, "certificates": None}
    made["summary"]["requests"]["ages"] = counts([("up to 1 day", 0), ("over 1 day", 0)], "label")
    return made


def large(number: int = 5000) -> Result:
    """A place where nobody has looked for years."""
    status = ["new", "known", "known", "accepted"]
    found = [finding(position, position % len(RULES), status[position % 7 % 4]) for position in range(number)]
    return result(found, [finding(9000 + position, position % len(RULES)) for position in range(300)], scale=40)


def hostile() -> Result:
    """Every text that the server or a policy can choose tries to break out of its place."""
    found = []
    for number, text in enumerate(HOSTILE):
        one = finding(number, number % len(RULES), "new")
        one |= {"title": text, "reason": text, "object": text, "rule": f"rule {text}", "first_seen": text}
        one["details"] = {text: text, "none": None, "list": [text], "number": 7, "truth": True}
        found.append(one)
    made = result(found, [{**one, "reason": "gone"} for one in found])
    made |= {"server": HOSTILE[0], "previous_generated": HOSTILE[1], "generated": HOSTILE[2]}
    made["rules"] = [
        {"rule": one["rule"], "title": one["title"], "severity": "high", "about": "request", "findings": 1}
        for one in found
    ]
    named = counts((text, number + 1) for number, text in enumerate(HOSTILE))
    summary = made["summary"]
    summary["requests"] |= {"by_status": named, "by_type": named}
    summary["requests"]["ages"] = summary["certificates"]["expiry"] = [
        {"label": one["name"], "count": one["count"]} for one in named
    ]
    summary["certificates"]["by_template"] = named
    return made


WORLDS = {"small": small, "first": first, "empty": empty, "large": large, "hostile": hostile}
