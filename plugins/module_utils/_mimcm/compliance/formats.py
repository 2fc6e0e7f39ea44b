# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A compliance check as files for machines: JSON, JUnit, SARIF and CSV. No I/O, and no clock."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.findings import Finding, Record

# What XML cannot hold, however it is written.
_NOT_XML = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_BASELINE = {"new": "new", "known": "unchanged", "accepted": "unchanged"}
_COLUMNS = ("severity", "rule", "title", "about", "object", "status", "reason", "first_seen", "fingerprint")
# What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(record: Record) -> str:
    """Return the record of a check: the next one compares with it, and other programs read it."""
    # In its own order, so that what is made of it comes out the same when it was read from the file.
    return json.dumps(record, indent=2, ensure_ascii=False, default=str) + "\n"


def as_junit(record: Record) -> str:
    """Return a test suite with a case for each rule and object: findings are failures, accepted ones are skipped.

    A rule that finds nothing is one case that passes.
    """
    found: dict[str, list[Finding]] = {rule["rule"]: [] for rule in record["rules"]}
    for one in record["findings"]:
        found[one["rule"]].append(one)
    cases = [case for rule in record["rules"] for case in _cases(rule, found[rule["rule"]])]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
        "errors": 0,
    }
    attributes = {name: str(value) for name, value in counts.items()}
    suites = ElementTree.Element("testsuites", {"name": "MIM CM compliance", **attributes})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _xml(record["server"]), **attributes})
    suite.extend(cases)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _cases(rule: Mapping[str, Any], found: list[Finding]) -> list[ElementTree.Element]:
    group = f"mimcm.{rule['rule']}"
    if not found:
        return [ElementTree.Element("testcase", {"classname": group, "name": _xml(rule["title"]), "time": "0"})]
    cases = []
    for one in found:
        name = f"{one['about']} {one['object']}"
        case = ElementTree.Element("testcase", {"classname": group, "name": _xml(name), "time": "0"})
        reason = _xml(one["reason"])
        if one["status"] == "accepted":
            ElementTree.SubElement(case, "skipped", {"message": f"accepted by the baseline: {reason}"})
        else:
            failure = ElementTree.SubElement(case, "failure", {"type": one["severity"], "message": reason})
            failure.text = _xml(f"{rule['title']}\n{one['about']} {one['object']}\n{one['fingerprint']}")
        cases.append(case)
    return cases


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", str(text))


def as_sarif(record: Record) -> str:
    """Return the findings in SARIF 2.1.0. What the check before found and is gone has the state C(absent)."""
    index = {rule["rule"]: position for position, rule in enumerate(record["rules"])}
    results = [_result(one, index, _BASELINE[one["status"]]) for one in record["findings"]]
    results += [_result(one, index, "absent") for one in record["resolved"]]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "certops.mimcm",
                        "informationUri": "https://github.com/certops/certops.mimcm",
                        "rules": [_sarif_rule(rule) for rule in record["rules"]],
                    }
                },
                "automationDetails": {"id": "mimcm-compliance/"},
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": rule["rule"],
        "shortDescription": {"text": rule["title"]},
        "defaultConfiguration": {"level": _LEVELS[rule["severity"]]},
        "properties": {"severity": rule["severity"], "about": rule["about"]},
    }


def _result(one: Finding, index: Mapping[str, int], baseline: str) -> dict[str, Any]:
    place = quote(f"{one['about']}s/{one['object']}")
    result = {
        "ruleId": one["rule"],
        # A rule may be gone with its findings.
        "ruleIndex": index.get(one["rule"], -1),
        "level": _LEVELS[one["severity"]],
        "message": {"text": f"{one['about']} {one['object']}: {one['reason']}"},
        "locations": [
            {
                # Who shows results beside files wants one.
                "physicalLocation": {"artifactLocation": {"uri": place}, "region": {"startLine": 1}},
                "logicalLocations": [{"name": one["object"], "fullyQualifiedName": place, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"mimcmFinding/v1": one["fingerprint"]},
        "baselineState": baseline,
        "properties": {"severity": one["severity"], "firstSeen": one["first_seen"]},
    }
    if one["status"] == "accepted":
        result["suppressions"] = [{"kind": "external", "justification": "accepted by the baseline"}]
    return result


def as_csv(record: Record) -> str:
    """Return the findings as a table, one row each, that no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    findings: Iterable[Mapping[str, Any]] = record["findings"]
    writer.writerows([_cell(one[column]) for column in _COLUMNS] for one in findings)
    return text.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


FORMATS: dict[str, Callable[[Record], str]] = {
    "report": as_json,
    "junit": as_junit,
    "sarif": as_sarif,
    "csv": as_csv,
}
"""What makes a file's text of a record, by the option that names the file."""
